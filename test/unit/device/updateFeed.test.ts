import assert from 'node:assert/strict';
import { UpdateFeed } from '../../../src/device/process/simulation/updateFeed.ts';
import type { SimulationTotals, SimulationUpdate } from '../../../src/protocol/simulation.ts';
import { textOf } from '../../support/bytes.ts';
import { testMessage } from './simulationWorld.ts';

const TOTALS = { vehicles: 1 } as SimulationTotals;
const COMMAND = { vin: 'V', jobId: 'j', document: '{}', status: 'QUEUED', time: 0 };
const BOUNDS = { messages: 20_000, commands: 1000 };

const V = { vin: 'V', id: 'V', thingName: 'V' };

describe('the updates of a simulation', () => {
  let emitted: SimulationUpdate[];
  let feed: UpdateFeed;
  beforeEach(() => {
    emitted = [];
    const emit = (update: SimulationUpdate) => {
      emitted.push(update);
      return Promise.resolve();
    };
    feed = new UpdateFeed(() => TOTALS, emit, false);
  });

  it('are not sent while there is nothing to send', async () => {
    await feed.flush();
    feed.command(COMMAND);
    await feed.flush();
    await feed.flush();
    assert.deepEqual(emitted, [
      { totals: TOTALS, vehicles: [], messages: [], omitted: 0, commands: [COMMAND] },
    ]);
  });

  it('count the messages that a slow reader misses, and keep no more than they may', async () => {
    for (let serial = 1; serial <= BOUNDS.messages + 3; serial++) {
      feed.acknowledged(V, testMessage(serial), 5);
      feed.command(COMMAND);
    }
    await feed.flush();
    const [update] = emitted;
    assert.deepEqual([update?.messages.length, update?.omitted], [BOUNDS.messages, 3]);
    assert.equal(update?.commands?.length, BOUNDS.commands);
    feed.acknowledged(V, testMessage(1), 5);
    await feed.flush();
    assert.equal(emitted[1]?.omitted, 0);
  });

  it('carry a message without what it does not have', async () => {
    feed.acknowledged(V, testMessage(7, 'trip'), 5);
    feed.payloads = true;
    feed.acknowledged(V, testMessage(8, 'trip'), 5);
    await feed.flush();
    const plain = { vin: 'V', id: 'V', topic: 'dt/cvra/V/trip', type: 'trip', time: 0, ackMs: 5 };
    assert.deepEqual(emitted[0]?.messages, [
      { ...plain, serial: 7 },
      { ...plain, serial: 8, payload: textOf(testMessage(8).payload) },
    ]);
  });
});
