// Runs test/editor inside the extension host of a real VS Code server, which a headless browser opens.
import { createRequire } from 'node:module';
import path from 'node:path';
import { defined } from '../../../src/core/defined.ts';
import { startEditor } from './editor.ts';

const root = path.resolve(__dirname, '../../..');
const entry = path.join(__dirname, 'hostEntry.cjs');
const { BEGIN } = createRequire(__filename)(entry) as { BEGIN: string };

async function main(): Promise<number> {
  // For the reporter of test/run, which tests run, and what they are to know.
  const { MOCHA_RESULTS, MOCHA_GREP, CMS_HOST_FILE, CMS_COMPANY } = process.env;
  const editor = await startEditor({
    extension: 'none',
    env: {
      // A server inherits little; these are for the tests in it.
      ...defined({ MOCHA_RESULTS, MOCHA_GREP, CMS_HOST_FILE, CMS_COMPANY }),
      // Limits the run to these files, if any are named.
      CMS_HOST_TESTS: process.argv
        .slice(2)
        .map((file) => path.basename(file))
        .join(','),
    },
  });
  let begun = false;
  try {
    return await editor.runTests(await editor.workspace(), {
      extension: root,
      entry,
      print(line) {
        if (begun) console.log(line);
        begun ||= line === BEGIN;
      },
    });
  } finally {
    await editor.stop();
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
