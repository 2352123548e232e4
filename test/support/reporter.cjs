// Mocha's spec output, plus the counts as JSON in the file MOCHA_COUNTS for the runner to add up:
// `{passes, failures, pending, files: {<file>: {passes, failures}}}`.
const fs = require('node:fs');
const mocha = require('mocha');
const { Spec } = (mocha.Mocha ?? mocha.default ?? mocha).reporters;

module.exports = class CountingSpec extends Spec {
  constructor(runner, options) {
    super(runner, options);
    const files = {};
    const count = (what) => (test) => {
      // A hook has no file of its own.
      const file = test.file ?? test.parent?.file ?? '';
      files[file] ??= { passes: 0, failures: 0 };
      files[file][what] += 1;
    };
    runner.on('retry', (test, error) => console.log(`    ↻ ${test.title}: once more, for ${error.message}`));
    runner.on('pass', count('passes'));
    runner.on('fail', count('failures'));
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      if (process.env.MOCHA_COUNTS) {
        fs.writeFileSync(process.env.MOCHA_COUNTS, JSON.stringify({ passes, failures, pending, files }));
      }
    });
  }
};
