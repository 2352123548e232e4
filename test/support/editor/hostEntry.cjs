// The tests that an extension host loads: runs mocha on test/editor, in a browser-hosted editor or desktop VS Code; or on
// the one file that CMS_HOST_FILE names.
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
  for (const file of filesOfTests()) mocha.addFile(file);
  // The editor's own output before this is not of interest.
  console.log(exports.BEGIN);
  await new Promise((resolve, reject) => {
    mocha.run((failures) => (failures > 0 ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
};

function filesOfTests() {
  const only = process.env.CMS_HOST_FILE;
  if (only) return [only];
  const folder = path.join(__dirname, '../../editor');
  // The modules that activation loads can be checked only before anything else is loaded.
  const first = 'activation.test.ts';
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== first);
  const selected = (process.env.CMS_HOST_TESTS ?? '').split(',').filter(Boolean);
  return [first, ...names.sort()]
    .filter((name) => selected.length === 0 || selected.includes(name))
    .map((name) => path.join(folder, name));
}
