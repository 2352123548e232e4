// Builds every bundle of the product.
// `node esbuild.js [--watch] [--production] [--out <folder>] [--inputs <file>]`
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const out = path.resolve(option('--out') ?? path.join(__dirname, 'dist'));
/** Where to list, by bundle, the files that went in: what the notices about other people's work are made of. */
const inputsFile = option('--inputs');

const PART = /part-[\w-]+\.js(\.map)?$/;
const KEEP_PARTS_MS = 24 * 60 * 60 * 1000;

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

/** What Node loads, now or later. What several need is in parts (`part-….js`) that stand beside them. */
const bundles = {
  // What `cli` loads for a command.
  commands: 'src/cli/main.ts',
  // What `cms-enablement mcp` loads, so that no other command does.
  mcp: 'src/cli/mcp/protocol.ts',
  sandbox: 'src/sandbox/main.ts',
  // What runs a function that was deployed in the sandbox, with the SDK that AWS's runtime brings.
  lambda: 'src/sandbox/services/lambda/runtime/main.ts',
  device: 'src/device/process/main.ts',
  // What the extension loads at the first action, so that activation stays light.
  backend: 'src/editor/backend.ts',
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  external: ['vscode'],
  // Its other form, for Node, requires its parts in a way that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: production ? false : 'linked',
  minify: production,
  // Letters beyond ASCII in comments of libraries would make Node read the whole file as UTF-16: slower, in twice the memory.
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  outdir: out,
  metafile: true,
};

/**
 * What an editor loads when it starts: little, and as one file and what it shares with `later`, because each more takes
 * time.
 * @type {import('esbuild').BuildOptions}
 */
const extension = { ...common, entryPoints: { extension: 'src/extension.ts' } };

/** The commands stay in their bundle. */
const besideCommands = {
  name: 'beside-commands',
  setup(build) {
    build.onResolve({ filter: /\/cli\/main\.ts$/ }, () => ({ path: './commands.js', external: true }));
  },
};

/**
 * The command line: its version and its help, and the way to its commands.
 * @type {import('esbuild').BuildOptions}
 */
const commandLine = {
  ...common,
  entryPoints: { cli: 'src/cli.ts' },
  plugins: [besideCommands],
  // The bundle of the commands is required, as this one is.
  supported: { 'dynamic-import': false },
};

/**
 * The pages of the fleet map and of the charts, which run in a browser.
 * @type {import('esbuild').BuildOptions}
 */
const pages = {
  ...common,
  entryPoints: [
    { in: 'src/webview/main.ts', out: 'map/map' },
    { in: 'src/webview/map.css', out: 'map/map' },
    { in: 'src/webview/chart/main.ts', out: 'chart/chart' },
    { in: 'src/webview/chart/chart.css', out: 'chart/chart' },
  ],
  platform: 'browser',
  // Of the oldest editor the extension runs in.
  target: 'chrome132',
  format: 'iife',
  loader: { '.svg': 'dataurl' },
};

/**
 * The function of just-in-time registration: AWS Lambda runs it, and brings the SDK. It goes into a template, which has
 * room for little.
 * @type {import('esbuild').BuildOptions}
 */
const registrations = {
  ...common,
  entryPoints: { registrations: 'src/provisioning/ca/function/handler.ts' },
  external: ['@aws-sdk/*'],
  sourcemap: false,
  minify: true,
};

/** What that page fetches: its renderer's worker, and the world. */
async function writeMapFiles() {
  const worker = path.join(__dirname, 'node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs');
  writeWhole(path.join(out, 'map/maplibre-gl-worker.mjs'), fs.readFileSync(worker));
  const { basemap } = await import('./tools/basemap.mjs');
  writeWhole(path.join(out, 'map/basemap.json'), basemap());
}

/** Whose work those files are. */
const mapFileInputs = {
  'map/maplibre-gl-worker.mjs': ['node_modules/maplibre-gl/package.json'],
  'map/basemap.json': ['node_modules/world-atlas/package.json'],
};

/** Renamed into place, so that a process starting meanwhile never reads half a file. */
function writeWhole(file, contents, mode = 0o644) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, contents, { mode });
  fs.renameSync(temporary, file);
}

/** The native MQTT library is one file per platform; only this machine's is needed beside the bundle. */
function copyNativeMqtt() {
  const folders = path.join(__dirname, 'node_modules/aws-crt/dist/bin');
  for (const name of fs.readdirSync(folders)) {
    if (!name.startsWith(`${process.platform}-${process.arch}-`)) continue;
    const library = fs.readFileSync(path.join(folders, name, 'aws-crt-nodejs.node'));
    writeWhole(path.join(out, 'bin', name, 'aws-crt-nodejs.node'), library, 0o755);
  }
}

