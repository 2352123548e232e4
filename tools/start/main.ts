// `npm start`: VS Code in the browser with the built extension and a sample workspace. `npm start -- --port 9000` sets
// the port. Everything that is kept between starts is in .start/, which git ignores.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installEditor } from '../editor/install.ts';
import { freePort } from '../editor/ports.ts';
import { runEditor, runningEditor } from './editor.ts';
import { makeWorkspace } from './workspace.ts';

const root = path.resolve(__dirname, '../..');
const PORT = 8642;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, folder: { type: 'string' } } });
  if (process.platform === 'win32') {
    console.error(
      'The editor in the browser runs on Linux and macOS. Here, open this folder in VS Code and press F5.',
    );
    process.exitCode = 1;
    return;
  }
  const wanted = Number(values.port ?? PORT);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    console.error(`--port must be a port, not ${String(values.port)}.`);
    process.exitCode = 2;
    return;
  }
  const folder = path.resolve(values.folder ?? path.join(root, '.start'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const already = await runningEditor(folder);
  if (already !== undefined) {
    console.log(`The editor runs already:\n\n    ${already}\n`);
    return;
  }
  const workspace = makeWorkspace(root, folder);
  const editor = installEditor();
  if (editor.missing.length > 0) {
    console.error(
      `Without ${editor.missing.join(', ')} the editor has no ${editor.missing.includes('node-pty') ? 'terminal and no ' : ''}Output panel. ` +
        'Install a C++ compiler, make and python3, and start again.',
    );
  }
  const port = await freePort(wanted);
  if (port !== wanted && wanted !== 0) console.log(`Port ${wanted} is in use; taking ${port}.`);

  const running = await runEditor({ root, folder, editor, port, workspace });
  const from = path.relative(process.cwd(), workspace);
  console.log(
    [
      '',
      'VS Code with CMS Enablement runs at',
      '',
      `    ${running.url}`,
      '',
      'Open it in a browser on this computer, and trust the sample workspace when asked: its README says what to try.',
      'The address is a key to this computer: whoever has it can do there what you can.',
      `The workspace is kept in ${from === '' ? '.' : from}. Ctrl-C ends the editor, and a sandbox started in it.`,
    ].join('\n'),
  );
  await interrupted();
  console.log('\nEnding the editor …');
  await running.stop();
}

/** Resolves on Ctrl-C, or when the terminal is closed. A second Ctrl-C ends this process immediately. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      let interruptedOnce = false;
      process.on(signal, () => {
        if (interruptedOnce) process.exit(130);
        interruptedOnce = true;
        resolve();
      });
    }
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
