// Builds every bundle of the product. `node esbuild.js [--watch] [--production]`
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** One entry per process that runs: a bundle shares nothing with another at run time. */
const bundles = {
  cli: 'src/cli.ts',
  sandbox: 'src/sandbox/main.ts',
  device: 'src/device/main.ts',
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: production ? false : 'linked',
  minify: production,
  legalComments: 'none',
  logLevel: 'warning',
  outdir: 'dist',
};

/** The native MQTT library is one file per platform; only this machine's is needed beside the bundle. */
function copyNativeMqtt() {
  const folders = path.join(__dirname, 'node_modules/aws-crt/dist/bin');
  for (const name of fs.readdirSync(folders)) {
    if (!name.startsWith(`${process.platform}-${process.arch}-`)) continue;
    const to = path.join(__dirname, 'dist/bin', name);
    fs.mkdirSync(to, { recursive: true });
    fs.copyFileSync(path.join(folders, name, 'aws-crt-nodejs.node'), path.join(to, 'aws-crt-nodejs.node'));
  }
}

async function main() {
  if (!watch) fs.rmSync(path.join(__dirname, 'dist'), { recursive: true, force: true });
  copyNativeMqtt();
  const context = await esbuild.context({ ...common, entryPoints: bundles });
  if (watch) {
    await context.watch();
    console.log('watching');
    return;
  }
  await context.rebuild();
  await context.dispose();
  fs.chmodSync(path.join(__dirname, 'dist/cli.js'), 0o755);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
