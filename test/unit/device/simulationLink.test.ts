import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { Diagnosis } from '../../../src/device/process/simulation/diagnosis.ts';
import { defined } from '../../../src/core/defined.ts';
import { Link, type LinkPorts } from '../../../src/device/process/simulation/link.ts';
import { createPublishBucket, type OutboxLimits } from '../../../src/device/process/simulation/outbox.ts';
import { createRamp } from '../../../src/device/process/simulation/ramp.ts';
import type { SimulatedMessage } from '../../../src/telemetry/simulation/messages.ts';
import { makePair } from '../../support/pairs.ts';
import { english } from '../../../src/core/wording.ts';
import {
  createFakeCloud,
  createFakeTimers,
  refused,
  settled,
  testMessage,
  unreachable,
  type FakeCloud,
  type FakeTimers,
} from './simulationWorld.ts';

const LIMITS: OutboxLimits = { inFlight: 5, queue: 100, publishesPerSecond: 90, ackTimeoutMs: 10_000 };

describe('The connection of a simulated vehicle', () => {
  let timers: FakeTimers;
  let cloud: FakeCloud;
  let certificatePem: string;
  let acknowledged: number[];
  let lost: SimulatedMessage[];
  let states: string[];
  let problems: CmsError[];
  let failure: CmsError | undefined;
  before(async () => {
    ({ certificatePem } = await makePair({ notAfter: new Date('2030-01-01') }));
  });
  beforeEach(() => {
    timers = createFakeTimers();
    cloud = createFakeCloud(timers);
    acknowledged = [];
    lost = [];
    states = [];
    problems = [];
    failure = undefined;
  });

  function open(
    limits: Partial<OutboxLimits> = {},
    certificate = certificatePem,
    compare?: LinkPorts['compare'],
  ): Link {
    const suspect = { vin: 'V', clientId: 'V', address: 'localhost:8883', certificatePem: certificate };
    const link = new Link(
      {
        timers,
        random: () => 0.5,
        ramp: createRamp(timers, 100),
        diagnosis: new Diagnosis(suspect, () => timers.now()),
        connect: (signal) => cloud.connect(signal),
        ...defined({ compare }),
      },
      { ...LIMITS, ...limits },
      {
        state(state, why) {
          states.push(state);
          if (why !== undefined) problems.push(why);
        },
        sent: () => undefined,
        acknowledged: ({ serial }) => acknowledged.push(serial),
        lost: (message) => lost.push(message),
        failed: (error) => (failure = error),
      },
    );
    link.start();
    return link;
  }
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const send = (link: Link, from: number, to = from) => {
    for (const serial of numbers(from, to)) link.send(testMessage(serial));
  };
  const firsts = () => [...new Set(cloud.serials())];

  it('sends in order and reports each acknowledgement', async () => {
    const link = open();
    send(link, 1, 20);
    await timers.advance(2000);
    assert.deepEqual(cloud.serials(), numbers(1, 20));
    assert.deepEqual(acknowledged, numbers(1, 20));
    assert.deepEqual(states, ['connecting', 'online']);
  });

  it('has no more messages in flight than it may', async () => {
    cloud.answer = () => 'never';
    const link = open();
    send(link, 1, 20);
    await timers.advance(2000);
    assert.equal(cloud.unanswered(), 5);
    assert.deepEqual(link.counts, { unacked: 5, queued: 15, resent: 0, connects: 1 });
    cloud.acknowledgeAll();
    await timers.advance(1000);
    assert.deepEqual(cloud.serials(), numbers(1, 10));
  });

  it("keeps within AWS IoT's hundred messages a second, whatever comes", async () => {
    const link = open({ queue: 10_000 });
    const times: number[] = [];
    cloud.answer = () => {
      times.push(timers.now());
      return 'yes';
    };
    send(link, 1, 1000);
    await timers.advance(20_000);
    assert.equal(times.length, 1000);
    for (const [i, time] of times.entries()) assert.ok((times[i + 100] ?? Infinity) - time >= 1000);
  });

  it('keeps what comes while it is offline, and sends it in order afterwards', async () => {
    const link = open();
    send(link, 1, 3);
    await timers.advance(1000);
    cloud.refusal = unreachable();
    cloud.drop();
    for (const serial of numbers(4, 63)) {
      send(link, serial);
      await timers.advance(1000);
    }
    assert.deepEqual(cloud.serials(), [1, 2, 3]);
    cloud.refusal = undefined;
    await timers.advance(40_000);
    assert.deepEqual(cloud.serials(), numbers(1, 63));
    assert.deepEqual(lost, []);
  });

  it('gives up the oldest sample when the queue is full, counts it, and keeps trips and trouble codes', async () => {
    cloud.refusal = unreachable();
    const link = open({ queue: 3 });
    link.send(testMessage(1, 'trouble'));
    send(link, 2, 6);
    link.send(testMessage(7, 'trip'));
    assert.deepEqual(
      lost.map(({ serial }) => serial),
      [2, 3, 4, 5],
    );
    cloud.refusal = undefined;
    await timers.advance(10_000);
    assert.deepEqual(cloud.serials(), [1, 6, 7]);
  });

  it('sends again after a drop from the oldest unacknowledged message on', async () => {
    const link = open();
    cloud.answer = () => 'never';
    send(link, 1, 4);
    await timers.advance(1000);
    cloud.answer = () => 'yes';
    cloud.drop();
    await timers.advance(5000);
    assert.deepEqual(cloud.serials(), [1, 2, 3, 4, 1, 2, 3, 4]);
    assert.deepEqual(acknowledged, [1, 2, 3, 4]);
    assert.equal(link.counts.resent, 4);
    assert.equal(failure, undefined);
  });

  it('takes a connection that does not acknowledge in time for broken, and never blames the vehicle for it', async () => {
    const link = open();
    cloud.answer = () => 'never';
    send(link, 1);
    await timers.advance(120_000);
    assert.ok(cloud.connects.length >= 5);
    cloud.answer = () => 'yes';
    await timers.advance(60_000);
    assert.deepEqual(acknowledged, [1]);
    assert.equal(failure, undefined);
    assert.equal(cloud.open(), 1, 'the broken connections are closed');
  });

  it('loses and reorders nothing, whatever drops', async () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant('send' as const) },
        { weight: 2, arbitrary: fc.constant('silence' as const) },
        { weight: 1, arbitrary: fc.constant('outage' as const) },
        { weight: 2, arbitrary: fc.constant('wait' as const) },
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        timers = createFakeTimers();
        cloud = createFakeCloud(timers);
        acknowledged = [];
        failure = undefined;
        const link = open();
        await timers.advance(100);
        let serial = 0;
        for (const step of plan) {
          if (step === 'send') send(link, ++serial);
          if (step === 'silence') cloud.answer = () => 'never';
          if (step === 'wait') await timers.advance(500);
          if (step === 'outage') {
            cloud.refusal = unreachable();
            cloud.drop();
            await timers.advance(5000);
            cloud.refusal = undefined;
            cloud.answer = () => 'yes';
          }
        }
        cloud.answer = () => 'yes';
        await timers.advance(120_000);
        assert.equal(failure, undefined);
        assert.deepEqual(firsts(), numbers(1, serial));
        assert.deepEqual(
          [...acknowledged].sort((a, b) => a - b),
          numbers(1, serial),
        );
        await link.close();
      }),
      { numRuns: 60 },
    );
  });

  it('waits between attempts, longer each time, never less than a second', async () => {
    open();
    await timers.advance(100);
    cloud.refusal = unreachable();
    cloud.drop();
    await timers.advance(300_000);
    const gaps = cloud.connects.slice(2).map((at, i) => at - cloud.connects[i + 1]!);
    assert.ok(gaps.length > 8 && gaps.length < 30, `${gaps.length} attempts`);
    assert.ok(gaps.every((gap) => gap >= 1000 && gap <= 30_050));
    assert.ok(gaps.at(-1)! > gaps[0]! * 3);
    assert.equal(failure, undefined);
  });

  it('stops with a clear error when it is kicked three times in a row', async () => {
    const link = open();
    for (const serial of [1, 2]) {
      send(link, serial);
      await timers.advance(5000);
      cloud.drop();
      await timers.advance(3000);
      assert.equal(failure, undefined, 'a trouble code by hand, twice, is no fight');
    }
    send(link, 3);
    await timers.advance(1000);
    cloud.drop();
    await settled();
    assert.equal(failure!.code, 'CLIENT_ID_IN_USE');
    assert.match(failure!.message, /somebody else is connected as V/);
    await timers.advance(60_000);
    assert.equal(cloud.connects.length, 3, 'it does not fight');
  });

  async function kick(link: Link, times: number): Promise<void> {
    for (let serial = 1; serial <= times; serial++) {
      send(link, serial);
      await timers.advance(5000);
      cloud.drop();
      await timers.advance(3000);
    }
  }

  it('blames nobody when a connection without a client id is ended at the same age, and drives on', async () => {
    const asked: number[] = [];
    const link = open({}, certificatePem, (forMs) => {
      asked.push(forMs);
      return Promise.resolve({ openMs: 5200, ended: true });
    });
    await kick(link, 5);
    assert.equal(failure, undefined);
    assert.ok(asked.length > 0 && asked.every((forMs) => forMs >= 5000), String(asked));
    const cut = problems.filter(({ message }) =>
      message.startsWith('Something between this computer and localhost'),
    );
    assert.ok(cut.length > 0, String(problems));
    await timers.advance(60_000);
    assert.deepEqual(firsts(), numbers(1, 5));
    await link.close();
  });

  it('blames somebody else when such a connection holds, and says so with care when it ended otherwise', async () => {
    await kick(
      open({}, certificatePem, (forMs) => Promise.resolve({ openMs: forMs, ended: false })),
      3,
    );
    assert.equal(failure?.code, 'CLIENT_ID_IN_USE');
    assert.match(failure.message, /: somebody else is connected as V/);
    failure = undefined;
    await kick(
      open({}, certificatePem, () => Promise.resolve({ openMs: 500, ended: true })),
      3,
    );
    assert.equal((failure as CmsError | undefined)?.code, 'CLIENT_ID_IN_USE');
    assert.match(String(failure), /as it does when somebody else connects as V/);
  });

  it('blames nobody when not even such a connection can be made', async () => {
    await kick(
      open({}, certificatePem, () => Promise.reject(unreachable())),
      4,
    );
    assert.equal(failure, undefined);
  });

  it('forgives kicks that are far apart, or that an outage explains', async () => {
    const link = open();
    await timers.advance(1000);
    for (let i = 0; i < 3; i++) {
      cloud.drop();
      await timers.advance(100_000);
      cloud.refusal = unreachable();
      cloud.drop();
      await timers.advance(10_000);
      cloud.refusal = undefined;
      await timers.advance(40_000);
    }
    assert.equal(failure, undefined);
    await link.close();
  });

  it('names the topic that drops the connection each time', async () => {
    const link = open();
    cloud.answer = ({ topic }) => (topic.endsWith('/dtc') ? 'drop' : 'yes');
    send(link, 1, 3);
    link.send(testMessage(4, 'trouble'));
    send(link, 5, 6);
    await timers.advance(60_000);
    assert.equal(failure!.code, 'MQTT_PUBLISH_FAILED');
    assert.match(failure!.message + english(failure!.remedy!), /dt\/cvra\/V\/dtc.*iot:Publish/s);
    assert.deepEqual(acknowledged, [1, 2, 3]);
  });

  it('gives up a certificate that is refused three times, but not at the first', async () => {
    open();
    cloud.refusal = refused();
    await timers.advance(900);
    assert.equal(failure, undefined);
    await timers.advance(30_000);
    assert.equal(failure!.code, 'MQTT_CONNECT_REFUSED');
    assert.equal(cloud.connects.length, 3);
  });

  it('gives up at once where the certificate of the server is why, unless it was there before', async () => {
    const inspected = () =>
      new CmsError('MQTT_CONNECT_REFUSED', l10n.verbatim('Not Amazon.'), {
        details: { tlsError: 'inspected' },
      });
    cloud.refusal = inspected();
    open();
    await timers.advance(0);
    assert.equal(failure?.code, 'MQTT_CONNECT_REFUSED');
    assert.equal(cloud.connects.length, 1);

    failure = undefined;
    cloud.refusal = undefined;
    const link = open();
    await timers.advance(40_000);
    cloud.refusal = inspected();
    cloud.drop();
    await timers.advance(1000);
    assert.equal(failure, undefined, 'the notebook is on another network for a while');
    await link.close();
  });

  it('says that a refused certificate has expired', async () => {
    const expired = await makePair({ notAfter: new Date(Date.now() - 86_400_000) });
    timers = createFakeTimers(Date.now());
    cloud = createFakeCloud(timers);
    cloud.refusal = refused();
    open({}, expired.certificatePem);
    await timers.advance(500);
    assert.equal(failure!.code, 'CERTIFICATE_UNUSABLE');
    assert.match(failure!.message, /certificate of V expired at \d{4}-/);
    // Rotating needs a certificate that still works.
    assert.match(english(failure!.remedy!), /first: it says .* provision the vehicle with "replace"/);
  });

  it('says that the clock is why where the server’s certificate is out of date, too', async () => {
    const expired = await makePair({ notAfter: new Date(Date.now() - 86_400_000) });
    timers = createFakeTimers(Date.now());
    cloud = createFakeCloud(timers);
    cloud.refusal = new CmsError('MQTT_CONNECT_REFUSED', l10n.verbatim('The clock.'), {
      details: { tlsError: 'CERT_HAS_EXPIRED' },
    });
    open({}, expired.certificatePem);
    await timers.advance(500);
    assert.equal(failure?.message, 'The clock.');
  });

  it('does not try a wrong address for ever', async () => {
    cloud.refusal = unreachable();
    open();
    await timers.advance(60_000);
    assert.equal(failure!.code, 'ENDPOINT_UNREACHABLE');
  });

  it('counts what is left when it is closed, and closes a connection that comes up too late', async () => {
    cloud.answer = () => 'never';
    const link = open();
    send(link, 1, 8);
    await timers.advance(1000);
    assert.equal(await link.close(), 8);
    assert.equal(cloud.open(), 0);
    send(link, 9);
    assert.deepEqual(
      lost.map(({ serial }) => serial),
      [9],
    );

    const late = open();
    assert.equal(await late.close(), 0);
    await timers.advance(60_000);
    assert.equal(cloud.open(), 0);
  });
});

