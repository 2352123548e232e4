import { join } from 'node:path';
import * as z from 'zod';
import { CmsError } from '../core/errors.ts';
import { defined } from '../core/defined.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { newSimulationId } from '../device/client/startSimulation.ts';
import { simulatedVehicles } from '../device/client/simulatedVehicles.ts';
import { sendingOf } from '../onboarding/sending.ts';
import { telemetryOf } from '../onboarding/onboard.ts';
import { createResolver } from '../onboarding/resolveVehicle.ts';
import { rateSchema, speedSchema } from '../protocol/control.ts';
import { type SimulationRequest } from '../protocol/simulation.ts';
import { brokerOf } from '../provisioning/device.ts';
import { isRouteName } from '../telemetry/routes/fileNames.ts';
import { readRouteFile } from '../telemetry/routes/readRouteFile.ts';
import type { SimulationSummary, ToolHost } from './host.ts';
import { deploymentInput, placeWords } from './place.ts';
import { defineTool } from './tool.ts';

/** More are a matter of fleet files. */
const MOST_VEHICLES = 100;
/** A day, in seconds. */
const LONGEST_S = 24 * 60 * 60;
/** More states would fill what a model can read at once. */
const MOST_STATES = 20;
const SAMPLE_ROUTE = 'munich.gpx';

const driveInput = z.strictObject({
  vins: z
    .array(z.string().min(1))
    .min(1)
    .max(MOST_VEHICLES)
    .describe('VINs of the vehicles; each needs its certificate on this machine.'),
  route: z
    .string()
    .min(1)
    .optional()
    .describe('Route file: GPX, KML, CSV, GeoJSON or TCX. Without it a sample route through Munich.'),
  deployment: deploymentInput,
  speed: speedSchema.default(1).describe('Time scale: 1 is real time.'),
  rate: rateSchema.default(1).describe('Messages per second per vehicle.'),
  loop: z.boolean().default(false).describe('Start again at the end of the route.'),
  durationSeconds: z
    .number()
    .positive()
    .max(LONGEST_S)
    .optional()
    .describe('Stop after so long; else at the end of the route.'),
});

export const simulateDrive = defineTool({
  name: 'simulate_drive',
  title: 'Simulate a drive',
  description:
    'Starts vehicles driving along a route; each sends its telemetry to AWS IoT as itself. Returns at once with the id of the simulation: list_simulations tells how far it is, stop_simulation ends it.',
  effect: 'changes',
  input: driveInput,
  question: ({ vins, route = SAMPLE_ROUTE, deployment, speed }, host, work) =>
    host.at({ deployment }, work, async (place) => ({
      title: l10n.plural(
        vins.length,
        l10n.t('Simulate a drive of {vin}?', { vin: vins[0] ?? '' }),
        l10n.t('Simulate a drive of {count} vehicles?', { count: vins.length }),
      ),
      lines: [
        await placeWords(place, work.signal),
        l10n.t('Vehicles: {vins}', { vins: vins.join(', ') }),
        l10n.t('Route: {route}, time scale {speed}', { route, speed }),
      ],
    })),
  run: ({ vins, route, deployment, speed, rate, loop, durationSeconds }, host, work) =>
    host.at({ deployment, for: 'send' }, work, async (place) => {
      const { signal, clock } = work;
      const { routes: all, notes } = await readRouteFile(routeFile(route, host), work);
      const resolve = createResolver(place.deployment, place.certificates);
      const named = new Map<string, VehicleRef>();
      for (const vin of vins) {
        const vehicle = await resolve(vin, signal);
        if (host.simulations.isDriving(vehicle, place)) {
          throw new CmsError('REQUEST_INVALID', l10n.t('{vin} is already being simulated.', { vin }), {
            remedy: l10n.t('Stop that simulation first.'),
          });
        }
        named.set(vehicle.id, vehicle);
      }
      const telemetry = telemetryOf(place.deployment);
      const routes = all.slice(0, named.size);
      const request: SimulationRequest = {
        simulationId: freeId(host, clock.now()),
        generation: place.deployment.generation,
        broker: await brokerOf(place.connection, signal),
        routes,
        vehicles: await simulatedVehicles([...named.values()], {
          ...{
            ...sendingOf(telemetry, signal),
            certificates: place.certificates,
            seed: 1,
            routes: routes.length,
            spread: named.size > 1,
          },
        }),
        ...{ speed, rate, end: loop ? 'loop' : 'stop' },
        ...defined({ durationMs: durationSeconds && durationSeconds * 1000 }),
      };
      const where = await placeWords(place, signal);
      await host.simulations.start(request, await host.device(), { place, where });
      const { simulationId } = request;
      return { simulationId, where, vehicles: [...named.values()].map(({ vin }) => vin), notes };
    }),
});

