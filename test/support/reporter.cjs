// Mocha's spec output, plus the result of each test as JSON in the file MOCHA_RESULTS, which test/run summarizes.
const fs = require('node:fs');
const path = require('node:path');
const mocha = require('mocha');
const { Spec } = (mocha.Mocha ?? mocha.default ?? mocha).reporters;

const root = path.resolve(__dirname, '../..');

module.exports = class RecordingSpec extends Spec {
  constructor(runner, options) {
    super(runner, options);
    const tests = [];
    const durations = {};
    const record = (state) => (test) => {
      // A hook has no file property.
      const at = test.file ?? test.parent?.file;
      const file = at === undefined ? '' : path.relative(root, at);
      tests.push({ file, title: test.titlePath().join(' › '), state });
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
