import { resolve } from 'node:path';
import type { Command } from 'commander';
import { sendingOf } from '../onboarding/sending.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { defined } from '../core/defined.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { errorOf } from '../core/problem.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { openRecording, type Recording } from '../device/client/recording.ts';
import { simulatedVehicles } from '../device/client/simulatedVehicles.ts';
import {
  newSimulationId,
  startSimulation,
  type RunningSimulation,
} from '../device/client/startSimulation.ts';
import { chooseVehicles, vehiclesOf } from '../onboarding/chooseVehicles.ts';
import { telemetryOf } from '../onboarding/onboard.ts';
import { createResolver } from '../onboarding/resolveVehicle.ts';
import type { SimulationRequest, SimulationResult, VehicleState } from '../protocol/simulation.ts';
import { connectsOf, emptyResult, partOf, type Shard, shardText, WHOLE } from '../scale/shard.ts';
import { brokerOf } from '../provisioning/device.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import type { Units } from '../text/measures.ts';
import { DriveMeter } from '../text/driveSummary.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { connect, openStack } from './open.ts';
import { type CmsFlags, examples, withCms, withOutput, withUnits } from './options.ts';
import { attach } from './scale/follow.ts';
import { type ScaleFlags, withScale } from './scale/options.ts';
import { storeIn } from './scale/places.ts';
import { refuseUnsharded, simulateSharded } from './scale/sharded.ts';
import { inSession, type Session } from './session.ts';
import { type DriveFlags, driveOf, isSpread, routesOf, withDrive } from './simulationOptions.ts';
import { type FileFlags, type SimulationFiles, simulationFiles, withFiles } from './simulationFiles.ts';
import { choiceOf, noneOf, saidOfOthers, type VehicleFlags, withManyVehicles } from './simulationVehicles.ts';
import { simulationShower } from './simulationShow.ts';
import { describeResult, neverConnected, resultJson } from './simulationText.ts';

type SimulateFlags = CmsFlags &
  FileFlags &
  DriveFlags &
  ScaleFlags &
  VehicleFlags & { record?: string; units: Units };

