import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { Stored } from '../../provisioning/stored.ts';
import { say, sayErrorAndRemedy, sayPlural } from '../base/say.ts';
import { logError } from '../base/log.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { CertificateActions } from '../certificates/commands.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { RouteSources } from '../routes/routeChoice.ts';
import { vinOrCount } from '../vehicles/vehicleWords.ts';
import { notify } from '../base/shown.ts';
import type { DriveMemory } from './driveMemory.ts';
import type { DrivePlan } from './driveWizard.ts';
import { defaultRecordingFile, startRecorded } from './recordings.ts';
import type { SimulationRun } from './run.ts';
import type { RunMaps } from './runMaps.ts';
import type { Simulations } from './simulations.ts';
import { type ScaleSources, startScaled } from './startScale.ts';

/** Message rates up to which the last payload of every vehicle is kept at hand. */
const FEW_MESSAGES_PER_SECOND = 20;

/** What a drive is started with. */
export interface StartSources {
  access: VehicleAccess;
  routes: RouteSources;
  memory: DriveMemory;
  simulations: Simulations;
  certificates: CertificateActions;
  maps: RunMaps;
  scale: ScaleSources;
}

/** Starts what was asked for; vehicles without a certificate get one first, if the person wants. */
export async function startDrive(
  tasks: Tasks,
  sources: StartSources,
  plan: DrivePlan,
): Promise<SimulationRun | undefined> {
  const { access, simulations } = sources;
  const { ref } = plan;
  const named = await namesOf(tasks, access, plan);
  const apart = named === undefined ? [] : await notElsewhere(sources, ref, named);
  const free = await notDriving(tasks, sources, ref, apart);
  const { scale } = plan;
  if (scale !== undefined && named !== undefined) {
    // Workers read certificates of their own, and say which are missing.
    const driven = { vehicles: free, title: titleOf(plan, free) };
    if (free.length > 0) await startScaled(tasks, sources.scale, { ...plan, scale }, driven);
    return undefined;
  }
  const drivers = free.length === 0 ? [] : await withCertificates(tasks, sources, ref, free);
  if (drivers.length === 0) return undefined;
  return tasks.run(
    { title: vscode.l10n.t('Starting the simulation'), quiet: true },
    async ({ signal, clock }) => {
      const { brokerOf, newSimulationId, sendingOf, simulatedVehicles, telemetryOf } = access.backend();
      const connection = await access.connections.open(ref.connectionId);
      const deployment = await access.sessions.open(ref, signal);
      const certificates = access.certificates.forReading();
      const telemetry = telemetryOf(deployment);
      const vehicles = await simulatedVehicles(drivers, {
        ...sendingOf(telemetry, signal),
        certificates,
        seed: plan.seed,
        routes: plan.routes.length,
        spread: plan.spread,
        powertrain: plan.powertrain,
      });
      const request: SimulationRequest = {
        ...plan.drive,
        simulationId: freeId(simulations, newSimulationId, clock.now()),
        generation: deployment.generation,
        broker: await brokerOf(connection, signal),
        routes: plan.routes,
        vehicles: vehicles.map((vehicle) => ({ ...vehicle, ...simulations.gauges(vehicle.id, ref) })),
        payloads: plan.record || drivers.length * (plan.drive.rate ?? 1) <= FEW_MESSAGES_PER_SECOND,
      };
      const title = titleOf(plan, drivers);
      const device = await access.device.get();
      throwIfAborted(signal);
      const file = plan.record ? defaultRecordingFile(request.simulationId) : undefined;
      return startRecorded(access.backend, { file, generation: deployment.generation }, (recording) =>
        simulations.start({ title, ref, request, ...defined({ recording }) }, device),
      );
    },
  );
}

/** The names of the vehicles; undefined if one is not known, which is said then. */
function namesOf(
  tasks: Tasks,
  access: VehicleAccess,
  { ref, vehicles }: DrivePlan,
): Promise<VehicleRef[] | undefined> {
  return tasks.run({ title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true }, async ({ signal }) => {
    const deployment = await access.sessions.open(ref, signal);
    const certificates = access.certificates.forReading();
    return access.resolveAll(vehicles, { deployment, certificates }, signal);
  });
}

/** Without those that workers elsewhere drive; where nobody knows which ones these are, the person decides. */
async function notElsewhere(
  { scale: { scaleRuns } }: StartSources,
  ref: StackRef,
  vehicles: readonly VehicleRef[],
): Promise<VehicleRef[]> {
  const [unknown] = scaleRuns.unknownOn(ref);
  if (unknown !== undefined) {
    const start = vscode.l10n.t('Start Anyway');
    const text = vscode.l10n.t('{0} may drive the same vehicles. Start anyway?', unknown.kept.title);
    const detail = vscode.l10n.t(
      'Which vehicles its workers drive could not be read yet. Two simulations of one vehicle take turns in losing messages.',
    );
    if ((await notify.warn(text, { modal: true, detail }, start)) !== start) return [];
  }
  const runs = new Map(vehicles.map((each) => [each, scaleRuns.driving({ ref, ...each })]));
  const free = vehicles.filter((each) => runs.get(each) === undefined);
  const [first] = vehicles.filter((each) => runs.get(each) !== undefined);
  const run = first === undefined ? undefined : runs.get(first);
  if (first === undefined || run === undefined) return free;
  const count = vehicles.length - free.length;
  const { title } = run.kept;
  const text = l10n.plural(
    count,
    l10n.t('{vin} is being simulated by workers: {title}.', { vin: first.vin, title }),
    l10n.t('{count} of the vehicles are being simulated by workers: {title}.', { count, title }),
  );
  const next =
    free.length > 0
      ? othersStart(free.length)
      : run.isLost
        ? l10n.t('It is not followed: resume or clear it in Simulations first.')
        : l10n.t('Stop that simulation first.');
  void notify.info(say(l10n.list([text, next], 'sentences')));
  return free;
}

