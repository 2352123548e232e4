import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CmsError, messageOf } from '../core/errors.ts';
import { ERROR_CODES } from '../core/errorCodes.ts';
import { startDevice } from '../device/client.ts';
import { openRecording, type Recording } from '../device/simulation/recording.ts';
import { simulatedVehicles } from '../device/simulation/simulatedVehicles.ts';
import {
  newSimulationId,
  startSimulation,
  type RunningSimulation,
} from '../device/simulation/startSimulation.ts';
import { describeMessage, describeTotals, kilometres } from '../device/simulation/describe.ts';
import { manifestVins } from '../onboarding/manifest.ts';
import type {
  SimulationRequest,
  SimulationResult,
  SimulationUpdate,
  VehicleState,
} from '../protocol/simulation.ts';
import { brokerOf } from '../provisioning/broker.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import { EXIT } from './exitCodes.ts';
import { openStack } from './open.ts';
import { type CmsFlags, examples, withCms, withOutput } from './options.ts';
import { inSession, type Session } from './session.ts';
import { type DriveFlags, driveOf, routesOf, withDrive } from './simulationOptions.ts';
import { describeResult } from './simulationText.ts';

type SimulateFlags = CmsFlags &
  DriveFlags & { vin?: string[]; fleet?: string; all?: boolean; record?: string };

/** More messages a second than a reader or a log could follow: then a line a second sums them up. */
const MOST_LINES_PER_SECOND = 50;
const SUMMARY_MS = 1000;

export function addSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .description('drive vehicles along a route; each sends its telemetry on its own connection')
    .optionsGroup('Vehicles:')
    .option('--vin <vin...>', 'vehicles with a certificate in the certificate folder')
    .option('--fleet <file>', 'the vehicles of a fleet manifest')
    .option('--all', 'all vehicles in the certificate folder');
  withDrive(command);
  withCms(command).option('--record <file>', 'write every acknowledged message as a line of JSON');
  examples(
    withOutput(command),
    'cms-enablement simulate --vin LSH14J4C4LA046511 --route route.gpx --dtc 3:P0217',
    'cms-enablement simulate --fleet fleet.csv --route city.kml --loop --speed 5 --spread',
    'cms-enablement simulate --all --route route.csv --pace points --record run.jsonl --json',
  );
  command.action((flags: SimulateFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: SimulateFlags, session: Session): Promise<number> {
  const { work } = session;
  const certificates = createCertificateStore(resolve(flags.certs));
  const vins = await vinsOf(flags, certificates);
  const { routes, notes } = await routesOf(flags, vins.length);
  for (const message of notes) work.progress({ step: 'route', level: 'info', message });
  const { connection, deployment } = await openStack(flags, session);
  const vehicles = await simulatedVehicles(vins, {
    certificates,
    thingNameOf: (vin) => deployment.thingNameOf(vin),
    seed: flags.seed,
    routes: routes.length,
    spread: flags.spread === true,
    from: flags.from ?? 0,
  });
  const request: SimulationRequest = {
    simulationId: newSimulationId(work.clock.now()),
    broker: await brokerOf(connection, work.signal),
    routes,
    vehicles,
    ...driveOf(flags),
    payloads: flags.record !== undefined,
  };
  const recording = flags.record === undefined ? undefined : await openRecording(resolve(flags.record));
  try {
    const result = await runSimulation(request, session, { ...flags, ...(recording ? { recording } : {}) });
    return exitCodeOfRun(result, session);
  } finally {
    await recording?.close();
    if (recording) sayRecording(recording, session);
  }
}

/** Runs a simulation to its end and shows it; Ctrl-C ends its trips first. */
export async function runSimulation(
  request: SimulationRequest,
  session: Session,
  options: { verbose?: boolean; recording?: Recording } = {},
): Promise<SimulationResult> {
  const { output, work } = session;
  const device = session.use(await startDevice());
  const show = shower(session, request, options.verbose === true);
  // Ctrl-C must not tear the connections down: it stops, so that the last messages still arrive.
  const running = startSimulation(
    device,
    request,
    {
      update(update) {
        options.recording?.add(update.messages);
        show(update, running);
      },
    },
    { ...work, signal: new AbortController().signal },
  );
  const stop = () => running.stop();
  work.signal.addEventListener('abort', stop, { once: true });
  if (work.signal.aborted) stop();
  try {
    const result = await running.ended;
    output.result('simulation', { simulationId: request.simulationId, ...result }, describeResult(result));
    return result;
  } catch (error) {
    throw resumable(error, running);
  } finally {
    work.signal.removeEventListener('abort', stop);
  }
}

/** Shows updates as they come: changes of vehicles at once, messages one by one or once a second in sum. */
function shower(session: Session, request: SimulationRequest, verbose: boolean) {
  const { output, work } = session;
  const seen = new Map<string, string>();
  const single = request.vehicles.length * (request.rate ?? 1) <= MOST_LINES_PER_SECOND;
  let summedUpAt = work.clock.now();
  const [route] = request.routes;
  const count = request.vehicles.length;
  work.progress({
    step: 'simulate',
    level: 'info',
    message: `Starting ${count === 1 ? 'a vehicle' : `${count} vehicles`} on ${route?.name ?? 'a route'}`,
  });
  return (update: SimulationUpdate, running: RunningSimulation) => {
    for (const state of update.vehicles) {
      const now = `${state.phase} ${state.link} ${state.problem?.code ?? ''}`;
      if (seen.get(state.vin) === now) continue;
      seen.set(state.vin, now);
      showChange(state);
    }
    if (single) {
      for (const message of update.messages) {
        const { type: kind, ...rest } = message;
        if (output.json) output.result('message', { kind, ...rest }, '');
        else if (verbose) output.note(describeMessage(message));
      }
    }
    if (work.clock.now() - summedUpAt < SUMMARY_MS) return;
    summedUpAt = work.clock.now();
    if (output.json) output.result('totals', update.totals, '');
    else {
      const message = describeTotals(update.totals, running.vehicles.values());
      work.progress({ step: 'simulate', level: 'info', message });
    }
  };

  function showChange(state: VehicleState): void {
    const { vin, phase, problem } = state;
    if (output.json) output.result('vehicle-state', state, '');
    else if (problem !== undefined) {
      const what = phase === 'failed' ? 'failed' : 'is offline and keeps its messages';
      work.progress({ step: 'simulate', level: 'warn', vin, message: `${what}: ${problem.message}` });
    } else {
      const message = `${phase}, ${state.link} (${kilometres(state.metres)})`;
      work.progress({ step: 'simulate', level: 'debug', vin, message });
    }
  }
}

async function vinsOf(flags: SimulateFlags, certificates: CertificateStore): Promise<string[]> {
  const given = [flags.vin, flags.fleet, flags.all].filter((it) => it !== undefined);
  if (given.length !== 1) {
    throw new CmsError('REQUEST_INVALID', 'Say which vehicles drive: --vin, --fleet or --all.', {
      remedy: 'Give exactly one of them.',
    });
  }
  if (flags.vin !== undefined) return [...new Set(flags.vin)];
  if (flags.fleet !== undefined) return fleetVins(flags.fleet);
  const vins = await certificates.vins();
  if (vins.length > 0) return vins;
  throw new CmsError('CERTIFICATE_MISSING', `${certificates.folder} holds no vehicle.`, {
    step: 'certificates',
    remedy: 'Onboard a vehicle first, or say with --certs where the certificates are.',
    details: { vehicles: 0 },
  });
}

async function fleetVins(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CmsError('MANIFEST_INVALID', `The fleet manifest cannot be read: ${messageOf(error)}.`, {
      remedy: 'Check the path.',
      cause: error,
    });
  }
  return manifestVins(text, file, Date.now());
}

