import assert from 'node:assert/strict';
import { l10n } from '../../../../src/core/message.ts';
import { TelemetryLog } from '../../../../src/editor/simulations/telemetryLog.ts';
import { createFakeTimers } from '../../device/simulationWorld.ts';
import type { SimulationUpdate, VehicleState } from '../../../../src/protocol/simulation.ts';
import { crash, fakeRun, message, totalsOf, vehicle, type FakeRun } from './fakeEngine.ts';

describe('The lines of the telemetry output', () => {
  function world(vins: readonly string[], request = {}) {
    const timers = createFakeTimers();
    const writes: string[] = [];
    const log = new TelemetryLog({
      append: (text) => writes.push(text),
      now: () => timers.now(),
      after: (ms, run) => timers.after(ms, run),
    });
    const it: FakeRun = fakeRun(vins, { request });
    log.started(it.run);
    const update = (vehicles: VehicleState[], more: Partial<SimulationUpdate> = {}): void => {
      it.update(vehicles, more);
      log.updated(it.run, { totals: totalsOf(vins.length), vehicles, messages: [], omitted: 0, ...more });
    };
    return { ...it, log, timers, writes, update, lines: () => writes.join('').split('\n').filter(Boolean) };
  }
  const fleet = (size: number): string[] => Array.from({ length: size }, (_, i) => `V${i}`);

  it('say who starts where', async () => {
    const { timers, lines } = world(['A']);
    await timers.advance(500);
    assert.deepEqual(lines(), ['10:00:00.000  START  A · Ring: 1 vehicle on Ring  (run-1)']);
  });

  it('are one a message of a few vehicles: time, VIN, topic, serial, place, speed, acknowledgement', async () => {
    const { timers, update, lines } = world(['A']);
    update([vehicle('A')], { messages: [message('A', 1)] });
    await timers.advance(500);
    assert.equal(lines()[1], '10:00:01.000  A  dt/cvra/A/cardata  #1  48.10000, 11.50000  36 km/h  ack 3 ms');
  });

  it('are written a few times a second, however many they are', async () => {
    const { timers, update, writes } = world(['A'], { rate: 20 });
    for (let i = 0; i < 20; i++) {
      update([], { messages: [message('A', i)] });
      await timers.advance(50);
    }
    await timers.advance(500);
    assert.ok(writes.length <= 5, `${writes.length} writes`);
  });

  it('are one a second of many vehicles', async () => {
    const { timers, update, lines } = world(fleet(100));
    for (let tenth = 0; tenth < 50; tenth++) {
      await timers.advance(100);
      update([], { messages: fleet(10).map((vin) => message(vin, tenth)), totals: totalsOf(100) });
    }
    await timers.advance(500);
    assert.equal(lines().length, 1 + 5);
    assert.match(
      lines()[1]!,
      /100\/100 online, .* 100 msgs\/s, unacked 0, queued 0, lost 0; 100 messages, ack 2 ms/,
    );
  });

  it('name trouble codes in a large run, too', async () => {
    const { timers, update, lines } = world(fleet(100));
    update([], { messages: [message('V7', 3, { type: 'trouble', topic: 'dt/cvra/V7/dtc', code: 'P0217' })] });
    await timers.advance(500);
    assert.ok(
      lines().some((line) => line.includes('V7') && line.includes('P0217')),
      lines().join('\n'),
    );
  });

  it('say which jobs came and what became of them, and what people should know of the run', async () => {
    const { timers, update, lines } = world(fleet(100));
    const job = { vin: 'V7', jobId: 'lock-1', operation: 'lock', document: '{}', time: timers.now() };
    update([], { commands: [{ ...job, status: 'SUCCEEDED', details: { doors: 'locked' } }] });
    update([], {
      notice: {
        vin: 'V8',
        sentence: l10n.verbatim('It may not ask for jobs.'),
        remedy: l10n.verbatim('Allow it.'),
      },
    });
    await timers.advance(500);
    assert.deepEqual(
      lines()
        .slice(1)
        .map((line) => line.slice(14)),
      ['V7  job lock-1  lock  SUCCEEDED  doors: locked', 'V8  NOTE It may not ask for jobs. Allow it.'],
    );
  });

  it('count what comes at once after an outage instead of flooding', async () => {
    const { timers, update, lines } = world(['A']);
    update([], { messages: Array.from({ length: 500 }, (_, i) => message('A', i)) });
    await timers.advance(500);
    assert.equal(lines().length, 1 + 100 + 1);
    assert.match(lines().at(-1)!, /and 400 more messages$/);
  });

  it('say once that a vehicle is offline, and when it is back with how much to catch up', async () => {
    const { timers, update, lines } = world(['A']);
    const offline = vehicle('A', {
      link: 'offline',
      problem: { code: 'ENDPOINT_UNREACHABLE', sentence: l10n.verbatim('Nobody is there.') },
      queued: 3,
    });
    update([offline]);
    update([{ ...offline, queued: 9 }]);
    update([vehicle('A', { queued: 12 })]);
    await timers.advance(500);
    assert.deepEqual(
      lines()
        .slice(1)
        .map((line) => line.slice(14)),
      ['A  WARN offline, its messages wait: Nobody is there.', 'A  online again, 12 messages to catch up'],
    );
  });

  it('say why a vehicle failed and what helps', async () => {
    const { timers, update, lines } = world(['A']);
    const problem = {
      code: 'CERTIFICATE_UNUSABLE',
      sentence: l10n.verbatim('It expired.'),
      remedy: l10n.verbatim('Rotate it.'),
    };
    update([vehicle('A', { phase: 'failed', link: 'offline', problem })]);
    await timers.advance(500);
    assert.match(lines()[1]!, /A {2}ERROR failed: It expired\. Rotate it\.$/);
  });

  it('do not name a thousand vehicles that go offline together', async () => {
    const vins = fleet(1000);
    const { timers, update, lines } = world(vins);
    const problem = { code: 'ENDPOINT_UNREACHABLE', sentence: l10n.verbatim('Nobody is there.') };
    update(vins.map((vin) => vehicle(vin, { link: 'offline', problem })));
    await timers.advance(500);
    assert.match(lines().at(-1)!, /and 990 more vehicles alike$/);
    assert.ok(lines().length < 20);
  });

  it('end with what became of it, at once', async () => {
    const it = world(['A']);
    it.update([vehicle('A')]);
    await it.end([vehicle('A', { phase: 'ended', metres: 12_345 })], { acknowledged: 740, ended: 1 });
    it.log.ended(it.run);
    assert.match(it.lines().at(-1)!, /ENDED {2}A · Ring: 12\.3 km, 740 acknowledged, 0 lost$/);
  });

  it('say that a run crashed', async () => {
    const it = world(['A']);
    await it.fail(crash());
    it.log.ended(it.run);
    assert.match(
      it.lines().at(-1)!,
      /CRASHED {2}A · Ring: nothing was sent {2}ERROR The device process ended/,
    );
  });

  it('hold no payload and no key', async () => {
    const { timers, update, writes } = world(['A'], { payloads: true });
    update([vehicle('A')], { messages: [message('A', 1, { payload: '{"secret":"of the payload"}' })] });
    await timers.advance(500);
    assert.ok(!writes.join('').includes('secret'));
  });
});
