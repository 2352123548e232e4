import path from 'node:path';
import * as vscode from 'vscode';
import { isCmsError } from '../../core/errors.ts';
import type { App } from '../app.ts';
import type { RunMaps } from './runMaps.ts';
import { startDrive } from './startDrive.ts';
import { RunRow } from './simulationRows.ts';
import { askDrive, lastDrive, lastVins, vinsWithFiles, type DrivePlan } from './driveWizard.ts';
import type { SimulationRun } from './run.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { driveTarget } from './targets.ts';

/** The ways to begin a simulation. */
export function registerSimulateCommands(app: App, maps: RunMaps): vscode.Disposable {
  const drive = async (plan: DrivePlan | undefined): Promise<void> => {
    const run = plan === undefined ? undefined : await startDrive(app, plan);
    if (run !== undefined) maps.showStarted(run);
  };
  return vscode.Disposable.from(
    registerCommand(app, 'simulateDrive', async (target, others) => {
      const given = await driveTarget(app, target, others);
      if (given !== undefined) await drive(await asked(app, given));
    }),
    registerCommand(app, 'simulateRoute', async (target) => {
      const route = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
      const given = await driveTarget(app, undefined, undefined);
      if (given === undefined) return;
      await drive(await asked(app, route === undefined ? given : { ...given, route }));
    }),
    registerCommand(app, 'simulateFleet', async (target, others) => {
      const file = target instanceof vscode.Uri ? target : await pickFleetFile();
      if (file === undefined) return;
      const vins = await vinsOfFile(app, file);
      const given = await driveTarget(app, target instanceof vscode.Uri ? undefined : target, others);
      if (given !== undefined) await drive(await askDrive(app, { ref: given.ref, vins }));
    }),
    registerCommand(app, 'simulateAgain', async (target, others) => {
      if (target instanceof RunRow) return drive(planOf(target.run));
      // From the palette: the run that ended last.
      const last = target === undefined ? app.simulations.runs.findLast((run) => run.isOver) : undefined;
      if (last !== undefined) return drive(planOf(last));
      const given = await driveTarget(app, target, others);
      if (given === undefined) return;
      const { ref, vins = lastVins(app) } = given;
      if (vins.length === 0) return drive(await asked(app, { ref }));
      await drive((await lastDrive(app, ref, vins)) ?? (await asked(app, { ref, vins })));
    }),
  );
}

/** Asks for the rest; says what is missing when no vehicle can drive. */
async function asked(app: App, given: Parameters<typeof askDrive>[1]): Promise<DrivePlan | undefined> {
  app.certificates.requireTrust();
  if (given.vins !== undefined) return askDrive(app, given);
  await app.certificates.forWriting();
  const vins = await vinsWithFiles(app, given.ref);
  if (vins.length > 1) return askDrive(app, given);
  if (vins.length === 1) return askDrive(app, { ...given, vins });
  const onboard = vscode.l10n.t('Onboard Vehicle…');
  const provision = vscode.l10n.t('Provision Certificates…');
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'No vehicle of {0} has certificates in this workspace yet. A vehicle drives with its own.',
      given.ref.stack,
    ),
    onboard,
    provision,
  );
  if (picked === onboard) await vscode.commands.executeCommand('cmsEnablement.onboardVehicle');
  if (picked === provision) await vscode.commands.executeCommand('cmsEnablement.provisionCertificates');
  return undefined;
}

/** The same once more, with the vehicles there were. */
function planOf(run: SimulationRun): DrivePlan {
  const { rate, speed, pace, end, events, eventRates, jobs, durationMs, routes, vehicles } = run.request;
  const given = { rate, speed, pace, end, events, eventRates, jobs, durationMs };
  const [first] = vehicles;
  const alike = vehicles.every(({ powertrain }) => powertrain === first?.powertrain);
  return {
    ref: run.ref,
    vins: [...run.vins],
    routes: routes.map(({ name, points }) => ({
      name,
      points: points as DrivePlan['routes'][number]['points'],
    })),
    drive: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    seed: first?.seed ?? 1,
    ...(alike && first?.powertrain !== undefined ? { powertrain: first.powertrain } : {}),
    spread: vehicles.some(({ from = 0 }) => from > 0),
    record: false,
  };
}

async function pickFleetFile(): Promise<vscode.Uri | undefined> {
  const files = await vscode.workspace.findFiles('**/*.{csv,cms-fleet.json}', '**/node_modules/**', 200);
  if (files.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no .csv or .cms-fleet.json file in the workspace. A fleet file has a line a vehicle, with its vin.',
      ),
    );
    return undefined;
  }
  const isFleet = (uri: vscode.Uri): number => (uri.path.includes('.cms-fleet.') ? 0 : 1);
  const picked = await vscode.window.showQuickPick(
    files
      .sort((a, b) => isFleet(a) - isFleet(b) || a.path.localeCompare(b.path))
      .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
    {
      title: vscode.l10n.t('Simulate Fleet from File'),
      placeHolder: vscode.l10n.t('CSV or JSON with one vehicle a line or entry'),
    },
  );
  return picked?.uri;
}

async function vinsOfFile(app: App, file: vscode.Uri): Promise<string[]> {
  const document = await vscode.workspace.openTextDocument(file);
  try {
    return app.work().manifestVins(document.getText(), path.posix.basename(file.path), Date.now());
  } catch (error) {
    // What is wrong stands beside it then.
    if (isCmsError(error)) await vscode.window.showTextDocument(document);
    throw error;
  }
}
