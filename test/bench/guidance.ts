import { setTimeout as delay } from 'node:timers/promises';
import { codecOf } from '../../src/cms/codecs.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { startSimulation } from '../../src/device/client/startSimulation.ts';
import { systemClock } from '../../src/core/work.ts';
import type { SimulationRequest } from '../../src/protocol/simulation.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { restingSample } from '../../src/telemetry/restingSample.ts';
import type { MessageContext } from '../../src/telemetry/sample.ts';
import { testWork } from '../support/works.ts';
import { benchThings } from './benchThings.ts';
import { withFleetBench } from './fleet.ts';
import { deviceBundle, online } from './hold.ts';
import { childRunning, usageOf } from './processUsage.ts';
import type { Figure } from './run.ts';

const MESSAGES = 50_000;
const ROUNDS = 5;
const VEHICLES = 1000;
/** Hz: a message each five seconds. */
const RATE = 0.2;
const SETTLE_MS = 25_000;
const MEASURE_MS = 30_000;

/** The Guidance for Connected Mobility: what a message costs against CMS v1's, and a fleet at its usual rate. */
export async function guidance(): Promise<Figure[]> {
  return [...codecs(), ...(await fleet())];
}

function codecs(): Figure[] {
  // Taken in turn, so that a busy moment is not of one of them alone; the best round is that with the least of it.
  const best = { cdf: Infinity, 'cm-guidance': Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    for (const generation of ['cdf', 'cm-guidance'] as const) {
      best[generation] = Math.min(best[generation], microsecondsOf(generation));
    }
  }
  const note = `processor time; ${MESSAGES} messages, the best of ${ROUNDS} rounds`;
  return [
    { what: 'A message of CMS v1 is encoded', value: best.cdf, unit: 'µs', note },
    { what: 'One of the Guidance', value: best['cm-guidance'], unit: 'µs', note },
    {
      what: 'The Guidance against v1',
      value: best['cm-guidance'] / best.cdf,
      unit: 'times',
      note: 'at most 1.5',
    },
  ];
}

function microsecondsOf(generation: string): number {
  const codec = codecOf(generation);
  const sample = { ...restingSample({ latitude: 33.77, longitude: -84.39 }, systemClock), speed: 13.4 };
  const context: MessageContext = {
    ...{ vin: 'LSH14J4C4LA046511', id: 'VEH-1790000000', thingName: 'LSH14J4C4LA046511', serial: 1 },
    ...{ tripId: 'run-1-1', simulationId: 'run-1', topic: '$aws/rules/cms_dev_iot_msk_rule/VEH-1790000000' },
  };
  const before = process.cpuUsage();
  for (let i = 0; i < MESSAGES; i++) codec.sample({ ...sample, time: sample.time + i }, context);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MESSAGES;
}

function fleet(): Promise<Figure[]> {
  return withFleetBench(
    async ({ connection, route }) => {
      const things = await benchThings(connection, VEHICLES, 'cms-device-policy');
      const device = await startDevice({ command: deviceBundle });
      try {
        const request: SimulationRequest = {
          simulationId: `guidance-${Date.now()}`,
          generation: 'cm-guidance',
          broker: await brokerOf(connection),
          routes: [route],
          vehicles: things.map((thing, i) => ({
            ...{ ...thing, from: i / things.length },
            topic: `$aws/rules/cms_dev_iot_msk_rule/${thing.id}`,
          })),
          ...{ rate: RATE, end: 'loop', limits: { connectsPerSecond: 100 } },
        };
        const simulation = startSimulation(device, request, {}, testWork());
        const pid = childRunning('device.js');
        await online(simulation, VEHICLES);
        await delay(SETTLE_MS);
        const before = usageOf(pid).cpuSeconds;
        const acknowledged = simulation.totals?.acknowledged ?? 0;
        await delay(MEASURE_MS);
        const cpu = (usageOf(pid).cpuSeconds - before) / (MEASURE_MS / 1000);
        const { lag, ack, acknowledged: by, online: there, resent } = simulation.totals!;
        simulation.stop();
        const { totals } = await simulation.ended;
        const note = `${VEHICLES} vehicles, a message each ${1 / RATE} s; sandbox and host on the same machine`;
        return [
          { what: 'Guidance: vehicles online', value: there, unit: 'vehicles', note },
          {
            ...{ what: 'Acknowledged', value: ((by - acknowledged) * 1000) / MEASURE_MS, unit: 'messages/s' },
            note: `${VEHICLES * RATE} are due`,
          },
          { what: 'Send lag, p99', value: lag.p99, unit: 'ms', note },
          { what: 'Acknowledgment, p99', value: ack.p99, unit: 'ms', note },
          { what: 'Lost', value: totals.lost, unit: 'messages', note: `${resent} were sent again` },
          { what: 'Device process', value: cpu, unit: 'cores', note },
        ];
      } finally {
        device.dispose();
      }
    },
    ['--install', 'cm-guidance:dev'],
  );
}
