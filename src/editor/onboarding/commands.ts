import * as vscode from 'vscode';
import type { Driving } from '../base/driving.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { SignIns } from '../stacks/signIn.ts';
import type { Targets } from '../stacks/targets.ts';
import type { FleetDiagnostics } from './fleetDiagnostics.ts';
import { offboarding } from './offboardVehicle.ts';
import { fleetOnboarding } from './onboardFleet.ts';
import type { Onboarding } from './onboardVehicle.ts';

interface Sources {
  access: VehicleAccess;
  signIns: SignIns;
  driving: Driving;
  rows: RowChanges;
  diagnostics: FleetDiagnostics;
  storage: vscode.Uri;
  next: Parameters<typeof fleetOnboarding>[2]['next'];
}

/** Bring vehicles onto a stack, one or many, and take them off again. */
export function registerOnboarding(
  tasks: Tasks,
  targets: Targets,
  onboarding: Onboarding,
  sources: Sources,
): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(tasks, 'onboardVehicle', ({ target }) => onboarding.onboard(target)),
    registerCommand(tasks, 'onboardFleet', (call) => fleetOnboarding(tasks, targets, sources)(call)),
    registerCommand(tasks, 'offboardVehicle', (call) => offboarding(tasks, targets, sources)(call)),
  );
}
