// Before the stages that open windows side by side, so that one of them does not wait for what the other installs.
import { installEditor } from '../../../tools/editor/install.ts';

const { version, missing } = installEditor();
console.log(`VS Code server ${version}${missing.length > 0 ? `, not compiled: ${missing.join(', ')}` : ''}`);
process.exitCode = missing.length > 0 ? 1 : 0;
