import * as vscode from 'vscode';
import { fileGlob } from '../base/fileGlob.ts';
import { findFiles } from '../base/pickFile.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { isVehicleOfStack, type StackRef, type VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Targets } from '../stacks/targets.ts';
import { forLabel, pickOne } from '../base/shown.ts';
import { chooseTiles } from './chooseTiles.ts';
import type { MapPanels } from './mapPanels.ts';
import { previewRoute, type PreviewSources } from './previewRoute.ts';
import { createRecordingSource } from './recordingSource.ts';
import type { MapSources } from './reopen.ts';
import { registerRouteRequests } from './routeRequests.ts';
import { createDrawingSource } from './routeSource.ts';
import { createWatchSource, watchKey } from './watchSource.ts';

interface Sources {
  access: VehicleAccess;
  maps: MapSources;
  routes: PreviewSources;
  /** Where files are kept that were dropped on a map. */
  storage: vscode.Uri;
  /** Shows the simulation of a vehicle on its map; false when it is not simulated. */
  showSimulation: (vehicle: VehicleOfStack) => boolean;
}

/** Everything that opens the fleet map, but for simulations. */
export function registerMap(
  tasks: Tasks,
  targets: Targets,
  panels: MapPanels,
  { access, maps, routes, storage, showSimulation }: Sources,
): vscode.Disposable {
  const watch = (ref: StackRef, id?: string): void => watchFleet(panels, maps, ref, id);
  /** The same with a vehicle selected, which a watch knows by the name of its thing. */
  const watchVehicle = async (vehicle: VehicleOfStack): Promise<void> => {
    const { ref, vin } = vehicle;
    const named = await tasks.run(
      { title: vscode.l10n.t('Looking for {0}', vin), quiet: true },
      async ({ signal }) => {
        const deployment = await access.sessions.open(ref, signal);
        const certificates = access.certificates.forReading();
        return access.resolve(vehicle, { deployment, certificates }, signal);
      },
    );
    if (named !== undefined) watch(ref, named.thingName);
  };
  return vscode.Disposable.from(
    registerCommand(tasks, 'watchFleet', async ({ target }) => {
      if (isVehicleOfStack(target)) {
        await watchVehicle(target);
        return;
      }
      const ref = await targets.stack(target);
      if (ref !== undefined) watch(ref);
    }),
    registerCommand(tasks, 'showOnMap', async ({ target }) => {
      const vehicle = await targets.vehicle(target, vscode.l10n.t('Show on Map'));
      // Our own simulation says more of it than what reaches the cloud.
      if (vehicle === undefined || showSimulation(vehicle)) return;
      await watchVehicle(vehicle);
    }),
    registerCommand(tasks, 'previewRoute', ({ target }) => previewRoute(panels, routes, target)),
    registerCommand(tasks, 'chooseMapTiles', () => chooseTiles(maps.connections)),
    registerCommand(tasks, 'drawRoute', () => panels.show(createDrawingSource())),
    registerRouteRequests(panels, { tasks, routes, storage }),
    registerCommand(tasks, 'replayRecording', async ({ target }) => {
      const uri = target instanceof vscode.Uri ? target : await pickRecording();
      if (uri !== undefined) panels.show(createRecordingSource(maps, uri));
    }),
  );
}

/** Shows the map of a fleet: the one that is open, which then tries again if it gave up, or a new one. */
export function watchFleet(panels: MapPanels, maps: MapSources, ref: StackRef, id?: string): void {
  const source = panels.sourceOf(watchKey(ref)) ?? createWatchSource(maps, ref);
  panels.show(source, { id });
}

async function pickRecording(): Promise<vscode.Uri | undefined> {
  const title = vscode.l10n.t('Replay Recording');
  const files = await findFiles(fileGlob('jsonl'));
  const other = vscode.l10n.t('Other File…');
  const picked =
    files.length === 0
      ? { uri: undefined }
      : await pickOne(
          [
            ...files.map((uri) => ({ label: forLabel(vscode.workspace.asRelativePath(uri)), uri })),
            { label: other, uri: undefined },
          ],
          { title, placeHolder: vscode.l10n.t('Recording: a .jsonl file that a simulation has written') },
        );
  if (picked === undefined || picked.uri !== undefined) return picked?.uri;
  const [uri] =
    (await vscode.window.showOpenDialog({ title, filters: { [vscode.l10n.t('Recordings')]: ['jsonl'] } })) ??
    [];
  return uri;
}
