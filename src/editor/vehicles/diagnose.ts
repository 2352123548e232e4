import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { diagnoseToMarkdown } from './diagnosisReport.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { vehicleTarget } from '../stacks/targets.ts';

/** Runs the doctor on a vehicle and opens what it found as a readable page, which survives a reload. */
export function registerDiagnose(app: App): vscode.Disposable {
  return registerCommand(app, 'diagnoseVehicle', async (target) => {
    const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Diagnose Vehicle'));
    if (vehicle === undefined) return;
    const signIn = await app.signInFor(vehicle.ref);
    const report = await app.run({ title: vscode.l10n.t('Diagnosing {0}', vehicle.vin) }, (work) =>
      diagnoseToMarkdown(app, { ...vehicle, signIn }, work),
    );
    if (report === undefined) return;
    const folder = vscode.Uri.joinPath(app.context.storageUri ?? app.context.globalStorageUri, 'diagnosis');
    // The VIN is part of a file name here: whatever else was typed stays out of it.
    const name = vehicle.vin.replace(/[^A-Za-z0-9_-]/g, '_');
    const file = vscode.Uri.joinPath(folder, vscode.l10n.t('Diagnosis of {0}.md', name));
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(report));
    await vscode.commands.executeCommand('markdown.showPreview', file);
    app.refresh(vehicle.node);
  });
}
