import * as vscode from 'vscode';
import type { MapSettings } from '../../protocol/map.ts';
import { type Measures, measuresIn } from '../../text/measures.ts';
import type { Log } from '../base/log.ts';
import { readTiles, type TilesChoice, type TilesProblem } from './mapTiles.ts';

/** What speeds, distances and volumes are shown in. */
export function mapUnits(): MapSettings['units'] {
  return vscode.workspace.getConfiguration('cmsEnablement').get('units') === 'us' ? 'us' : 'metric';
}

/** The same for texts. */
export function windowMeasures(): Measures {
  return measuresIn(mapUnits());
}

/** The street tiles somebody has chosen. A setting that cannot be used is said in the log, and the map has none. */
export function mapTiles(log: Pick<Log, 'warn'>): TilesChoice | undefined {
  const choice = readTiles(
    vscode.workspace.getConfiguration('cmsEnablement.map').get('tiles'),
    [vscode.ColorThemeKind.Dark, vscode.ColorThemeKind.HighContrast].includes(
      vscode.window.activeColorTheme.kind,
    ),
  );
  if (choice === undefined || 'tiles' in choice) return choice;
  log.warn(vscode.l10n.t('cmsEnablement.map.tiles is not used: {0}', words()[choice.problem]));
  return undefined;
}

const words = (): Record<TilesProblem, string> => ({
  'no-object': vscode.l10n.t('it must be an object with url and attribution'),
  'no-preset': vscode.l10n.t('preset must be openstreetmap, or amazon-location with a connection'),
  'no-url': vscode.l10n.t('url is not a URL'),
  insecure: vscode.l10n.t('url must begin with https:// (or http:// on this computer)'),
  'wildcard-host': vscode.l10n.t('the host name in url must be a plain one'),
  'no-attribution': vscode.l10n.t('attribution must name whose map it is'),
  'no-host': vscode.l10n.t('hosts must be a list of host names, such as *.example.com'),
});
