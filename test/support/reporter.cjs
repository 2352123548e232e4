// Mocha's spec output, plus the result of each test: as JSON in the file MOCHA_RESULTS, or to who asked for it. test/run
// summarizes them.
const fs = require('node:fs');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const mocha = require('mocha');
const { Spec } = (mocha.Mocha ?? mocha.default ?? mocha).reporters;

const root = path.resolve(__dirname, '../..');

/** The message, cut to a few lines, and the first place of this repository in the stack. */
function reasonOf(error) {
  const message = String(error?.message ?? error)
    .split('\n')
    .slice(0, 12)
    .join('\n')
    .slice(0, 1000);
  const place = String(error?.stack ?? '')
    .split('\n')
    .find((line) => line.includes(`${path.sep}test${path.sep}`) && /^\s+at /.test(line));
  return place === undefined ? message : `${message}\n${place.trim().replace(root + path.sep, '')}`;
}

module.exports = class RecordingSpec extends Spec {
  constructor(runner, options) {
    super(runner, options);
    const tests = [];
    const durations = {};
    let since = performance.now();
    const spend = (file) => {
      const now = performance.now();
      durations[file] = (durations[file] ?? 0) + now - since;
      since = now;
    };
    const fileOf = (test) => {
      // A hook has no file property.
      const at = test.file ?? test.parent?.file;
      return at === undefined ? '' : path.relative(root, at);
    };
    const record = (state) => (test, error) => {
      const file = fileOf(test);
      const why = error === undefined ? {} : { why: reasonOf(error) };
      tests.push({ file, title: test.titlePath().join(' › '), state, ...why });
      spend(file);
    };
    runner.on('pass', record('passed'));
    runner.on('fail', record('failed'));
    runner.on('pending', record('skipped'));
    // The time of hooks counts, too.
    runner.on('suite end', (suite) => {
      if (suite.file) spend(path.relative(root, suite.file));
    });
    runner.once('end', () => {
      options.reporterOptions?.onResults?.({ tests, durations });
      if (process.env.MOCHA_RESULTS === undefined) return;
      fs.writeFileSync(process.env.MOCHA_RESULTS, JSON.stringify({ tests, durations }));
    });
  }
};
