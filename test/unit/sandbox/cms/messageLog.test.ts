import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MessageList } from '../../../../src/sandbox/installations/cdf/ingest/messageLog.ts';
import {
  serialOf,
  summarize,
  withSerial,
  type SerialRecord,
} from '../../../../src/sandbox/installations/cdf/ingest/serials.ts';
import { alert, carData, createHarness, dtc, trip, VIN } from './cmsHarness.ts';

const TOPIC = `dt/cvra/${VIN}`;

describe('what the cloud received of a vehicle', () => {
  function setUp() {
    const harness = createHarness();
    const list = (query = '', vin = VIN) =>
      harness.cms.messages(vin, new URLSearchParams(query)) as MessageList;
    return { ...harness, list };
  }

  it('keeps what was accepted and what was dropped, and why', () => {
    const { publish, list, context } = setUp();
    publish(`${TOPIC}/cardata`, carData(VIN, 7));
    publish(`${TOPIC}/trip`, { ...trip(), SimulationId: 'run1' });
    const { messages, totals } = list();
    const receivedAt = new Date(context.clock.now()).toISOString();
    assert.deepEqual(messages[0], {
      sequence: 1,
      topic: `${TOPIC}/cardata`,
      type: 'cardata',
      clientId: VIN,
      messageId: carData(VIN, 7).MessageId,
      serial: 7,
      receivedAt,
      accepted: true,
      payload: carData(VIN, 7),
    });
    assert.equal(messages[1]!.accepted, false);
    assert.equal(messages[1]!.reason, 'simulationid: unknown field');
    const { received, accepted, rejected, byType } = totals;
    assert.deepEqual(
      { received, accepted, rejected, byType },
      {
        received: 2,
        accepted: 1,
        rejected: 1,
        byType: { cardata: 1, trip: 1 },
      },
    );
  });

  it('says why nothing was stored of a message the validator let pass', () => {
    const { publish, list } = setUp();
    publish(`${TOPIC}/cardata`, { SendTimeStamp: '2026-01-05T10:00:00Z', VIN, TripId: 't' });
    publish(`${TOPIC}/dtc`, { SendTimeStamp: '2026-01-05T10:00:00Z', VIN });
    assert.deepEqual(
      list().messages.map(({ reason }) => reason),
      [
        'no latitude and longitude: the handler fails and nothing is stored',
        'no dtc.code: the handler fails',
      ],
    );
  });

  it('files a message under its VIN, and under the topic’s when it has none', () => {
    const { publish, list } = setUp();
    publish('dt/cvra/other/cardata', carData());
    publish(`${TOPIC}/cardata`, 'not json');
    publish(`${TOPIC}/cardata`, '[1]');
    publish(`${TOPIC}/cardata`, { VIN: 5 });
    assert.deepEqual(
      list()
        .messages.map(({ accepted, reason, payload }) => [accepted, reason, payload])
        .slice(1),
      [
        [false, 'not JSON', 'not json'],
        [false, 'not a JSON object', [1]],
        [false, 'sendtimestamp: missing', { VIN: 5 }],
      ],
    );
    assert.equal(list('', 'other').messages.length, 0);
  });

  it('survives a body nested as deep as the payload allows', () => {
    const { publish, list } = setUp();
    publish(`${TOPIC}/cardata`, `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    assert.equal(list().totals.rejected, 1);
    const [message] = list().messages;
    assert.equal(message?.reason, 'nested too deeply: the handler fails');
    assert.equal(typeof message.payload, 'string');
    assert.doesNotThrow(() => JSON.stringify(list()));
  });

  it('drops an event so deep that it could not be written into the state', () => {
    const { publish, list } = setUp();
    for (const levels of [1000, 5000, 9000]) {
      publish(
        `${TOPIC}/event`,
        JSON.stringify(alert()).replace(
          '"event_data":{}',
          `"event_data":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
        ),
      );
    }
    assert.deepEqual(list().totals.byType, { event: 3 });
    assert.equal(list().totals.rejected, 3);
  });

  it('does not listen to other topics', () => {
    const { publish, list } = setUp();
    for (const topic of [
      `${TOPIC}/route`,
      `${TOPIC}/cardata/more`,
      `dt/other/${VIN}/cardata`,
      `x/${TOPIC}/cardata`,
    ]) {
      publish(topic, carData());
    }
    assert.equal(list().totals.received, 0);
  });

  it('gives the newest by default, and all since a sequence in order', () => {
    const { publish, list } = setUp();
    for (let n = 1; n <= 5; n++) publish(`${TOPIC}/cardata`, carData(VIN, n));
    publish(`${TOPIC}/dtc`, dtc());
    const sequences = (query: string) => list(query).messages.map(({ sequence }) => sequence);
    assert.deepEqual(sequences('limit=2'), [5, 6]);
    assert.deepEqual(sequences('since=2&limit=2'), [3, 4]);
    assert.deepEqual(sequences('since=6'), []);
    assert.deepEqual(sequences('type=dtc'), [6]);
    assert.deepEqual(sequences('limit=0'), []);
    assert.deepEqual(sequences('limit=many'), [1, 2, 3, 4, 5, 6]);
  });

  it('keeps at most twenty thousand messages, and counts them all @slow', () => {
    const { publish, list } = setUp();
    for (let n = 1; n <= 20_010; n++) publish(`${TOPIC}/cardata`, `{"n":${n}}`);
    publish('dt/cvra/other/cardata', '{}');
    const { messages, totals } = list('limit=30000');
    assert.equal(messages.length, 19_999);
    assert.equal(messages[0]?.sequence, 12);
    assert.equal(totals.received, 20_010);
  });

  it('finds missing and repeated serials of a run', () => {
    const { publish, list } = setUp();
    for (const serial of [3, 4, 4, 8, 6]) publish(`${TOPIC}/cardata`, carData(VIN, serial));
    assert.deepEqual(list().totals.serials, {
      run: 'run1',
      first: 3,
      last: 8,
      received: 4,
      missing: 2,
      missingSerials: [5, 7],
      duplicates: 1,
    });
    publish(`${TOPIC}/cardata`, { ...carData(VIN, 1), SimulationId: 'run2' });
    publish(`${TOPIC}/dtc`, { ...dtc(), MessageId: 'x#2' });
    const { run, first, last, missing } = list().totals.serials;
    assert.deepEqual({ run, first, last, missing }, { run: 'run2', first: 1, last: 2, missing: 0 });
  });

  it('forgets messages and counts with a reset', () => {
    const { publish, list, context, seed } = setUp();
    publish(`${TOPIC}/cardata`, carData());
    context.store.reset();
    seed();
    assert.deepEqual([list().totals.received, list().messages], [0, []]);
  });
});