describe('The start of a fleet', () => {
  it('opens so many connections a second and so many at once, in order', async () => {
    const timers = createFakeTimers();
    const ramp = createRamp(timers, 10, 4);
    const opened: number[] = [];
    let atOnce = 0;
    let most = 0;
    for (let i = 0; i < 60; i++) {
      void ramp.enter(new AbortController().signal).then((leave) => {
        opened.push(i);
        most = Math.max(most, ++atOnce);
        timers.after(250, () => {
          atOnce -= 1;
          leave();
          leave();
        });
      });
    }
    await timers.advance(1000);
    assert.ok(opened.length <= 16, `${opened.length} in the first second`);
    await timers.advance(10_000);
    assert.deepEqual(
      opened,
      Array.from({ length: 60 }, (_, i) => i),
    );
    assert.ok(most <= 4);
  });

  it('makes up for a late timer with a burst of six, not more', async () => {
    const timers = createFakeTimers();
    const ramp = createRamp(timers, 10);
    const at: number[] = [];
    const from = timers.now();
    const enter = () =>
      void ramp.enter(new AbortController().signal).then((leave) => {
        at.push(timers.now() - from);
        leave();
      });
    for (let i = 0; i < 8; i++) enter();
    await timers.advance(200);
    assert.deepEqual(at.splice(0), [0, 0, 0, 0, 0, 0, 100, 200]);
    enter();
    timers.sleep(5000);
    for (let i = 0; i < 7; i++) enter();
    await timers.advance(200);
    assert.deepEqual(at, [5200, 5200, 5200, 5200, 5200, 5200, 5300, 5400]);
  });

  it('leaves out whoever does not want any more', async () => {
    const timers = createFakeTimers();
    const ramp = createRamp(timers, 1, 1);
    const gone = new AbortController();
    const first = await ramp.enter(new AbortController().signal);
    const second = ramp.enter(gone.signal);
    const third = ramp.enter(new AbortController().signal);
    gone.abort();
    await assert.rejects(second, { code: 'CANCELLED' });
    first();
    await timers.advance(1000);
    await third;
  });
});

describe('The bound of messages a second', () => {
  it('is kept in every second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 50, maxLength: 200 }),
        (perSecond, pauses) => {
          const timers = createFakeTimers();
          const bucket = createPublishBucket(timers, perSecond);
          const taken: number[] = [];
          for (const ms of pauses) {
            timers.sleep(ms);
            for (let i = 0; i < 20 && bucket.take() === 0; i++) taken.push(timers.now());
          }
          for (const [i, at] of taken.entries()) {
            const later = taken[i + perSecond];
            assert.ok(later === undefined || later - at >= 999);
          }
        },
      ),
    );
  });
});
