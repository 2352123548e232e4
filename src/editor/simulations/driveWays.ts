import path from 'node:path';
import * as vscode from 'vscode';
import { fileGlob } from '../base/fileGlob.ts';
import { findFiles } from '../base/pickFile.ts';
import { pickOne } from '../base/shown.ts';

/** How a simulation begins: chosen vehicles, the same as before, the route that is open, or the vehicles of a file. */
export type DriveWay = 'choose' | 'again' | 'route' | 'fleet';

const ROUTE_FILE = /\.(gpx|kml|tcx|geojson|geojsonl|nmea)$/i;

/**
 * Asks how to begin where there is more than one way; undefined when the person leaves.
 * @param last the title of the simulation that ended last
 */
export async function askWay(last: string | undefined): Promise<DriveWay | undefined> {
  const route = vscode.window.activeTextEditor?.document.uri;
  const fleets = await findFiles(fileGlob('cms-fleet.csv', 'cms-fleet.json'));
  const ways: (vscode.QuickPickItem & { way: DriveWay })[] = [
    { label: vscode.l10n.t('$(play) Choose Vehicles and Route…'), way: 'choose' },
  ];
  if (last !== undefined)
    ways.push({ label: vscode.l10n.t('$(history) Simulate Again'), description: last, way: 'again' });
  if (route !== undefined && ROUTE_FILE.test(route.path)) {
    const description = path.posix.basename(route.path);
    ways.push({ label: vscode.l10n.t('$(map) Simulate This Route…'), description, way: 'route' });
  }
  if (fleets.length > 0)
    ways.push({ label: vscode.l10n.t('$(list-unordered) Simulate Fleet from File…'), way: 'fleet' });
  if (ways.length === 1) return 'choose';
  const title = vscode.l10n.t('Simulate a Drive');
  return (await pickOne(ways, { title, placeHolder: vscode.l10n.t('What to simulate') }))?.way;
}
