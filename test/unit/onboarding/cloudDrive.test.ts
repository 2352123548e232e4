import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudSimulator, StartedRun } from '../../../src/cms/contract/cloudSimulator.ts';
import type { Deployment } from '../../../src/cms/contract/deployment.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { driveInCloud } from '../../../src/onboarding/cloudDrive.ts';
import { type CloudJournal, createCloudJournal } from '../../../src/onboarding/cloudJournal.ts';
import { testWork } from '../../support/works.ts';

const NOW = 1_000_000;
const place = { generation: 'cms-on-aws', deployment: 'cms', accountId: '123456789012', region: 'us-west-2' };
const vehicles = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124'].map((vin) => ({ vin, id: vin, thingName: vin }));

describe('a drive in the cloud', () => {
  let folder: string;
  let journal: CloudJournal;
  /** The runs that were to be ended, and the signals of these calls. */
  let ended: { id: string; signal: AbortSignal }[];
  /** Runs that the simulator does not end. */
  let stubborn: Set<string>;
  /** Runs of which it does not know whether they began. */
  let unknown: Set<string>;
  let said: string[];
  beforeEach(() => {
    said = [];
    folder = mkdtempSync(join(tmpdir(), 'cloud-drive-'));
    journal = createCloudJournal(folder, () => NOW);
    ended = [];
    stubborn = new Set();
    unknown = new Set();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A drive with a run for each vehicle, which fails as soon as it is looked at. */
  function drive(prefix: string) {
    const simulator: Partial<CloudSimulator> = {
      mostAtOnce: 100,
      plan: ({ vehicles: all, ...times }) =>
        all.map(({ vin }) => ({ ...times, id: `${prefix}-${vin}`, vins: [vin] })),
      start: () => Promise.resolve(undefined),
      look: () => Promise.reject(new Error('the simulator fell over')),
      end: ({ id }, { signal }) => {
        ended.push({ id, signal });
        if (unknown.has(id)) {
          return Promise.resolve(new CmsError('CMS_UNAVAILABLE', l10n.verbatim('it may be running')));
        }
        return stubborn.has(id) ? Promise.reject(new Error('it does not end')) : Promise.resolve(undefined);
      },
    };
    const deployment = {
      cloudSimulator: simulator as CloudSimulator,
      signIn: () => Promise.resolve(),
    } as unknown as Deployment;
    const work = {
      ...testWork(({ message }) => said.push(english(message))),
      clock: { now: () => NOW, sleep: () => Promise.resolve() },
    };
    return driveInCloud({ vehicles, duration: 60, interval: 5 }, { deployment, place, journal }, work);
  }
  const ids = (runs: readonly Pick<StartedRun, 'id'>[]) => runs.map(({ id }) => id);
  const [ONE, TWO] = vehicles.map(({ vin }) => `first-${vin}`) as [string, string];

  it('that cannot end a run leaves it to the next start, also of the same process', async () => {
    stubborn.add(ONE);
    await assert.rejects(drive('first'), /fell over/);
    assert.deepEqual(ids(await journal.left(place)), [ONE]);
    stubborn.clear();
    ended = [];
    await assert.rejects(drive('second'), /fell over/);
    assert.equal(ended[0]?.id, ONE);
    assert.deepEqual(await journal.left(place), []);
  });

  it('keeps a run of which nobody can tell whether it began, says so, and drives all the same', async () => {
    unknown.add(ONE);
    await assert.rejects(drive('first'), /fell over/);
    assert.deepEqual(ids(await journal.left(place)), [ONE]);
    said = [];
    ended = [];
    await assert.rejects(drive('second'), /fell over/);
    assert.ok(said.includes('it may be running'), said.join('\n'));
    assert.equal(ended.length, 3);
    assert.deepEqual(ids(await journal.left(place)), [ONE]);
  });

  it('leaves a run alone that this process looks after', async () => {
    await journal.note(place, { id: ONE, vins: [], duration: 60, interval: 5, startedAt: NOW });
    assert.deepEqual(await journal.left(place), []);
  });

  it('gives each run a time of its own to end', async () => {
    await assert.rejects(drive('first'), /fell over/);
    assert.deepEqual(ids(ended), [ONE, TWO]);
    assert.notEqual(ended[0]?.signal, ended[1]?.signal);
  });

  it('ends the other runs when one cannot be ended', async () => {
    stubborn.add(ONE);
    await assert.rejects(drive('first'), /fell over/);
    assert.deepEqual(ids(ended), [ONE, TWO]);
  });
});
