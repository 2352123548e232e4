import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import { createApi } from '../../../../src/cms/cmGuidance/api.ts';
import { namesOf } from '../../../../src/cms/cmGuidance/names.ts';
import { createTripCounts } from '../../../../src/cms/cmGuidance/simulator/tripCounts.ts';
import { createStore, type Store } from '../../../../src/cms/cmGuidance/store.ts';
import type { StartedRun } from '../../../../src/cms/contract/cloudSimulator.ts';
import type { Rest } from '../../../../src/cms/kit/rest.ts';
import { CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import { createDynamoDb } from '../../../../src/sandbox/services/dynamodb/dynamodb.ts';
import { answered } from '../../../support/answered.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';

const ID = 'VEH-1790000000';
const TABLE = 'cms-dev-storage-trips';
/** When the run began; milliseconds since 1970. */
const SINCE = 1_790_000_012_345;
const MINUTE = 60_000;
const { signal } = new AbortController();

/** A row of the trips table, with the attributes of 0.4 that count; times in ms from the beginning of the run. */
interface Row {
  status: 'ACTIVE' | 'COMPLETED';
  start: number;
  end?: number;
  updated?: number;
}

const EACH: readonly [what: string, rows: Row[], counted: { begun: number; completed: number }][] = [
  ['nothing', [], { begun: 0, completed: 0 }],
  [
    'a trip that began and ended since then',
    [{ status: 'COMPLETED', start: 15_000, end: 75_000, updated: 75_000 }],
    { begun: 1, completed: 1 },
  ],
  [
    'a trip that is under way, as one that began',
    [{ status: 'ACTIVE', start: 15_000, updated: 2 * MINUTE }],
    { begun: 1, completed: 0 },
  ],
  [
    'a trip that was open when the run began and took its telemetry in',
    [{ status: 'COMPLETED', start: -20 * MINUTE, end: 75_000, updated: 75_000 }],
    { begun: 1, completed: 1 },
  ],
  [
    'a trip that was open when the run began and is under way with its telemetry',
    [{ status: 'ACTIVE', start: -20 * MINUTE, updated: 2 * MINUTE }],
    { begun: 1, completed: 0 },
  ],
  [
    'no trip that ended before, nor one that has had no telemetry since',
    [
      { status: 'COMPLETED', start: -9 * MINUTE, end: -8 * MINUTE, updated: -8 * MINUTE },
      { status: 'ACTIVE', start: -7 * MINUTE, updated: -4 * MINUTE },
    ],
    { begun: 0, completed: 0 },
  ],
];

describe('The trips of a run of the Guidance', () => {
  function stored(rows: readonly Row[]): Store {
    const { service, tables } = createDynamoDb(createTestContext());
    tables.ensure({
      ...{ name: TABLE, hash: { name: 'tripId', type: 'S' } },
      indexes: [
        {
          name: 'vehicleId-startTime-index',
          hash: { name: 'vehicleId', type: 'S' },
          range: { name: 'startTime', type: 'N' },
        },
      ],
    });
    const at = (time: number) => ({ N: String(SINCE + time) });
    rows.forEach(({ status, start, end, updated }, i) => {
      tables.find(TABLE).put({
        ...{ tripId: { S: `T-${i}` }, vehicleId: { S: ID }, status: { S: status }, startTime: at(start) },
        endTime: end === undefined ? { NULL: true } : at(end),
        ...(updated === undefined ? {} : { lastUpdated: at(updated) }),
      });
    });
    const send = async (command: { constructor: { name: string }; input: object }) => {
      const operation = command.constructor.name.replace(/Command$/, '');
      const { status, body } = await answered(service, operation, {
        ...{ method: 'POST', path: '/', query: new URLSearchParams() },
        headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
        body: Buffer.from(JSON.stringify(command.input)),
        ...{ requestId: 'request', region: 'us-west-2', signed: true, trusted: false },
      });
      assert.equal(status, 200, String(body));
      return JSON.parse(String(body)) as object;
    };
    const connection = { dynamoDb: () => Promise.resolve({ send }) } as unknown as Connection;
    return createStore(connection, namesOf('dev'));
  }

  /** The API as 0.4 shows trips: seconds, minutes, and no word of when a trip was touched. */
  function shown(rows: readonly Row[]) {
    const asked: Record<string, string>[] = [];
    const seconds = (time: number): string => String(Math.floor((SINCE + time) / 1000));
    const rest: Rest = {
      service: l10n.verbatim('the API'),
      send({ path, query = {} }) {
        assert.equal(path, `/api/v1/vehicles/${ID}/trips`);
        asked.push({ ...query });
        const trips = rows.map(({ start, end, updated = start }, i) => ({
          ...{ tripId: `T-${i}`, startTime: seconds(start) },
          endTime: end === undefined ? null : seconds(end),
          duration: String(Math.round(((end ?? updated) - start) / MINUTE)),
        }));
        return Promise.resolve({ status: 200, ok: true, json: { trips }, text: '', uncertain: false });
      },
    };
    return { api: createApi(rest, undefined), asked };
  }
  const denied = () => Promise.reject(new CmsError('ACCESS_DENIED', l10n.verbatim('not allowed')));
  const run: StartedRun = {
    ...{ id: 'cmsg-000000001-00000000-0000', vins: ['VIN'], ids: [ID], duration: 75, interval: 15 },
    ...{ startedAt: SINCE - MINUTE, handle: { simulation: 'a1b2c3d4', since: SINCE } },
  };

  for (const [what, rows, counted] of EACH) {
    it(`are counted by the table: ${what}`, async () => {
      assert.deepEqual(await stored(rows).tripsSince(ID, SINCE, signal), counted);
    });

    it(`are counted by the API where the table may not be read: ${what}`, async () => {
      const { api } = shown(rows);
      const counts = createTripCounts({ api, store: { tripsSince: denied } as unknown as Store });
      assert.deepEqual(await counts.now(run, signal), [counted]);
    });
  }

  it('are asked for all at once: a run of a day has more of them than the API usually shows', async () => {
    const { api, asked } = shown([]);
    const counts = createTripCounts({ api, store: { tripsSince: denied } as unknown as Store });
    await counts.now(run, signal);
    assert.deepEqual(asked, [{ limit: '100' }]);
  });

  it('that the stream ended without saying when count by their last telemetry', async () => {
    const store = stored([{ status: 'COMPLETED', start: MINUTE, updated: 2 * MINUTE }]);
    assert.deepEqual(await store.tripsSince(ID, SINCE, signal), { begun: 1, completed: 1 });
  });
});
