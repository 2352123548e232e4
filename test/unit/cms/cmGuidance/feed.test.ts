import assert from 'node:assert/strict';
import { createFeed } from '../../../../src/cms/cmGuidance/feed.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import type { FeedHandlers } from '../../../../src/cms/contract/telemetry.ts';
import type { Retrying } from '../../../../src/core/retry.ts';
import type { Reading } from '../../../../src/telemetry/codec.ts';

/** What the API alone tells somebody, where there is no WebSocket: of two vehicles, of which it knows the places only. */
async function toldTo(
  claims: { groups: string[]; fleetIds: string[] },
  allowed: string[],
): Promise<Reading[]> {
  let now = 1_790_000_000_000;
  const stop = new AbortController();
  const locations = ['FLEET-1', 'FLEET-2'].map((fleetId, i) => ({
    ...{ vehicleId: `VEH-${i + 1}`, fleetId, lat: 47.5, lng: -122.3, lastUpdate: now / 1000 + 1 },
  }));
  const api = {
    vehicles: () => Promise.resolve({ items: [], next: undefined }),
    fleets: () => Promise.resolve(allowed.map((fleetId) => ({ fleetId }))),
    locations: () => Promise.resolve(locations),
  };
  const sources = { api, entry: { claims: () => Promise.resolve(claims) } } as unknown as Sources;
  const told: Reading[] = [];
  let rounds = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      if (++rounds === 3) stop.abort();
      return stop.signal.aborted ? Promise.reject(new Error('over')) : Promise.resolve();
    },
  };
  const handlers = { reading: (reading) => told.push(reading) } as FeedHandlers;
  const work: Retrying = { signal: stop.signal, clock, random: () => 0 };
  const tokens = { idToken: () => Promise.reject(new Error()), renew: () => Promise.reject(new Error()) };
  const feed = createFeed(sources, { url: undefined, tokens });
  await assert.rejects(feed.follow(undefined, handlers, work));
  return told;
}

describe('The API of the guidance in place of its WebSocket', () => {
  it('tells where a vehicle is, and no measures that nobody sent', async () => {
    const [first] = await toldTo({ groups: ['platform-admin'], fleetIds: [] }, []);
    assert.deepEqual(first?.place, { latitude: 47.5, longitude: -122.3 });
  });

  it('tells people of the fleets that they may see, and of no others', async () => {
    for (const [groups, fleetIds, allowed, ids] of [
      [['platform-admin'], [], [], ['VEH-1', 'VEH-2']],
      [['fleet-viewer'], ['FLEET-1'], ['FLEET-1', 'FLEET-2'], ['VEH-1', 'VEH-2']],
      [['fleet-operator'], ['FLEET-2'], ['FLEET-2'], ['VEH-2']],
      [['fleet-operator'], [], [], []],
      [[], [], ['FLEET-1', 'FLEET-2'], ['VEH-1', 'VEH-2']],
    ] as [string[], string[], string[], string[]][]) {
      const told = await toldTo({ groups, fleetIds }, allowed);
      assert.deepEqual(
        told.map(({ id }) => id),
        ids,
        groups.join(),
      );
    }
  });
});
