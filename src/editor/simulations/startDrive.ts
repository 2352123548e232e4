import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { isCmsError } from '../../core/errors.ts';
import type { Recording } from '../../device/client/recording.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { StoredIdentity } from '../../provisioning/certificates.ts';
import type { App } from '../app.ts';
import { provisionVehicles } from '../certificates/commands.ts';
import type { StackRef } from '../stacks/sessions.ts';
import type { DrivePlan } from './driveWizard.ts';
import { errorWithRemedy } from '../base/inLanguage.ts';
import { endTrips } from './endTrips.ts';
import type { SimulationRun } from './run.ts';

/** Message rates up to which the last payload of every vehicle is kept at hand. */
const FEW_MESSAGES_PER_SECOND = 20;

/** Starts what was asked for; vehicles without a certificate get one first, if the person wants. */
export async function startDrive(app: App, plan: DrivePlan): Promise<SimulationRun | undefined> {
  const { ref } = plan;
  const free = await freeVins(app, ref, plan.vins);
  const vins = free.length === 0 ? [] : await withCertificates(app, ref, free);
  if (vins.length === 0) return undefined;
  const started = await app.run(
    { title: vscode.l10n.t('Starting the simulation'), quiet: true },
    async ({ signal, clock }) => {
      const work = app.work();
      const connection = await app.connections.open(ref.connectionId);
      const deployment = await app.sessions.open(ref, signal);
      const certificates = app.certificates.forReading();
      const vehicles = await work.simulatedVehicles(vins, {
        certificates,
        thingNameOf: (vin) => deployment.thingNameOf(vin),
        seed: plan.seed,
        routes: plan.routes.length,
        spread: plan.spread,
        powertrain: plan.powertrain,
      });
      const request: SimulationRequest = {
        ...plan.drive,
        simulationId: newId(app, clock.now()),
        broker: await work.brokerOf(connection, signal),
        routes: plan.routes,
        vehicles: vehicles.map((vehicle) => ({ ...vehicle, ...app.simulations.gauges(vehicle.vin, ref) })),
        payloads: plan.record || vins.length * (plan.drive.rate ?? 1) <= FEW_MESSAGES_PER_SECOND,
      };
      const title = titleOf(plan, vins);
      const recording = plan.record
        ? await openRecordingFor(app, defaultRecordingFile(request.simulationId))
        : undefined;
      const device = await app.device();
      return app.simulations.start(
        { title, ref, request, ...(recording === undefined ? {} : { recording }) },
        device,
      );
    },
  );
  return started;
}

/** Without those that are simulated already: two connections with one client id would take turns in losing messages. */
async function freeVins(app: App, ref: StackRef, vins: readonly string[]): Promise<string[]> {
  const busy = vins.filter((vin) => app.simulations.simulating(vin, ref) !== undefined);
  const isBusy = new Set(busy);
  const free = vins.filter((vin) => !isBusy.has(vin));
  const [first] = busy;
  if (first === undefined) return free;
  const text =
    busy.length === 1
      ? vscode.l10n.t('{0} is being simulated already.', first)
      : vscode.l10n.t('{0} of the vehicles are being simulated already.', busy.length);
  if (free.length > 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} The others set off.', text));
    return free;
  }
  const map = vscode.l10n.t('Show on Map');
  const anew = vscode.l10n.t('Stop and Start Anew');
  const picked = await vscode.window.showInformationMessage(text, map, anew);
  if (picked === map)
    await vscode.commands.executeCommand('cmsEnablement.simulationShowMap', {
      ref,
      vin: first,
      node: undefined,
    });
  if (picked !== anew) return [];
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Stopping the simulation before') },
    () => endTrips(app.simulations, ref, busy),
  );
  return [...vins];
}

/** Those that have a certificate, after the others were given one if the person wants that. */
async function withCertificates(app: App, ref: StackRef, vins: readonly string[]): Promise<string[]> {
  app.certificates.requireTrust();
  const missing: string[] = [];
  for (const vin of vins) {
    const stored = await certificateOf(app, ref, vin);
    if (stored === 'unusable') return [];
    if (stored === undefined) missing.push(vin);
  }
  const [first] = missing;
  if (first === undefined) return [...vins];
  const isMissing = new Set(missing);
  const others = vins.filter((vin) => !isMissing.has(vin));
  const provision = vscode.l10n.t('Provision Certificates');
  const without = vscode.l10n.t('Go On Without');
  const text =
    missing.length === 1
      ? vscode.l10n.t('{0} has no certificate in this workspace, and cannot connect without one.', first)
      : vscode.l10n.t(
          '{0} vehicles have no certificate in this workspace, and cannot connect without one.',
          missing.length,
        );
  const picked = await vscode.window.showInformationMessage(
    text,
    ...(others.length > 0 ? [provision, without] : [provision]),
  );
  if (picked === without) return others;
  if (picked !== provision) return [];
  return (await provisionVehicles(app, ref, missing)) ? [...vins] : [];
}

/** A certificate that is there but of no use is said with what helps against it. */
async function certificateOf(
  app: App,
  ref: StackRef,
  vin: string,
): Promise<StoredIdentity | 'unusable' | undefined> {
  try {
    return await app.certificates.forReading().production(vin);
  } catch (error) {
    if (!isCmsError(error) || error.code !== 'CERTIFICATE_UNUSABLE') throw error;
    const rotate = vscode.l10n.t('Rotate Certificate');
    const reveal = vscode.l10n.t('Reveal Certificates');
    app.log.error(`${error.code}: ${error.message}`);
    const picked = await vscode.window.showErrorMessage(errorWithRemedy(error), rotate, reveal);
    const target = { ref, vin, node: undefined };
    if (picked === rotate) await vscode.commands.executeCommand('cmsEnablement.rotateCertificate', target);
    if (picked === reveal) await vscode.commands.executeCommand('cmsEnablement.revealCertificates', target);
    return 'unusable';
  }
}

/** Two runs that begin within a millisecond are two. */
function newId(app: App, now: number): string {
  const { newSimulationId } = app.work();
  let time = now;
  while (app.simulations.run(newSimulationId(time)) !== undefined) time += 1;
  return newSimulationId(time);
}

function titleOf({ routes }: DrivePlan, vins: readonly string[]): string {
  const who = vins.length === 1 ? (vins[0] ?? '') : vscode.l10n.t('{0} vehicles', vins.length);
  const where = routes.length === 1 ? (routes[0]?.name ?? '') : vscode.l10n.t('{0} routes', routes.length);
  return `${who} · ${where}`;
}

/** Where a recording goes unless somebody says otherwise; undefined while no folder is open. */
export function defaultRecordingFile(id: string): vscode.Uri | undefined {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder === undefined ? undefined : vscode.Uri.joinPath(folder.uri, 'recordings', `${id}.jsonl`);
}

/** Throws CmsError RECORDING_FAILED. */
export async function openRecordingFor(
  app: App,
  file: vscode.Uri | undefined,
): Promise<Recording | undefined> {
  if (file === undefined) return undefined;
  // What is wrong with the folder is said by the recording itself, in its own words.
  await mkdir(path.dirname(file.fsPath), { recursive: true }).catch(() => undefined);
  return app.work().openRecording(file.fsPath);
}
