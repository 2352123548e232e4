// Runs before the parallel stages that open windows, so that they do not wait for each other's installation.
import { installEditor } from '../../../tools/editor/install.ts';

const { version, missing } = installEditor();
console.log(`VS Code server ${version}${missing.length > 0 ? `, not compiled: ${missing.join(', ')}` : ''}`);
process.exitCode = missing.length > 0 ? 1 : 0;
