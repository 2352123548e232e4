import assert from 'node:assert/strict';
import { openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import { healthy, leftBehind } from '../support/cmsOnAwsHealth.ts';
import { dieAtCall, dieInClaim, IN_CLAIM, isChange, nameOf } from '../support/killing.ts';

/** Runs at the same time. */
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

  /**
   * Kills rotations, each where what it leaves behind differs from all before, until one comes to its end without such a
   * point. The next run continues each. @returns the points, in words
   */
  async function everywhere(
    when: 'before' | 'after',
    isCandidate: (operation: string) => boolean,
  ): Promise<string[]> {
    const seen = new Set<string>();
    const points: string[] = [];
    const lane = async (): Promise<void> => {
      while (points.length < MOST_POINTS) {
        const vehicle = await bench.working();
        const { vin } = vehicle;
        // Before the first change nothing has happened yet, whatever was looked at.
        if (when === 'before') seen.add(await leftBehind(bench, vehicle));
        const isPoint = async (operation: string): Promise<boolean> => {
          if (!isCandidate(operation)) return false;
          const leaves = await leftBehind(bench, vehicle);
          const point = when === 'before' ? leaves : `${nameOf(operation)} ${leaves}`;
          if (seen.has(point)) return false;
          seen.add(point);
          return true;
        };
        const where = await dieAtCall(bench, args(vin), { when, isPoint });
        if (where === undefined) {
          await healthy(bench, vin, 'never killed');
          return;
        }
        points.push(where);
        await bench.rotate(vin);
        await healthy(bench, vin, `killed ${where}, point ${points.length}`);
      }
      assert.fail(`It never came to its end: ${points.join(', ')}`);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return points;
  }

  it('with each state that it can leave behind between two calls is continued by the next one', async () => {
    const points = await everywhere('before', () => true);
    assert.ok(points.length > 2, points.join(', '));
  });

  it('after any change in AWS, before it learns of it, is continued by the next one', async () => {
    const points = await everywhere('after', isChange);
    assert.ok(points.length > 0);
  });

  for (const step of Object.keys(IN_CLAIM) as (keyof typeof IN_CLAIM)[]) {
    for (const kind of ['hang', 'swallow'] as const) {
      // A request that is never answered: not done, or done.
      if (kind === 'swallow' && (step === 'connect' || step === 'save')) continue;
      it(`in its claim is continued by the next one: at ${step}, ${kind}`, async () => {
        const { vin } = await bench.working();
        await dieInClaim(bench, args(vin), { vin, step, kind });
        await bench.rotate(vin);
        await healthy(bench, vin, `${step}, ${kind}`);
      });
    }
  }
});
