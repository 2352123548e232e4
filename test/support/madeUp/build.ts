import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = path.join(import.meta.dirname, '../../..');
const here = JSON.stringify(import.meta.dirname.replaceAll('\\', '/'));

/** The two lines with which docs/architecture.md says that a generation is added. */
const LINES: Readonly<Record<string, [before: string, after: string, line: string]>> = {
  'generations.ts': ['[cdf,', '[madeUp, cdf,', `import { madeUp } from ${here.slice(0, -1)}/generation.ts";`],
  'codecs.ts': [
    '{\n  cdf,',
    `{ 'made-up': madeUp, cdf,`,
    `import { codec as madeUp } from ${here.slice(0, -1)}/codec/codec.ts";`,
  ],
};

const addMadeUp: Plugin = {
  name: 'made-up',
  setup(building) {
    building.onLoad({ filter: /src[\\/]cms[\\/](generations|codecs)\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const [before, after, line] = LINES[path.basename(file)]!;
      if (!text.includes(before)) throw new Error(`${file} has no ${before}`);
      return { contents: `${line}\n${text.replace(before, after)}`, loader: 'ts' };
    });
  },
};

const PROGRAMS = { cli: 'src/cli.ts', device: 'src/device/process/main.ts' };

/** Programs that know one generation more. */
export async function buildWithMadeUp(
  folder: string,
  programs: readonly (keyof typeof PROGRAMS)[] = ['cli', 'device'],
): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: programs.map((out) => ({ in: PROGRAMS[out], out })),
    outdir: folder,
    bundle: true,
    external: ['vscode'],
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    plugins: [addMadeUp],
  });
}
