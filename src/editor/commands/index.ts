import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { StacksTree } from '../views/stacksTree.ts';
import type { TreeRow } from '../views/treeRow.ts';
import { registerCertificateCommands } from './certificates.ts';
import { registerConnectionCommands } from './connections.ts';
import { registerDiagnose } from './diagnose.ts';
import { registerExplainError } from './explainError.ts';
import { registerIamPolicies } from './iamPolicies.ts';
import { registerMapCommands } from './map.ts';
import { registerGetStarted } from './getStarted.ts';
import { registerOnboardFleet } from './onboardFleet.ts';
import { registerOnboardVehicle } from './onboardVehicle.ts';
import { registerSandboxCommands } from './sandbox.ts';
import { registerStackCommands } from './stack.ts';
import { registerTelemetryCommands } from './telemetry.ts';
import { registerVehicleCommands } from './vehicle.ts';

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
