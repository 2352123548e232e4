import * as vscode from 'vscode';
import type { FleetResult } from '../../onboarding/fleet.ts';
import type { ManifestVehicle } from '../../onboarding/manifest.ts';
import type { App } from '../app.ts';
import { FleetDiagnostics } from './fleetDiagnostics.ts';
import { forgetWrongPassword } from './onboardVehicle.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { stackTarget } from '../stacks/targets.ts';
import { onboardDeps } from '../certificates/workDeps.ts';

/** Onboards every vehicle of a CSV or JSON file; the whole file is checked before the first call. */
export function registerOnboardFleet(app: App): vscode.Disposable {
  const diagnostics = new FleetDiagnostics(app);
  return vscode.Disposable.from(
    diagnostics,
    registerCommand(app, 'onboardFleet', async (target) => {
      const uri = target instanceof vscode.Uri ? target : await pickFile();
      if (uri === undefined) return;
      const document = await vscode.workspace.openTextDocument(uri);
      const vehicles = diagnostics.check(document);
      if (vehicles === undefined) {
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand('workbench.actions.view.problems');
        void vscode.window.showErrorMessage(
          vscode.l10n.t(
            '{0} has problems; they are listed in the Problems view. Nothing was done yet.',
            vscode.workspace.asRelativePath(uri),
          ),
        );
        return;
      }
      await onboardAll(app, target instanceof vscode.Uri ? undefined : target, vehicles);
    }),
  );
}

async function pickFile(): Promise<vscode.Uri | undefined> {
  const files = await vscode.workspace.findFiles('**/*.{csv,cms-fleet.json}', '**/node_modules/**', 200);
  if (files.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no .csv or .cms-fleet.json file in the workspace. A fleet file has a line a vehicle: vin, username, firstName, lastName.',
      ),
    );
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    files.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
    {
      title: vscode.l10n.t('Onboard Fleet from File'),
      placeHolder: vscode.l10n.t('CSV or JSON with one vehicle a line or entry'),
    },
  );
  return picked?.uri;
}

async function onboardAll(app: App, target: unknown, vehicles: ManifestVehicle[]): Promise<void> {
  const ref = await stackTarget(app, target);
  if (ref === undefined) return;
  await app.certificates.forWriting();
  const signIn = await app.signInFor(ref);
  const go = vscode.l10n.t('Onboard {0} Vehicles', vehicles.length);
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t('Onboard {0} vehicles onto {1}?', vehicles.length, ref.stack),
    {
      modal: true,
      detail:
        vehicles
          .slice(0, 10)
          .map((v) => `• ${v.request.vin} (${v.request.username})`)
          .join('\n') + (vehicles.length > 10 ? '\n…' : ''),
    },
    go,
  );
  if (picked !== go) return;
  let done = 0;
  const result = await app.run(
    { title: vscode.l10n.t('Onboarding {0} vehicles', vehicles.length) },
    async (work) => {
      try {
        const deps = await onboardDeps(app, ref, signIn);
        const onVehicle = (outcome: { vin: string; status: string }): void => {
          done += 1;
          const message = vscode.l10n.t(
            '{0} of {1}: {2} {3}',
            done,
            vehicles.length,
            outcome.vin,
            outcome.status,
          );
          work.progress({ step: 'fleet', level: 'info', message });
        };
        // The single steps of every vehicle go to the log; the notification counts vehicles.
        const quiet = {
          ...work,
          progress: (event: Parameters<typeof work.progress>[0]) =>
            work.progress({ ...event, level: 'debug' }),
        };
        return await app.work().onboardFleet(vehicles, { ...deps, onVehicle }, quiet);
      } catch (error) {
        await forgetWrongPassword(app, ref, error);
        throw error;
      }
    },
  );
  app.refresh();
  if (result === undefined) return;
  await app.sessions.remember(ref, signIn);
  await tell(app, result, () => onboardAll(app, target, vehicles));
}

async function tell(app: App, result: FleetResult, again: () => Promise<void>): Promise<void> {
  for (const vehicle of result.vehicles) {
    if (vehicle.status === 'failed')
      app.log.error(`${vehicle.vin} (line ${vehicle.line}): ${vehicle.error.code} ${vehicle.error.message}`);
  }
  if (result.failed + result.unfinished === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('All {0} vehicles are onboarded.', result.onboarded),
    );
    return;
  }
  const retry = vscode.l10n.t('Continue');
  const log = vscode.l10n.t('Show Log');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      '{0} vehicles onboarded, {1} failed, {2} not finished.',
      result.onboarded,
      result.failed,
      result.unfinished,
    ),
    retry,
    log,
  );
  if (picked === log) app.log.show(true);
  if (picked === retry) await again().catch((error: unknown) => app.showError(error));
}
