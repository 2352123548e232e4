import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { StacksTree } from '../tree/stacksTree.ts';
import type { TreeRow } from '../base/treeRow.ts';
import { registerCertificateCommands } from '../certificates/commands.ts';
import { registerConnectionCommands } from '../connections/commands.ts';
import { registerDiagnose } from '../vehicles/diagnose.ts';
import { registerExplainError } from '../help/explainError.ts';
import { registerIamPolicies } from '../help/iamPolicies.ts';
import { registerMapCommands } from '../map/commands.ts';
import { registerGetStarted } from '../help/getStarted.ts';
import { registerOnboardFleet } from '../onboarding/onboardFleet.ts';
import { registerOnboardVehicle } from '../onboarding/onboardVehicle.ts';
import { registerSandboxCommands } from '../sandbox/commands.ts';
import { registerStackCommands } from '../stacks/commands.ts';
import { registerTelemetryCommands } from '../vehicles/telemetry.ts';
import { registerVehicleCommands } from '../vehicles/commands.ts';

/** Every command that is not part of the tree itself. */
export function registerCommands(
  app: App,
  tree: StacksTree,
  view: vscode.TreeView<TreeRow>,
): vscode.Disposable {
  return vscode.Disposable.from(
    registerSandboxCommands(app),
    registerConnectionCommands(app),
    registerStackCommands(app),
    registerOnboardVehicle(app),
    registerOnboardFleet(app),
    registerCertificateCommands(app),
    registerTelemetryCommands(app),
    registerDiagnose(app),
    registerMapCommands(app),
    registerExplainError(app),
    registerIamPolicies(app),
    registerGetStarted(app),
    registerVehicleCommands(app, tree, view),
  );
}
