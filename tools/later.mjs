// The part of the extension that an editor does not load when it starts, but when somebody first does something.
import path from 'node:path';

const ENTRY = 'later';

/**
 * Source files, without `.ts`, that activation and the rows of the tree do not use: each is loaded, with all others,
 * when the first of its names is used. So none of their names may be used at the top of another file.
 */
const LATER = [
  'editor/base/oneStack',
  'editor/base/pickOrType',
  'editor/base/wizard',
  'editor/certificates/agreeToAnother',
  'editor/certificates/bringCa',
  'editor/certificates/caCommands',
  'editor/certificates/caFunctionCommands',
  'editor/certificates/certificateDocument',
  'editor/certificates/factoryCommands',
  'editor/certificates/factoryNames',
  'editor/charts/chartPanel',
  'editor/connections/connectionQuestions',
  'editor/map/chooseTiles',
  'editor/map/drawnRoute',
  'editor/map/mapHtml',
  'editor/map/mapPanel',
  'editor/map/mapRoutes',
  'editor/map/mapSettings',
  'editor/map/mapTiles',
  'editor/map/previewRoute',
  'editor/map/recordingSource',
  'editor/map/reopen',
  'editor/map/routeSource',
  'editor/map/vehicleTracks',
  'editor/map/watchSource',
  'editor/onboarding/fleetResult',
  'editor/onboarding/offboardVehicle',
  'editor/onboarding/onboardFleet',
  'editor/onboarding/onboardWizard',
  'editor/onboarding/sampleAnswers',
  'editor/onboarding/signInQuestions',
  'editor/routes/routeChoice',
  'editor/routes/routeFile',
  'editor/sandbox/administration',
  'editor/sandbox/startProcess',
  'editor/simulations/chartSources',
  'editor/simulations/cloudRunRow',
  'editor/simulations/driveWizard',
  'editor/simulations/recordings',
  'editor/simulations/run',
  'editor/simulations/runWords',
  'editor/simulations/scaleFields',
  'editor/simulations/scaleMaps',
  'editor/simulations/scaleNews',
  'editor/simulations/scaleRun',
  'editor/simulations/scaleRunRow',
  'editor/simulations/startDrive',
  'editor/simulations/startScale',
  'editor/simulations/steerQuestions',
  'editor/simulations/telemetryLog',
  'editor/stacks/passwordQuestion',
  'editor/tree/findVehicle',
  'editor/vehicles/diagnosisReport',
  'editor/vehicles/job',
  'editor/vehicles/troubleCode',
  'editor/vins/fleetWords',
  'network/causes',
  'text/driveSummary',
  'text/history/compareDrives',
  'text/history/exportDrive',
].map((name) => `src/${name}.ts`);

/** @type {import('esbuild').Plugin} */
const firstUse = {
  name: 'later',
  setup(build) {
    const { absWorkingDir: root = process.cwd() } = build.initialOptions;
    const numberOf = (file) => LATER.indexOf(path.relative(root, file).split(path.sep).join('/'));
    const isLater = (file) => numberOf(file) >= 0;
    build.onResolve({ filter: /^later$/ }, () => ({ path: ENTRY, namespace: ENTRY }));
    build.onLoad({ filter: /^later$/, namespace: ENTRY }, () => ({
      contents: LATER.map((file, i) => `export * as m${i} from './${file}';`).join('\n'),
      resolveDir: root,
    }));
    build.onResolve({ filter: /\.ts$/ }, ({ path: asked, importer, resolveDir, namespace }) => {
      const file = path.resolve(resolveDir, asked);
      if (namespace === ENTRY || isLater(importer) || !isLater(file)) return undefined;
      return { path: file, namespace: 'first-use' };
    });
    build.onResolve({ filter: /^\.\/later\.js$/, namespace: 'first-use' }, ({ path: entry }) => ({
      path: entry,
      external: true,
    }));
    // By its prototype: who imports a module copies what it has itself, and looks up there what it has not.
    build.onLoad({ filter: /.*/, namespace: 'first-use' }, ({ path: file }) => ({
      contents: `let found;
module.exports = Object.create(new Proxy({}, {
  get: (_, key) => key === '__esModule' ? undefined : (found ??= require('./${ENTRY}.js').m${numberOf(file)})[key],
}));`,
    }));
  },
};

/**
 * Options for the extension in two bundles, and what both need.
 * @param {import('esbuild').BuildOptions} options
 * @returns {import('esbuild').BuildOptions}
 */
export function withLater(options) {
  return {
    ...options,
    entryPoints: { ...options.entryPoints, [ENTRY]: ENTRY },
    plugins: [...(options.plugins ?? []), firstUse],
  };
}
