import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerCommand } from './register.ts';
import { vehicleTarget } from './targets.ts';
import { diagnoseToMarkdown } from './diagnosisReport.ts';

const SCHEME = 'cms-diagnosis';

/** Runs the doctor on a vehicle and opens what it found as a readable page. */
export function registerDiagnose(app: App): vscode.Disposable {
  const reports = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => reports.get(uri.path) ?? '',
    }),
    registerCommand(app, 'diagnoseVehicle', async (target) => {
      const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Diagnose Vehicle'));
      if (vehicle === undefined) return;
      const report = await app.run({ title: vscode.l10n.t('Diagnosing {0}', vehicle.vin) }, (work) =>
        diagnoseToMarkdown(app, vehicle, work),
      );
      if (report === undefined) return;
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vehicle.vin}.md` });
      reports.set(uri.path, report);
      changed.fire(uri);
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    }),
  );
}
