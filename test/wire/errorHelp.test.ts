import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { runCli, type CliRun } from '../support/cli.ts';

/** Failures that need no AWS, by the code they end with. */
const FAILURES: Readonly<Record<string, () => Promise<CliRun>>> = {
  PROFILE_UNKNOWN: () => runCli(['stacks', '--profile', 'nobody', '--json']),
  REGION_MISSING: () => runCli(['stacks', '--json']),
  VIN_INVALID: () => runCli(['provision', '--vin', 'too short', '--json']),
};

describe('an error of the command line', () => {
  for (const [code, run] of Object.entries(FAILURES)) {
    it(`leads to the section about ${code}, for machines and for people`, async () => {
      const error = (await run()).objects().at(-1);
      assert.equal(error?.code, code);
      const help = new URL(String(error.help));
      const page = await readFile(new URL(help.pathname, 'file:'), 'utf8');
      assert.ok(page.includes(`\n### ${code}\n`));
      assert.equal(help.hash, `#${code.toLowerCase()}`);
    });
  }

  it('ends with that link when people read it', async () => {
    const { stderr } = await runCli(['stacks', '--profile', 'nobody']);
    assert.match(stderr, /\n\(PROFILE_UNKNOWN\)\nMore: file:\/\/\/.*\/docs\/errors\.md#profile_unknown\n$/);
  });
});
