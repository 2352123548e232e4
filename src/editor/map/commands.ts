import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerPreviewRoute } from './previewRoute.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { registerReplayRecording } from './replayRecording.ts';
import { vehicleTarget } from '../stacks/targets.ts';
import { registerWatchFleet, watchOnMap } from './watchFleet.ts';

/** Everything that opens the fleet map. */
export function registerMapCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerWatchFleet(app),
    registerPreviewRoute(app),
    registerReplayRecording(app),
    registerCommand(app, 'showOnMap', async (target) => {
      const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Show on Map'));
      if (vehicle === undefined) return;
      // Our own simulation says more of it than what reaches the cloud.
      if (app.simulations.simulating(vehicle.vin, vehicle.ref) !== undefined)
        await vscode.commands.executeCommand('cmsEnablement.simulationShowMap', vehicle);
      else watchOnMap(app, vehicle.ref.connectionId, vehicle.vin);
    }),
  );
}
