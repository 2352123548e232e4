import assert from 'node:assert/strict';
import { isCancelled } from '../../../../src/core/errors.ts';
import { RecordingReplay, type ReplayPorts } from '../../../../src/editor/map/recordingReplay.ts';
import { ReplayClock } from '../../../../src/editor/map/replayClock.ts';
import { VehicleTracks } from '../../../../src/editor/map/vehicleTracks.ts';
import type { AcknowledgedMessage } from '../../../../src/protocol/simulation.ts';
import { createFakeTimers, settled } from '../../device/simulationWorld.ts';

const message = (serial: number): AcknowledgedMessage => ({
  vin: 'A',
  serial,
  topic: 'dt/cvra/A/cardata',
  type: 'sample',
  time: serial * 1000,
  ackMs: 1,
});

/** Ten messages, a second apart. */
const tenSeconds: ReplayPorts['play'] = async (clock, { from, signal }, told) => {
  const begun = clock.now() - from;
  for (let serial = 1; serial <= 10; serial++) {
    const at = (serial - 1) * 1000;
    const wait = begun + at - clock.now();
    if (wait > 0) await clock.sleep(wait, signal);
    told(message(serial), at);
  }
};
const LENGTH = 9000;

function replayed(play = tenSeconds) {
  const timers = createFakeTimers();
  const tracks = new VehicleTracks({ kind: 'recording' });
  const replay = new RecordingReplay(tracks, {
    timers,
    play,
    length: () => Promise.resolve(LENGTH),
    describe: (state) => state.is,
  });
  return { timers, tracks, replay, told: () => tracks.snapshot().vehicles[0]?.acknowledged ?? 0 };
}

describe('the clock of a replay', () => {
  it('wakes a sleeper at its time when the speed changes meanwhile', async () => {
    const timers = createFakeTimers();
    const clock = new ReplayClock(timers);
    let awake = false;
    void clock.sleep(10_000).then(() => (awake = true));
    await timers.advance(2000);
    clock.speed = 4;
    await timers.advance(1900);
    assert.equal(awake, false);
    await timers.advance(100);
    assert.equal(awake, true);
    assert.equal(clock.now(), 10_000);
  });

  it('stands still while it is paused', async () => {
    const timers = createFakeTimers();
    const clock = new ReplayClock(timers);
    let awake = false;
    void clock.sleep(1000).then(() => (awake = true));
    clock.paused = true;
    await timers.advance(60_000);
    assert.equal(clock.now(), 0);
    assert.equal(awake, false);
    clock.paused = false;
    await timers.advance(1000);
    assert.equal(awake, true);
  });

  it('lets go of a sleeper that is cancelled, paused or not', async () => {
    const timers = createFakeTimers();
    const clock = new ReplayClock(timers);
    clock.paused = true;
    const abort = new AbortController();
    const sleep = clock.sleep(1000, abort.signal);
    abort.abort();
    await assert.rejects(sleep, isCancelled);
    await assert.rejects(clock.sleep(1000, abort.signal), isCancelled);
  });
});

describe('replaying a recording', () => {
  it('tells each message at its moment, then says that it is over', async () => {
    const it = replayed();
    it.replay.start();
    await it.timers.advance(4000);
    assert.equal(it.told(), 5);
    assert.equal(it.tracks.run?.state, 'running');
    await it.timers.advance(5000);
    assert.equal(it.told(), 10);
    assert.equal(it.tracks.run.state, 'ended');
    assert.equal(it.tracks.run.messagesPerSecond, 0);
  });

  it('plays faster when asked, and says how fast', async () => {
    const it = replayed();
    it.replay.start();
    it.replay.steer({ do: 'speed', factor: 4 });
    await it.timers.advance(1000);
    assert.equal(it.told(), 5);
    assert.equal(it.tracks.run?.speed, 4);
  });

  it('pauses and goes on', async () => {
    const it = replayed();
    it.replay.start();
    await it.timers.advance(2000);
    it.replay.steer({ do: 'pause' });
    await it.timers.advance(60_000);
    assert.equal(it.told(), 3);
    assert.equal(it.tracks.run?.state, 'paused');
    it.replay.steer({ do: 'resume' });
    await it.timers.advance(1000);
    assert.equal(it.told(), 4);
  });

  it('ends when it is stopped, also while it is paused', async () => {
    const it = replayed();
    it.replay.start();
    await settled();
    it.replay.steer({ do: 'pause' });
    it.replay.steer({ do: 'stop' });
    await settled();
    assert.equal(it.tracks.run?.state, 'ended');
    assert.equal(it.told(), 1);
  });

  it('plays from the beginning when it is resumed after its end', async () => {
    const it = replayed();
    it.replay.start();
    await it.timers.advance(9000);
    it.replay.steer({ do: 'resume' });
    await settled();
    assert.equal(it.told(), 1);
    assert.equal(it.tracks.run?.state, 'running');
  });

  it('says where it is, and goes to wherever it is sent, back or forth', async () => {
    const it = replayed();
    it.replay.start();
    await it.timers.advance(2000);
    assert.deepEqual(it.tracks.run?.played, { at: 2000, length: 9000 });
    it.replay.steer({ do: 'jump', to: 5 / 9 });
    await settled();
    assert.equal(it.told(), 6);
    assert.equal(it.tracks.run.played.at, 5000);
    it.replay.steer({ do: 'jump', to: 0 });
    await settled();
    assert.equal(it.told(), 1);
    await it.timers.advance(1000);
    assert.equal(it.told(), 2);
  });

  it('shows another place while it is paused, and stays there', async () => {
    const it = replayed();
    it.replay.start();
    await settled();
    it.replay.steer({ do: 'pause' });
    it.replay.steer({ do: 'jump', to: 4 / 9 });
    await it.timers.advance(60_000);
    assert.equal(it.told(), 5);
    assert.equal(it.tracks.run?.state, 'paused');
  });

  it('plays from where it is sent after its end', async () => {
    const it = replayed();
    it.replay.start();
    await it.timers.advance(9000);
    assert.equal(it.tracks.run?.played?.at, 9000);
    it.replay.steer({ do: 'jump', to: 8 / 9 });
    await settled();
    assert.equal(it.told(), 9);
    assert.equal(it.tracks.run.state, 'running');
  });

  it('says why it fails, with what was told before', async () => {
    const it = replayed((_clock, _options, told) => {
      told(message(1), 0);
      return Promise.reject(new Error('line 2 is not a line of a recording'));
    });
    it.replay.start();
    await settled();
    assert.deepEqual(it.replay.state, {
      is: 'failed',
      why: new Error('line 2 is not a line of a recording'),
    });
    assert.equal(it.tracks.run?.state, 'failed');
    assert.equal(it.told(), 1);
  });

  it('is not played again once its map was closed', async () => {
    const it = replayed();
    it.replay.start();
    await settled();
    it.replay.dispose();
    it.replay.start();
    await it.timers.advance(60_000);
    assert.equal(it.told(), 1);
  });

  it('tells nothing more once it is disposed', async () => {
    const it = replayed();
    it.replay.start();
    await settled();
    it.replay.dispose();
    await it.timers.advance(60_000);
    assert.equal(it.told(), 1);
  });
});