/** Completion and checks for fleet files in editors, from the schemas the work itself uses. */
function writeFleetSchema() {
  const { GENERATIONS, manifestJsonSchema } = require(path.join(out, 'backend.js'));
  const schema = manifestJsonSchema(GENERATIONS.flatMap(({ onboarding }) => onboarding ?? []));
  writeWhole(path.join(out, 'fleet.schema.json'), JSON.stringify(schema, null, 2));
}

/**
 * An editor puts agents of its own in the place of those that extensions give to HTTP, which know neither the roots nor
 * the proxies that are named for AWS, and hand on what a proxy answers as if AWS had. It keeps what was there before.
 */
const ownWayOut = {
  name: 'own-way-out',
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path: name }) => ({
      path: name.replace('node:', ''),
      namespace: 'of-node',
    }));
    build.onLoad({ filter: /.*/, namespace: 'of-node' }, ({ path: name }) => ({
      contents: `const found = process.getBuiltinModule(${JSON.stringify(name)});
module.exports = found.__vscodeOriginal ?? found;`,
    }));
  },
};

/** For `--watch`. */
const writeBuilt = {
  name: 'write-built',
  setup(build) {
    build.onEnd((built) => (built.errors.length > 0 ? undefined : write(built)));
  },
};

/** For `--watch`: one line each time; what is wrong with the code esbuild says itself. */
const sayBuilt = {
  name: 'say-built',
  setup(build) {
    build.onEnd(({ errors }) => {
      const what = build.initialOptions.outfile ? path.basename(build.initialOptions.outfile) : 'bundles';
      console.log(
        `${new Date().toTimeString().slice(0, 8)} ${what} ${errors.length > 0 ? 'have errors' : 'built'}`,
      );
    });
  },
};

/** esbuild escapes letters beyond ASCII in strings, but not in regular expressions. */
function inAscii(script) {
  return script.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Builds, writes, and tells which files went into which bundle. */
async function buildWhole(options) {
  const built = await esbuild.build({ ...options, write: false });
  await write(built);
  return inputsOf(built.metafile);
}

/** @param {import('esbuild').BuildResult} built */
async function write({ outputFiles, metafile }) {
  const { toCommonJs } = await import('./tools/parts.mjs');
  const isSplit = outputFiles.some(({ path: file }) => PART.test(file));
  for (const { path: file, contents, text } of isSplit
    ? await toCommonJs(outputFiles, metafile)
    : outputFiles) {
    const written = file.endsWith('.js') ? inAscii(text) : (contents ?? text);
    writeWhole(file, written, file.endsWith('cli.js') ? 0o755 : 0o644);
  }
}

function inputsOf(metafile) {
  return Object.fromEntries(
    Object.entries(metafile.outputs).map(([file, { inputs }]) => [
      path.relative(out, path.resolve(__dirname, file)),
      Object.keys(inputs),
    ]),
  );
}

/** Parts of earlier builds are kept for a while: a program that runs may load one late. */
function removeOldParts(madeBy) {
  for (const name of fs.readdirSync(out)) {
    const file = path.join(out, name);
    if (PART.test(name) && fs.statSync(file).mtimeMs < madeBy - KEEP_PARTS_MS)
      fs.rmSync(file, { force: true });
  }
}

async function main() {
  const { inParts } = await import('./tools/parts.mjs');
  const { withLater } = await import('./tools/later.mjs');
  copyNativeMqtt();
  await writeMapFiles();
  const builds = [
    inParts({ ...common, entryPoints: bundles, plugins: [ownWayOut] }),
    inParts(withLater(extension), []),
    commandLine,
    pages,
    registrations,
  ];
  if (watch) {
    for (const options of builds) {
      const context = await esbuild.context({
        ...options,
        write: false,
        plugins: [...(options.plugins ?? []), writeBuilt, sayBuilt],
      });
      // Once before, so that what is made from the bundles is there; a mistake in the code is no reason to end.
      await context.rebuild().then(writeFleetSchema, () => undefined);
      await context.watch();
    }
    console.log('watching');
    return;
  }
  const inputs = Object.assign(mapFileInputs, ...(await Promise.all(builds.map(buildWhole))));
  removeOldParts(Date.now());
  writeFleetSchema();
  if (inputsFile !== undefined) writeWhole(path.resolve(inputsFile), JSON.stringify(inputs));
}

/** What is made, in dist/, without `.js`: the bundles, and the scripts of the pages. */
exports.made = [
  'cli',
  ...Object.keys(bundles),
  ...Object.keys(extension.entryPoints),
  'later',
  ...Object.keys(registrations.entryPoints),
  ...pages.entryPoints.filter((entry) => entry.in.endsWith('.ts')).map((entry) => entry.out),
];

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
