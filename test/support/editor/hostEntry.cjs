// What an extension host loads as its tests: mocha over test/editor, in a browser-hosted editor and in the desktop.
const { readdirSync } = require('node:fs');
const path = require('node:path');

exports.BEGIN = 'The tests begin.';

exports.run = async function run() {
  require('tsx/cjs');
  const loaded = require('mocha');
  const Mocha = loaded.Mocha ?? loaded.default ?? loaded;
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 60_000,
    color: false,
    forbidOnly: true,
    reporter: path.join(__dirname, '../reporter.cjs'),
    ...(process.env.MOCHA_GREP ? { grep: process.env.MOCHA_GREP } : {}),
  });
  const folder = path.join(__dirname, '../../editor');
  // What activation loads can be seen only before anything else was asked for.
  const first = 'activation.test.ts';
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== first);
  const asked = (process.env.CMS_HOST_TESTS ?? '').split(',').filter(Boolean);
  for (const name of [first, ...names.sort()]) {
    if (asked.length === 0 || asked.includes(name)) mocha.addFile(path.join(folder, name));
  }
  // What the editor itself prints before this is of no interest.
  console.log(exports.BEGIN);
  await new Promise((resolve, reject) => {
    mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
};