export function addSimulate(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('simulate')
    .description('drive vehicles along a route; each sends its telemetry on its own connection')
    .optionsGroup('Vehicles:')
    .option('--vin <vin...>', 'vehicles with a certificate in the certificate folder');
  withManyVehicles(command);
  withDrive(command);
  withCms(command, generations).option(
    '--record <file>',
    'write every acknowledged message as a line of JSON',
  );
  withFiles(command);
  withUnits(command);
  withScale(command);
  examples(
    withOutput(command),
    'cms-enablement simulate --vin LSH14J4C4LA046511 --route route.gpx --dtc 3:P0217',
    'cms-enablement simulate --fleet fleet.csv --route city.kml --loop --speed 5',
    'cms-enablement simulate --tag night-shift --route city.kml --event 2:braking --event-rate dtc:5',
    'cms-enablement simulate --all --route route.csv --pace points --record run.jsonl --json',
    'cms-enablement simulate --all --route city.kml --junit report.xml --export drive.csv',
  );
  command.action((flags: SimulateFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: SimulateFlags, session: Session): Promise<number> {
  const { work } = session;
  refuseUnsharded(flags);
  if (flags.attach !== undefined) {
    const connection = await connect(flags, session);
    const store = await storeIn(flags.store, connection, session.work.signal);
    return attach(flags.attach, flags, { store, connection }, session);
  }
  const certificates = createCertificateStore(resolve(flags.certs));
  const chosen = await chooseVehicles(await choiceOf(flags, session), certificates);
  const routesFor = await routesOf(flags, work);
  const { connection, deployment } = await openStack(flags, session);
  const { own, leftOut } = vehiclesOf(chosen, deployment);
  if (own.length === 0) throw noneOf(deployment, certificates.folder);
  if (leftOut > 0) {
    const message = saidOfOthers(leftOut, deployment);
    work.progress({ step: 'certificates', level: 'warn', message });
  }
  const named: VehicleRef[] = [];
  const resolveOne = createResolver(deployment, certificates);
  const fuelTypes = new Map<string, string | undefined>();
  for (const { vin, id, fuelType } of own) {
    const vehicle = await resolveOne(id ?? vin, work.signal);
    if (!fuelTypes.has(vehicle.id)) named.push(vehicle);
    fuelTypes.set(vehicle.id, fuelType);
  }
  const { shard = WHOLE } = flags;
  const { from: offset, to } = partOf(shard, named.length);
  const part = { offset, total: named.length };
  const { routes, notes } = routesFor(named.length);
  for (const message of notes) work.progress({ step: 'route', level: 'info', message });
  const { shards, on } = flags;
  if (shards !== undefined && on !== undefined) {
    const run = newSimulationId(work.clock.now());
    const fuelTypeOf = ({ id }: VehicleRef) => fuelTypes.get(id);
    const fleet = { run, deployment, connection, vehicles: named, routes, fuelTypeOf };
    return simulateSharded(fleet, { ...flags, shards, on }, session);
  }
  const { generation } = deployment;
  const files = simulationFiles(flags, session, { generation, shard, fleet: named.length });
  if (offset === to) return nothingToDo(shard, newSimulationId(work.clock.now()), files, session);
  const telemetry = telemetryOf(deployment);
  const vehicles = await simulatedVehicles(named.slice(offset, to), {
    part,
    ...sendingOf(telemetry, work.signal),
    certificates,
    seed: flags.seed,
    routes: routes.length,
    spread: isSpread(flags, named.length),
    from: flags.from ?? 0,
    powertrain: flags.powertrain,
    fuelTypeOf: ({ id }) => fuelTypes.get(id),
  });
  const request: SimulationRequest = {
    simulationId: newSimulationId(work.clock.now()),
    generation,
    broker: await brokerOf(connection, work.signal),
    routes,
    vehicles,
    ...driveOf(flags),
    payloads: flags.record !== undefined,
    ...(shard.count === 1 ? {} : { limits: { connectsPerSecond: connectsOf(shard) } }),
  };
  const recording =
    flags.record === undefined ? undefined : await openRecording(resolve(flags.record), { generation });
  try {
    const result = await runSimulation(request, session, {
      ...flags,
      ...defined({ recording }),
      files,
    });
    const code = exitCodeOfRun(result, session);
    await recording?.close();
    return code === EXIT.ok && recording !== undefined && recording.missed > 0 ? EXIT.partlyFailed : code;
  } finally {
    await recording?.close();
    if (recording) showRecording(recording, session);
  }
}

/** A fleet with fewer vehicles than shards leaves some of them without any. */
async function nothingToDo(
  shard: Shard,
  simulationId: string,
  files: SimulationFiles,
  { output }: Session,
): Promise<number> {
  const result = emptyResult();
  const figures = new DriveMeter().figures(result.totals, []);
  const text = `Shard ${shardText(shard)} has no vehicles: the fleet is smaller than the number of shards.`;
  output.result('simulation', { simulationId, ...resultJson(result) }, text);
  await files.write(simulationId, result, figures);
  return EXIT.ok;
}

/** Runs a simulation to its end and shows it; Ctrl-C ends its trips first. */
export async function runSimulation(
  request: SimulationRequest,
  session: Session,
  options: { verbose?: boolean; units?: Units; recording?: Recording; files?: SimulationFiles } = {},
): Promise<SimulationResult> {
  const { output, work } = session;
  const device = session.use(await startDevice());
  const meter = new DriveMeter();
  const show = simulationShower(session, request, {
    verbose: options.verbose === true,
    units: options.units,
  });
  // The signal is not passed on: Ctrl-C must not cut connections. It stops the simulation, so that the last
  // messages still arrive.
  const running = startSimulation(
    device,
    request,
    {
      update(update) {
        options.recording?.add(update.messages, update.omitted);
        options.files?.add(update);
        meter.add(update);
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
    const figures = meter.figures(result.totals, result.vehicles);
    output.result(
      'simulation',
      { simulationId: request.simulationId, ...resultJson(result, figures) },
      describeResult(result, figures, options.units),
    );
    await options.files?.write(request.simulationId, result, figures);
    return result;
  } catch (error) {
    throw resumable(error, running);
  } finally {
    work.signal.removeEventListener('abort', stop);
  }
}

function exitCodeOfRun({ totals, vehicles }: SimulationResult, { work }: Session): number {
  if (totals.failed === totals.vehicles) throw failure(vehicles);
  if (work.signal.aborted) return EXIT.cancelled;
  const unreached = neverConnected(vehicles).length;
  if (totals.failed + unreached === totals.vehicles) throw failure(vehicles);
  return totals.failed + totals.lost + unreached > 0 ? EXIT.partlyFailed : EXIT.ok;
}

/** The error when all vehicles failed, with the problem of the first one. */
function failure([first, ...others]: readonly VehicleState[]): CmsError {
  const unreached = { code: 'ENDPOINT_UNREACHABLE', sentence: l10n.t('No vehicle ever connected.') };
  const problem = first?.problem ?? unreached;
  const all = l10n.t('All {count} vehicles failed.', { count: others.length + 1 });
  const sentence = others.length === 0 ? problem.sentence : l10n.list([all, problem.sentence], 'sentences');
  return errorOf({ ...problem, sentence, step: 'simulate' }, 'INTERNAL');
}

/** If the device process died, adds to the error how to continue the run. */
function resumable(error: unknown, running: RunningSimulation): unknown {
  const resumption = running.resumption();
  if (!isCmsError(error) || error.code !== 'DEVICE_PROCESS_FAILED' || resumption === undefined) return error;
  const [from = '0', ...others] = new Set(
    resumption.vehicles.map((vehicle) => (vehicle.from ?? 0).toFixed(3)),
  );
  // One place is only right for vehicles that drive side by side.
  const remedy =
    others.length > 0
      ? l10n.t('What was acknowledged is in the cloud. Run it again: the vehicles start new trips.')
      : l10n.t(
          'What was acknowledged is in the cloud. The process restarts when you run it again: with --from {from} it continues where it was, as a new trip.',
          { from },
        );
  return new CmsError(error.code, error.sentence, {
    step: 'simulate',
    remedy,
    details: error.details,
    cause: error,
  });
}

function showRecording(recording: Recording, { output }: Session): void {
  const { file, written, missed, problem } = recording;
  const text =
    problem === undefined
      ? `${counted(written, 'message is', 'messages are')} recorded in ${file}.`
      : `The recording lacks ${counted(missed, 'message')}: ${problem.message}`;
  output.result(
    'recording',
    { file, written, missed, ...(problem ? { problem: problem.message } : {}) },
    text,
  );
}
