// Mocha's spec output, plus the result of each test as JSON in the file MOCHA_RESULTS, which test/run summarizes.
const fs = require('node:fs');
const path = require('node:path');
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
    const record = (state) => (test, error) => {
      // A hook has no file property.
      const at = test.file ?? test.parent?.file;
      const file = at === undefined ? '' : path.relative(root, at);
      const why = error === undefined ? {} : { why: reasonOf(error) };
      tests.push({ file, title: test.titlePath().join(' › '), state, ...why });
      durations[file] = (durations[file] ?? 0) + (test.duration ?? 0);
    };
    runner.on('pass', record('passed'));
    runner.on('fail', record('failed'));
    runner.on('pending', record('skipped'));
    runner.once('end', () => {
      if (process.env.MOCHA_RESULTS === undefined) return;
      fs.writeFileSync(process.env.MOCHA_RESULTS, JSON.stringify({ tests, durations }));
    });
  }
};