function exitCodeOfRun({ totals, vehicles }: SimulationResult, { work }: Session): number {
  if (totals.failed === totals.vehicles) {
    throw failure(vehicles);
  }
  if (work.signal.aborted) return EXIT.cancelled;
  return totals.failed + totals.lost > 0 ? EXIT.partlyFailed : EXIT.ok;
}

/** All vehicles failed: for the reason of the first. */
function failure([first, ...others]: readonly VehicleState[]): CmsError {
  const problem = first?.problem;
  const code = ERROR_CODES.find((known) => known === problem?.code) ?? 'INTERNAL';
  const all = others.length === 0 ? '' : `All ${others.length + 1} vehicles failed. `;
  return new CmsError(code, `${all}${problem?.message ?? 'The vehicle failed.'}`, {
    step: 'simulate',
    ...(problem?.remedy === undefined ? {} : { remedy: problem.remedy }),
    ...(problem?.details === undefined ? {} : { details: problem.details }),
  });
}

/** A run whose process died says how to go on from where it was. */
function resumable(error: unknown, running: RunningSimulation): unknown {
  const left = running.resumption();
  if (!(error instanceof CmsError) || error.code !== 'DEVICE_PROCESS_FAILED' || left === undefined)
    return error;
  const from = Math.min(...left.vehicles.map((vehicle) => vehicle.from ?? 0));
  return new CmsError(error.code, error.message, {
    step: 'simulate',
    remedy:
      'What was acknowledged is in the cloud. The process starts anew when you run it again: ' +
      `with --from ${from.toFixed(3)} it goes on where it was, as a new trip.`,
    details: error.details,
    cause: error,
  });
}

function sayRecording(recording: Recording, { output }: Session): void {
  const { file, written, missed, problem } = recording;
  const text =
    problem === undefined
      ? `${written} messages are recorded in ${file}.`
      : `The recording lacks ${missed} messages: ${problem.message}`;
  output.result(
    'recording',
    { file, written, missed, ...(problem ? { problem: problem.message } : {}) },
    text,
  );
}