describe('serials', () => {
  it('are the digits after the last #', () => {
    assert.equal(serialOf('VIN-2026#1#42'), 42);
    assert.equal(serialOf('VIN-2026'), undefined);
    assert.equal(serialOf('VIN#x'), undefined);
    assert.equal(serialOf(5), undefined);
  });

  it('are summed up alike in any order of arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1 }), (serials) => {
        let record: SerialRecord | undefined;
        for (const serial of serials) record = withSerial(record, 'run', serial);
        const distinct = new Set(serials);
        const [first, last] = [Math.min(...serials), Math.max(...serials)];
        const summary = summarize(record);
        assert.deepEqual(
          { ...summary, missingSerials: undefined },
          {
            run: 'run',
            first,
            last,
            received: distinct.size,
            missing: last - first + 1 - distinct.size,
            missingSerials: undefined,
            duplicates: serials.length - distinct.size,
          },
        );
      }),
    );
  });

  it('stay exact in number when there are too many gaps to keep', () => {
    let record: SerialRecord | undefined;
    for (let serial = 0; serial < 5000; serial += 2) record = withSerial(record, 'run', serial);
    const { received, missing, first, last } = summarize(record);
    assert.deepEqual(
      { received, missing, first, last },
      { received: 2500, missing: 2499, first: 0, last: 4998 },
    );
    assert.ok((record?.intervals.length ?? 0) <= 1001);
  });
});
