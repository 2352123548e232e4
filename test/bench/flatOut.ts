import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { startSimulation } from '../../src/device/client/startSimulation.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { encodeCarData } from '../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../src/telemetry/restingSample.ts';
import { systemClock } from '../../src/core/work.ts';
import { testWork } from '../support/works.ts';
import { benchThings, type BenchThing } from './benchThings.ts';
import { withFleetBench, type FleetBench } from './fleet.ts';
import { deviceBundle, online } from './hold.ts';
import { childRunning, usageOf } from './processUsage.ts';
import type { Figure } from './run.ts';

const FLEETS = [50, 200];
/** Messages a second that a fleet of ours is asked for, more each time, until it gives no more. */
const OFFERED = [2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 12_000];
const SETTLE_MS = 3000;
const MEASURE_MS = 6000;
/** Unacknowledged messages of a connection: as many as our vehicles allow themselves. */
const IN_FLIGHT = 20;

interface Rate {
  perSecond: number;
  /** Processor time of the client, and of the sandbox. */
  microseconds: { client: number; sandbox: number };
}

/** Messages a second as fast as they are acknowledged, next to the `mqtt` package doing the same in the same run. */
export function flatOut(): Promise<Figure[]> {
  return withFleetBench(async (bench) => {
    const things = await benchThings(bench.connection, Math.max(...FLEETS));
    const figures: Figure[] = [];
    for (const count of FLEETS) {
      const fleet = things.slice(0, count);
      const ours = await fastest(bench, fleet);
      const theirs = await mqttPackage(bench, fleet);
      const what = `${count} connections flat out:`;
      figures.push(figureOf(`${what} our device process`, ours), figureOf(`${what} mqtt package`, theirs), {
        what: `${what} ours by theirs`,
        value: ours.perSecond / theirs.perSecond,
        unit: '',
        note: 'ours drives along a route and tells a host besides; theirs repeats one sample',
      });
    }
    return figures;
  });
}

/** Our vehicles keep a beat: the beat is raised until acknowledgements do not follow any more. */
async function fastest(bench: FleetBench, fleet: BenchThing[]): Promise<Rate> {
  let best: Rate | undefined;
  let short = 0;
  for (const offered of OFFERED) {
    const rate = await ours(bench, fleet, offered / fleet.length);
    if (best === undefined || rate.perSecond > best.perSecond) best = rate;
    // Once may be a bad moment of the machine.
    if (rate.perSecond < offered * 0.9 && ++short === 2) break;
  }
  return best!;
}

async function ours(
  { sandbox, connection, route }: FleetBench,
  fleet: BenchThing[],
  rate: number,
): Promise<Rate> {
  const device = await startDevice({ command: deviceBundle });
  try {
    const simulation = startSimulation(
      device,
      {
        simulationId: `flat-out-${Date.now()}`,
        generation: 'cdf',
        broker: await brokerOf(connection),
        routes: [route],
        vehicles: fleet,
        rate,
        end: 'loop',
        jobs: false,
        limits: { connectsPerSecond: 500, publishesPerSecond: 100_000, inFlight: IN_FLIGHT },
      },
      {},
      testWork(),
    );
    // Nobody sends before all are there: what is flat out has no time for handshakes.
    simulation.pause();
    await online(simulation, fleet.length);
    simulation.resume();
    const pid = childRunning('device.js');
    return await measure(() => simulation.totals?.acknowledged ?? 0, { client: pid, sandbox: sandbox.pid });
  } finally {
    device.dispose();
  }
}

async function mqttPackage({ sandbox, connection }: FleetBench, fleet: BenchThing[]): Promise<Rate> {
  const { host, port, rootCaPem } = await brokerOf(connection);
  const clients = await Promise.all(
    fleet.map(({ thingName, identity }) =>
      mqtt.connectAsync({
        host,
        port,
        protocol: 'mqtts',
        ca: rootCaPem,
        cert: identity.certificatePem,
        key: identity.privateKeyPem,
        clientId: thingName,
        protocolVersion: 4,
        reconnectPeriod: 0,
      }),
    ),
  );
  const sample = restingSample({ latitude: 33.7, longitude: -84.4 }, systemClock);
  let acknowledged = 0;
  let going = true;
  const publish = async (client: mqtt.MqttClient, vin: string, serials: { last: number }): Promise<void> => {
    while (going) {
      const context = {
        vin,
        id: vin,
        thingName: vin,
        tripId: 'flat-out',
        simulationId: 'flat-out',
        serial: ++serials.last,
      };
      const { topic, payload } = encodeCarData({ ...sample, time: Date.now() }, context);
      await client.publishAsync(topic, Buffer.from(payload), { qos: 1 });
      acknowledged += 1;
    }
  };
  const lanes = clients.flatMap((client, i) => {
    const serials = { last: 0 };
    return Array.from({ length: IN_FLIGHT }, () => publish(client, fleet[i]!.vin, serials));
  });
  try {
    return await measure(() => acknowledged, { client: process.pid, sandbox: sandbox.pid });
  } finally {
    going = false;
    await Promise.all(lanes);
    await Promise.all(clients.map((client) => client.endAsync(true)));
  }
}

async function measure(acknowledged: () => number, pids: { client: number; sandbox: number }): Promise<Rate> {
  await delay(SETTLE_MS);
  const read = () => ({
    at: performance.now(),
    acknowledged: acknowledged(),
    client: usageOf(pids.client).cpuSeconds,
    sandbox: usageOf(pids.sandbox).cpuSeconds,
  });
  const before = read();
  await delay(MEASURE_MS);
  const after = read();
  const messages = after.acknowledged - before.acknowledged;
  const each = (name: 'client' | 'sandbox') => ((after[name] - before[name]) * 1e6) / messages;
  return {
    perSecond: (messages * 1000) / (after.at - before.at),
    microseconds: { client: each('client'), sandbox: each('sandbox') },
  };
}

function figureOf(what: string, { perSecond, microseconds }: Rate): Figure {
  const { client, sandbox } = microseconds;
  return {
    what,
    value: perSecond,
    unit: '1/s',
    note: `processor time a message: client ${client.toFixed(0)} µs, sandbox ${sandbox.toFixed(0)} µs`,
  };
}
