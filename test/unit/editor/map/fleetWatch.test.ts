import assert from 'node:assert/strict';
import { CmsError } from '../../../../src/core/errors.ts';
import { FleetWatch } from '../../../../src/editor/map/fleetWatch.ts';
import type { TelemetryHandlers } from '../../../../src/onboarding/followTelemetry.ts';
import { VehicleTracks } from '../../../../src/editor/map/vehicleTracks.ts';
import { codecOf } from '../../../../src/cms/codecs.ts';
import { createFakeTimers, settled } from '../../device/simulationWorld.ts';
import { l10n } from '../../../../src/core/message.ts';

const { decode: readTelemetry } = codecOf('cdf');

const unreachable = new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('It cannot be reached.'));

/** A watch of a cloud that does what the test says. */
function watched() {
  const timers = createFakeTimers();
  const tracks = new VehicleTracks({ kind: 'watch' });
  const followed: { handlers: TelemetryHandlers; signal: AbortSignal; fail: (why: unknown) => void }[] = [];
  const watch = new FleetWatch(tracks, {
    timers,
    follow: (handlers, signal) =>
      new Promise((_resolve, reject) => {
        followed.push({ handlers, signal, fail: reject });
        signal.addEventListener('abort', () => reject(new CmsError('CANCELLED', l10n.verbatim('Canceled.'))));
      }),
    describe: (state) => state.is,
  });
  return {
    timers,
    tracks,
    watch,
    followed,
    get now() {
      return followed.at(-1)!;
    },
    send(topic: string, payload: unknown) {
      const bytes = Buffer.from(JSON.stringify(payload));
      followed.at(-1)!.handlers.message(topic, bytes, readTelemetry(topic, bytes));
    },
  };
}

describe('watching a fleet', () => {
  it('shows the vehicles that send, and how fast messages come', async () => {
    const it = watched();
    const { tracks } = it;
    it.watch.start();
    assert.equal(tracks.run?.state, 'starting');
    it.now.handlers.state?.('online');
    assert.equal(tracks.run.state, 'running');
    for (let serial = 1; serial <= 5; serial++)
      it.send('dt/cvra/A/cardata', { VIN: 'A', MessageId: `A#${serial}` });
    it.send('dt/cvra/B/dtc', { VIN: 'B', DTC: { Code: 'P0217' } });
    await it.timers.advance(1000);
    assert.equal(tracks.run.messagesPerSecond, 6);
    assert.deepEqual(
      tracks
        .snapshot()
        .vehicles.map(({ vin, acknowledged, troubleCodes }) => [vin, acknowledged, troubleCodes]),
      [
        ['A', 5, []],
        ['B', 1, ['P0217']],
      ],
    );
    it.watch.dispose();
  });

  it('ignores what is no telemetry', () => {
    const it = watched();
    it.watch.start();
    it.now.handlers.message('dt/cvra/A/cardata', Buffer.from('no JSON'), undefined);
    it.now.handlers.message('other/topic', Buffer.from('{}'), undefined);
    assert.equal(it.tracks.size, 0);
    it.watch.dispose();
  });

  it('says that it is offline and tries again, later each time, while the endpoint cannot be reached', async () => {
    const it = watched();
    it.watch.start();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      it.now.fail(unreachable);
      await settled();
      assert.equal(it.tracks.run?.note, 'offline');
      const from = it.timers.now();
      while (it.followed.length === attempt) await it.timers.advance(1000);
      waits.push(it.timers.now() - from);
    }
    assert.deepEqual(waits, [2000, 4000, 8000, 16_000, 30_000, 30_000]);
    it.watch.dispose();
  });

  it('begins with short waits again once it was online', async () => {
    const it = watched();
    it.watch.start();
    it.now.fail(unreachable);
    await it.timers.advance(2000);
    it.now.handlers.state?.('online');
    it.now.fail(unreachable);
    await it.timers.advance(2000);
    assert.equal(it.followed.length, 3);
    it.watch.dispose();
  });

  it('gives up when it is not allowed, until somebody starts it again', async () => {
    const it = watched();
    it.watch.start();
    it.now.fail(new CmsError('ACCESS_DENIED', l10n.verbatim('No.')));
    await it.timers.advance(3_600_000);
    assert.equal(it.followed.length, 1);
    assert.equal(it.tracks.run?.state, 'failed');
    it.watch.start();
    it.now.handlers.state?.('online');
    assert.equal(it.tracks.run.state, 'running');
    it.watch.dispose();
  });

  it('keeps what it knows of vehicles when it begins anew', () => {
    const it = watched();
    it.watch.start();
    it.send('dt/cvra/A/cardata', { VIN: 'A' });
    it.watch.start();
    assert.equal(it.followed[0]?.signal.aborted, true);
    assert.equal(it.tracks.size, 1);
    it.watch.dispose();
  });

  it('ends with what it follows when it is disposed', async () => {
    const it = watched();
    it.watch.start();
    it.watch.dispose();
    assert.equal(it.now.signal.aborted, true);
    await it.timers.advance(60_000);
    assert.equal(it.followed.length, 1);
  });
});
