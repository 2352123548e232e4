// Bundles that share their parts. esbuild splits ES modules only, and VS Code and our programs load CommonJS: so each
// file is split first and converted then.
import { transform } from 'esbuild';
import { isBuiltin } from 'node:module';
import path from 'node:path';

const LIBRARY = 'library';
const FIRST_USE = 'library-at-first-use';

/**
 * Libraries that product code imports at the top of its files, but needs only when it calls AWS, signs in or connects:
 * each is loaded when the first of its names is used. A command that needs none starts in a fraction of the time.
 */
const AT_FIRST_USE = [
  '@aws-sdk/client-cloudformation',
  '@aws-sdk/client-cognito-identity-provider',
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-iam',
  '@aws-sdk/client-iot',
  '@aws-sdk/client-s3',
  '@aws-sdk/client-secrets-manager',
  '@aws-sdk/client-ssm',
  '@smithy/shared-ini-file-loader',
  '@smithy/signature-v4',
  'cognito-srp-helper',
  'csv-parse/sync',
  'mqtt',
  'saxes',
  'yauzl',
];
const partOf = (library) => `part-${library.replaceAll(/\W+/g, '-').replace(/^-/, '')}`;

/** @type {import('esbuild').Plugin} */
const libraries = {
  name: 'libraries',
  setup(build) {
    const { absWorkingDir: root = process.cwd() } = build.initialOptions;
    build.onResolve({ filter: /^library:/ }, ({ path: asked }) => ({
      path: asked.slice(LIBRARY.length + 1),
      namespace: LIBRARY,
      pluginData: root,
    }));
    build.onResolve({ filter: /^[^./]/ }, async ({ path: name, kind, importer, resolveDir, pluginData }) => {
      const isOurs = !importer.includes('node_modules');
      if (kind === 'import-statement' && isOurs && AT_FIRST_USE.includes(name)) {
        return { path: name, namespace: FIRST_USE };
      }
      if (kind !== 'dynamic-import' || isBuiltin(name) || pluginData === LIBRARY) return undefined;
      const { errors } = await build.resolve(name, { kind, importer, resolveDir, pluginData: LIBRARY });
      // What is not there is for esbuild to judge: some libraries try others.
      return errors.length > 0 ? undefined : { path: name, namespace: LIBRARY, pluginData: resolveDir };
    });
    build.onResolve({ filter: /^\.\/part-/, namespace: FIRST_USE }, ({ path: part }) => ({
      path: part,
      external: true,
    }));
    build.onLoad({ filter: /.*/, namespace: LIBRARY }, ({ path: name, pluginData: resolveDir }) => ({
      contents: `module.exports = require(${JSON.stringify(name)});`,
      resolveDir,
    }));
    // By its prototype: who imports a module copies what it has itself, and looks up there what it has not.
    build.onLoad({ filter: /.*/, namespace: FIRST_USE }, ({ path: name }) => ({
      contents: `module.exports = Object.create(new Proxy({}, {
  get: (_, key) => (key === '__esModule' ? undefined : require('./${partOf(name)}.js')[key]),
}));`,
    }));
  },
};

/**
 * Options that split bundles into parts, as ES modules.
 * @param {import('esbuild').BuildOptions} options
 * @param {string[]} atFirstUse libraries that get a part of their own
 * @returns {import('esbuild').BuildOptions}
 */
export function inParts(options, atFirstUse = AT_FIRST_USE) {
  return {
    ...options,
    entryPoints: {
      ...options.entryPoints,
      ...Object.fromEntries(atFirstUse.map((name) => [partOf(name), `${LIBRARY}:${name}`])),
    },
    format: 'esm',
    splitting: true,
    // Beside the bundles, so that `__dirname` is the same folder everywhere.
    chunkNames: 'part-[hash]',
    sourcemap: options.sourcemap && 'inline',
    plugins: [...(options.plugins ?? []), libraries],
  };
}

/**
 * Converts what was built with `inParts`.
 * @param {import('esbuild').OutputFile[]} files
 * @param {import('esbuild').Metafile} metafile
 * @returns {Promise<{ path: string, text: string }[]>} scripts in CommonJS, with their source maps
 */
export async function toCommonJs(files, metafile) {
  const written = [];
  const libraries = new Set(
    Object.entries(metafile.outputs)
      .filter(([, { entryPoint }]) => entryPoint?.startsWith(`${LIBRARY}:`))
      .map(([file]) => path.basename(file)),
  );
  for (const { path: file, text } of files) {
    // To ES modules a library in CommonJS is one value without names; to those who require it, it is itself.
    const end = libraries.has(path.basename(file)) ? 'module.exports=module.exports.default;\n' : '';
    const mapped = text.includes('//# sourceMappingURL=data:');
    const { code, map } = await transform(withOneEditor(text), {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      // Parts are required, now or later.
      supported: { 'dynamic-import': false },
      sourcemap: mapped && 'external',
      sourcefile: path.basename(file),
      minifyWhitespace: true,
      legalComments: 'none',
    });
    if (!mapped) written.push({ path: file, text: `${code}${end}` });
    else {
      written.push({ path: file, text: `${code}${end}//# sourceMappingURL=${path.basename(file)}.map\n` });
      written.push({ path: `${file}.map`, text: map });
    }
  }
  refuseRings(written);
  return written;
}

/**
 * The editor's API as it is. Each file that imports it would otherwise get a copy, of hundreds of names: a third of what
 * it takes to load the extension. Of the same length, so that source maps stay right.
 */
function withOneEditor(text) {
  return text.replaceAll(/import\*as ([\w$]+) from"vscode";/g, 'var $1= require("vscode");');
}

/** Parts that need each other would see each other half loaded. */
function refuseRings(files) {
  const needs = new Map(
    files.map(({ path: file, text }) => [
      path.basename(file),
      [...text.matchAll(/(?<!=>__to\w+\(|=> *)require\("\.\/(part-\w+\.js)"\)/g)].map(([, part]) => part),
    ]),
  );
  const done = new Set();
  const visit = (file, above) => {
    if (above.includes(file)) throw new Error(`Parts in a ring: ${[...above, file].join(' → ')}`);
    if (done.has(file)) return;
    for (const part of needs.get(file) ?? []) visit(part, [...above, file]);
    done.add(file);
  };
  for (const file of needs.keys()) visit(file, []);
}
