import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fuzzed, shareOf } from '../bench/fuzz/runTarget.ts';
import { targets } from '../bench/fuzz/targets/index.ts';

/** A moment of `npm run fuzz`, the same at every run. */
const CASES = 500;

describe('What others made up', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'cms-fuzz-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const target of targets) {
    const { name } = target;
    it(`is read or refused, and neither crashes nor hangs: ${name}`, async () => {
      const { faults, cases } = await fuzzed({
        name,
        seed: 'attacks',
        cases: shareOf(target, CASES),
        folder,
      });
      assert.deepEqual(
        faults.map(({ what }) => what),
        [],
      );
      assert.equal(cases, shareOf(target, CASES));
    });
  }
});
