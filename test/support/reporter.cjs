// Mocha's spec output, plus the counts as JSON in the file MOCHA_COUNTS for the runner to add up.
const fs = require('node:fs');
const mocha = require('mocha');
const { Spec } = (mocha.Mocha ?? mocha.default ?? mocha).reporters;

module.exports = class CountingSpec extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on('retry', (test, error) => console.log(`    ↻ ${test.title}: once more, for ${error.message}`));
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      if (process.env.MOCHA_COUNTS) {
        fs.writeFileSync(process.env.MOCHA_COUNTS, JSON.stringify({ passes, failures, pending }));
      }
    });
  }
};
