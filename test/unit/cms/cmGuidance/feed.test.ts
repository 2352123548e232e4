import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createFeed } from '../../../../src/cms/cmGuidance/feed.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import type { FeedHandlers } from '../../../../src/cms/contract/telemetry.ts';
import type { Retrying } from '../../../../src/core/retry.ts';
import { english } from '../../../../src/core/wording.ts';
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

describe('The WebSocket of the guidance @slow', () => {
  let server: WebSocketServer;
  before(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
  });
  after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  it('is silent only when the API has something newer than what it pushed', async () => {
    let now = 1_790_000_000_000;
    const pushed = now + 1678;
    server.on('connection', (socket) =>
      socket.send(JSON.stringify({ vehicleId: 'VEH-1', timestamp: pushed, lat: 47.5, lng: -122.3 })),
    );
    const stop = new AbortController();
    let heard: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (heard = resolve));
    const said: string[] = [];
    let rounds = 0;
    const clock = {
      now: () => now,
      async sleep(ms: number) {
        // The time of a connection, which is not over here.
        if (ms > 60_000) await new Promise(() => undefined);
        await first;
        now += 61_000;
        rounds += 1;
        if (rounds <= 4) return;
        stop.abort();
        throw new Error('over');
      },
    };
    const api = {
      vehicles: () => Promise.resolve({ items: [], next: undefined }),
      locations() {
        // In whole seconds, as the CMS says it; in the third round there is a later one.
        const lastUpdate = Math.floor(pushed / 1000) + (rounds < 3 ? 0 : 5);
        return Promise.resolve([{ vehicleId: 'VEH-1', lat: 47.6, lng: -122.3, lastUpdate }]);
      },
    };
    const claims = { groups: ['platform-admin'], fleetIds: [] };
    const sources = {
      ...{ api, connection: {}, entry: { claims: () => Promise.resolve(claims) } },
    } as unknown as Sources;
    const tokens = { idToken: () => Promise.resolve('a token'), renew: () => Promise.reject(new Error()) };
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
    const handlers = {
      reading({ type }) {
        said.push(type);
        heard();
      },
      state: (state, _, note) => said.push(note === undefined ? state : english(note).slice(0, 36)),
    } as FeedHandlers;
    const work: Retrying = { signal: stop.signal, clock, random: () => 0 };
    await assert.rejects(createFeed(sources, { url, tokens }).follow(undefined, handlers, work));
    assert.deepEqual(said, ['online', 'telemetry', 'The WebSocket of the CMS is silent a', 'location']);
  });
});