/** @throws CmsError ROUTE_INVALID for a file that can be none by its name: a tool is no way to read others */
function routeFile(route: string | undefined, host: ToolHost): string {
  if (route === undefined) return join(host.sampleRoutes, SAMPLE_ROUTE);
  if (isRouteName(route)) return host.fileOf(route);
  throw new CmsError('ROUTE_INVALID', l10n.t('{file} is not the name of a route file.', { file: route }), {
    remedy: l10n.t('Specify a GPX, KML, KMZ, CSV, GeoJSON or TCX file.'),
  });
}

/** Two runs that begin within a millisecond are two. */
function freeId({ simulations }: ToolHost, now: number): string {
  const taken = new Set(simulations.list().map(({ simulationId }) => simulationId));
  let time = now;
  while (taken.has(newSimulationId(time))) time += 1;
  return newSimulationId(time);
}

export const listSimulations = defineTool({
  name: 'list_simulations',
  title: 'List simulations',
  description:
    'Tells how far each simulation is: its vehicles, how much of the route, messages acknowledged and lost; what it came to once it is over.',
  effect: 'looks',
  input: z.strictObject({}),
  run: (_, host) => Promise.resolve({ simulations: host.simulations.list().map(summaryJson) }),
});

const stopInput = z.strictObject({
  simulationId: z
    .string()
    .min(1)
    .optional()
    .describe('Which one, as simulate_drive named it. Not needed when only one runs.'),
});

export const stopSimulation = defineTool({
  name: 'stop_simulation',
  title: 'Stop a simulation',
  description:
    'Ends the trips of a simulation, waits for the last acknowledgements, and says what it came to.',
  effect: 'changes',
  input: stopInput,
  question: (input, host) => {
    const { simulationId, where, vehicles } = running(input, host);
    const vins = vehicles.slice(0, MOST_STATES).map(({ vin }) => vin);
    return Promise.resolve({
      title: l10n.t('Stop the simulation {id}?', { id: simulationId }),
      lines: [where, ...(vins.length === 0 ? [] : [l10n.t('Vehicles: {vins}', { vins: vins.join(', ') })])],
    });
  },
  run: async (input, host, { signal }) => {
    const { simulationId } = running(input, host);
    await host.simulations.stop(simulationId, signal);
    const ended = host.simulations.list().find((each) => each.simulationId === simulationId);
    return ended === undefined ? { simulationId } : summaryJson(ended);
  },
});

/** @throws CmsError REQUEST_INVALID when it is not clear which one, or there is none */
function running({ simulationId }: z.infer<typeof stopInput>, { simulations }: ToolHost): SimulationSummary {
  const all = simulations.list().filter(({ state }) => state === 'running');
  const meant = all.filter((each) => simulationId === undefined || each.simulationId === simulationId);
  const [only, another] = meant;
  if (only !== undefined && another === undefined) return only;
  const ids = all.map((each) => each.simulationId).join(', ');
  throw new CmsError(
    'REQUEST_INVALID',
    all.length === 0
      ? l10n.t('No simulation is running.')
      : l10n.t('Specify one of the running simulations: {ids}.', { ids }),
  );
}

function summaryJson({ vehicles, ...summary }: SimulationSummary): object {
  const shown = vehicles.slice(0, MOST_STATES).map(({ vin, phase, link, fraction, problem }) => ({
    ...{ vin, phase, link, fraction: Math.round(fraction * 1000) / 1000 },
    ...defined({ problem: problem?.sentence }),
  }));
  return { ...summary, vehicles: shown, vehicleCount: vehicles.length };
}
