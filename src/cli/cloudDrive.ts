import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { chooseVehicles, vehiclesOf } from '../onboarding/chooseVehicles.ts';
import {
  type CloudRunReport,
  driveInCloud,
  endLeftRuns,
  failedRuns,
  simulatorOf,
} from '../onboarding/cloudDrive.ts';
import { createCloudJournal, placeOf } from '../onboarding/cloudJournal.ts';
import { createResolver } from '../onboarding/resolveVehicle.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { openStack } from './open.ts';
import {
  type CmsFlags,
  count,
  examples,
  type SignInFlags,
  withCms,
  withOutput,
  withSignIn,
} from './options.ts';
import { inSession, type Session } from './session.ts';
import { choiceOf, noneOf, saidOfOthers, type VehicleFlags, withManyVehicles } from './simulationVehicles.ts';

type CloudFlags = CmsFlags &
  SignInFlags &
  VehicleFlags & { duration: number; interval?: number; endLeft?: boolean };

export function addCloudDrive(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('simulate-in-cloud')
    .description('have the simulator of the CMS send telemetry for vehicles, and end what it started')
    .optionsGroup('Vehicles:')
    .option('--vin <vin...>', 'vehicles; they need no certificate here');
  withManyVehicles(command);
  command
    .optionsGroup('Simulation:')
    .option('--duration <seconds>', 'how long each vehicle sends', count, 60)
    .option('--interval <seconds>', 'between two messages of a vehicle (default: what is usual there)', count)
    .option('--end-left', 'only end what an earlier run left behind; each start does that, too');
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement simulate-in-cloud --deployment cms --vin LSH14J4C4LA046511 --username admin@example.com',
    'cms-enablement simulate-in-cloud --fleet fleet.csv --duration 600 --interval 30 --username admin@example.com',
    'cms-enablement simulate-in-cloud --end-left --username admin@example.com',
  );
  command.action((flags: CloudFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: CloudFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const certificates = createCertificateStore(resolve(flags.certs));
  const chosen =
    flags.endLeft === true ? [] : await chooseVehicles(await choiceOf(flags, session), certificates);
  const { connection, deployment } = await openStack(flags, session);
  const simulator = simulatorOf(deployment);
  const place = await placeOf(deployment, connection, work.signal);
  const journal = createCloudJournal(certificates.folder, () => work.clock.now());
  if (flags.endLeft === true) {
    const { ended, unknown } = await endLeftRuns({ deployment, place, journal }, work);
    const rest = unknown === 0 ? '' : ` ${counted(unknown, 'simulation')} may still be running.`;
    output.result('result', { ended, unknown }, `${counted(ended, 'simulation')} ended.${rest}`);
    return unknown === 0 ? EXIT.ok : EXIT.partlyFailed;
  }
  const { own, leftOut } = vehiclesOf(chosen, deployment);
  if (own.length === 0) throw noneOf(deployment, certificates.folder);
  if (leftOut > 0) {
    work.progress({ step: 'certificates', level: 'warn', message: saidOfOthers(leftOut, deployment) });
  }
  const resolveOne = createResolver(deployment, certificates);
  const vehicles: VehicleRef[] = [];
  for (const { vin, id } of own) vehicles.push(await resolveOne(id ?? vin, work.signal));
  work.progress({ step: 'cloud-drive', level: 'warn', message: simulator.caveat });
  const { duration, interval = simulator.interval.usual } = flags;
  const shown = new Map<string, string>();
  const reports = await driveInCloud(
    { vehicles, duration, interval },
    { deployment, place, journal, told: (runs) => show(runs, shown, session) },
    work,
  );
  const failure = failedRuns(reports);
  const vins = reports.reduce((sum, { run: { vins: some } }) => sum + some.length, 0);
  const known = reports.flatMap(({ arrived }) => arrived ?? []);
  const arrived = known.length === 0 ? undefined : known.reduce((sum, some) => sum + some, 0);
  const found =
    arrived === undefined
      ? 'Whether their telemetry arrived may not be looked at.'
      : `The CMS has telemetry of ${arrived} of them.`;
  output.result(
    'result',
    { runs: reports.length, vehicles: vins, arrived },
    `The simulator sent for ${counted(vins, 'vehicle')} in ${counted(reports.length, 'run')}. ${found}`,
  );
  if (failure !== undefined) throw failure;
  return arrived !== undefined && arrived < vins ? EXIT.partlyFailed : EXIT.ok;
}

/** Says what changed since it was said last. */
function show(reports: readonly CloudRunReport[], shown: Map<string, string>, { output }: Session): void {
  for (const { run: cloudRun, state, arrived, problem, progress } of reports) {
    const { id, vins } = cloudRun;
    const trips = progress === undefined ? undefined : `${progress.done} of ${progress.of} trips`;
    const now = [state, trips].join();
    if (shown.get(id) === now) continue;
    shown.set(id, now);
    const why = problem instanceof Error ? `: ${problem.message}` : '';
    output.result(
      'run',
      { id, vehicles: vins.length, state, arrived, progress },
      `${id}  ${counted(vins.length, 'vehicle')}  ${state}${trips === undefined ? '' : `  ${trips}`}${why}`,
    );
  }
}