function othersStart(count: number): Message {
  return l10n.plural(count, l10n.t('The other vehicle starts now.'), l10n.t('The other vehicles start now.'));
}

/** Without those that are simulated already: two connections with one client id would take turns in losing messages. */
async function notDriving(
  tasks: Tasks,
  { simulations, maps }: StartSources,
  ref: StackRef,
  vehicles: readonly VehicleRef[],
): Promise<VehicleRef[]> {
  const busy = vehicles.filter((each) => simulations.simulating({ ref, ...each }) !== undefined);
  const isBusy = new Set(busy);
  const free = vehicles.filter((each) => !isBusy.has(each));
  const [first] = busy;
  if (first === undefined) return free;
  const count = busy.length;
  const text = l10n.plural(
    count,
    l10n.t('{vin} is already being simulated.', { vin: first.vin }),
    l10n.t('{count} of the vehicles are already being simulated.', { count }),
  );
  if (free.length > 0) {
    void notify.info(say(l10n.list([text, othersStart(free.length)], 'sentences')));
    return free;
  }
  const map = vscode.l10n.t('Show on Map');
  const restart = vscode.l10n.t('Stop and Restart');
  const picked = await notify.info(say(text), map, restart);
  if (picked === map) maps.showVehicle({ ref, ...first });
  if (picked !== restart) return [];
  const stopped = await tasks.run(
    { title: vscode.l10n.t('Stopping the previous simulation') },
    async ({ signal }) => {
      await simulations.endTrips(ref, busy, signal);
      return true;
    },
  );
  return stopped === true ? [...vehicles] : [];
}

/** Those that have a certificate, after the others were given one if the person wants that. */
async function withCertificates(
  tasks: Tasks,
  sources: StartSources,
  ref: StackRef,
  vehicles: readonly VehicleRef[],
): Promise<VehicleRef[]> {
  sources.access.certificates.requireTrust();
  const missing: VehicleRef[] = [];
  for (const vehicle of vehicles) {
    const stored = await certificateOf(tasks, sources, { ref, ...vehicle });
    if (stored === 'unusable') return [];
    if (stored === 'none') missing.push(vehicle);
  }
  const [first] = missing;
  if (first === undefined) return [...vehicles];
  const isMissing = new Set(missing);
  const others = vehicles.filter((each) => !isMissing.has(each));
  const provision = vscode.l10n.t('Provision Certificates');
  const without = vscode.l10n.t('Continue Without');
  const count = missing.length;
  const text = sayPlural(
    count,
    l10n.t('{vin} has no certificate in this workspace, and cannot connect without one.', {
      vin: first.vin,
    }),
    l10n.t('{count} vehicles have no certificate in this workspace, and cannot connect without one.', {
      count,
    }),
  );
  const picked = await notify.info(text, ...(others.length > 0 ? [provision, without] : [provision]));
  if (picked === without) return others;
  if (picked !== provision) return [];
  return (await sources.certificates.provisionVehicles(ref, missing)) ? [...vehicles] : [];
}

/** A certificate that is there but of no use is said with what helps against it. */
async function certificateOf(
  tasks: Tasks,
  { access, certificates }: StartSources,
  vehicle: VehicleOfStack & VehicleRef,
): Promise<Stored<unknown>['kind']> {
  const stored = await access.certificates.forReading().production(vehicle.id);
  if (stored.kind === 'unusable') {
    // Rotating begins with the certificate there is; provisioning asks, and sets this one aside.
    const provision = vscode.l10n.t('Provision Certificates');
    const reveal = vscode.l10n.t('Reveal Certificates');
    logError(tasks.log, stored.why);
    const picked = await notify.error(sayErrorAndRemedy(stored.why), provision, reveal);
    if (picked === provision) await certificates.provision(vehicle);
    if (picked === reveal) await certificates.reveal(vehicle);
  }
  return stored.kind;
}

/** Two runs that begin within a millisecond are two. */
function freeId(simulations: Simulations, newSimulationId: (time: number) => string, now: number): string {
  let time = now;
  while (simulations.run(newSimulationId(time)) !== undefined) time += 1;
  return newSimulationId(time);
}

function titleOf({ routes }: DrivePlan, vehicles: readonly VehicleRef[]): string {
  const [first, second] = routes;
  const where =
    first !== undefined && second === undefined ? first.name : vscode.l10n.t('{0} routes', routes.length);
  return `${vinOrCount(vehicles)} · ${where}`;
}
