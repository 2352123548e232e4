import assert from 'node:assert/strict';
import { openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import { healthy } from '../support/cmsOnAwsHealth.ts';
import { dieAtCall, dieInClaim, IN_CLAIM, isChange } from '../support/killing.ts';

/** Points that are tried at the same time. */
const LANES = 2;
/** A rotation has fewer: an endless one is a fault. */
const MOST_POINTS = 50;

describe('A rotation for CMS on AWS that is killed', function () {
  this.timeout(600_000);
  let bench: CmsOnAwsBench;
  before(async () => {
    bench = await openCmsOnAws(70_000);
  });
  after(() => bench.close());

  const args = (vin: string): string[] => ['rotate', '--vin', vin, '--yes'];

  async function working(): Promise<string> {
    const vin = bench.newVin();
    await bench.onboard(vin);
    return vin;
  }

  /** Kills a rotation at each of its points, and lets the next one continue. @returns how many points there were */
  async function everywhere(when: 'before' | 'after', counter: () => (operation: string) => boolean) {
    let points = 0;
    const lane = async (first: number): Promise<void> => {
      const vin = await working();
      for (let at = first; at < MOST_POINTS; at += LANES) {
        const counts = counter();
        let calls = 0;
        const isPoint = (operation: string) => counts(operation) && ++calls === at;
        const where = await dieAtCall(bench, args(vin), { when, isPoint });
        if (where === undefined) return;
        points++;
        await bench.rotate(vin);
        await healthy(bench, vin, `killed ${where}, point ${at}`);
      }
      assert.fail('It never came to its end.');
    };
    await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i + 1)));
    return points;
  }

  it('before any of its calls is continued by the next one', async () => {
    // Before the first change nothing has happened yet, whatever was looked at.
    const fromTheFirstChange = () => {
      let isChanged = false;
      return (operation: string) => (isChanged ||= isChange(operation));
    };
    assert.ok((await everywhere('before', fromTheFirstChange)) > 4);
  });

  it('after any change in AWS, before it learns of it, is continued by the next one', async () => {
    assert.ok((await everywhere('after', () => isChange)) > 0);
  });

  for (const step of Object.keys(IN_CLAIM) as (keyof typeof IN_CLAIM)[]) {
    for (const kind of ['hang', 'swallow'] as const) {
      // A request that is never answered: not done, or done.
      if (kind === 'swallow' && (step === 'connect' || step === 'save')) continue;
      it(`in its claim is continued by the next one: at ${step}, ${kind}`, async () => {
        const vin = await working();
        await dieInClaim(bench, args(vin), { vin, step, kind });
        await bench.rotate(vin);
        await healthy(bench, vin, `${step}, ${kind}`);
      });
    }
  }
});
