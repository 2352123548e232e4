import path from 'node:path';
import * as vscode from 'vscode';
import { fileGlob } from '../base/fileGlob.ts';
import { openFile, openKind } from '../base/openFile.ts';
import { findFiles } from '../base/pickFile.ts';
import { pickOne } from '../base/shown.ts';

/** How a simulation begins: chosen vehicles, the same as before, the route that is open, or the vehicles of a file. */
export type DriveWay = 'choose' | 'again' | 'route' | 'fleet';

/**
 * Asks how to begin where there is more than one way, that of the file that is open first; undefined when the person leaves.
 * @param last the title of the simulation that ended last
 */
export async function askWay(last: string | undefined): Promise<DriveWay | undefined> {
  const open = openFile();
  const kind = openKind();
  const fleets = await findFiles(fileGlob('cms-fleet.csv', 'cms-fleet.json'));
  const ways: (vscode.QuickPickItem & { way: DriveWay })[] = [
    { label: vscode.l10n.t('$(play) Choose Vehicles and Route…'), way: 'choose' },
  ];
  if (last !== undefined)
    ways.push({ label: vscode.l10n.t('$(history) Simulate Again'), description: last, way: 'again' });
  const description = open === undefined ? '' : path.posix.basename(open.path);
  if (kind === 'route')
    ways.unshift({ label: vscode.l10n.t('$(map) Simulate This Route…'), description, way: 'route' });
  const fleet = {
    label: vscode.l10n.t('$(list-unordered) Simulate Fleet from File…'),
    way: 'fleet',
  } as const;
  if (kind === 'fleet') ways.unshift({ ...fleet, description });
  else if (fleets.length > 0) ways.push(fleet);
  if (ways.length === 1) return 'choose';
  const title = vscode.l10n.t('Simulate a Drive');
  return (await pickOne(ways, { title, placeHolder: vscode.l10n.t('What to simulate') }))?.way;
}
