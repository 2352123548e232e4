import * as vscode from 'vscode';
import { forLabel, notify, pickOne } from '../base/shown.ts';

const TERMS = 'https://operations.osmfoundation.org/policies/tiles/';

/** Asks what is drawn below the vehicles, and keeps it in the user's settings. */
export async function chooseTiles(connections: {
  list(): { id: string }[];
  labelOf(id: string): string;
}): Promise<void> {
  const title = vscode.l10n.t('Street Tiles of the Map');
  const picked = await pickOne(
    [
      {
        label: vscode.l10n.t('Built-In World Map'),
        description: vscode.l10n.t('offline; loads nothing from the network'),
        value: 'world' as const,
      },
      { label: 'OpenStreetMap', description: 'tile.openstreetmap.org', value: 'osm' as const },
      {
        label: 'Amazon Location Service',
        description: vscode.l10n.t('with the credentials of a connection; AWS charges for tiles'),
        value: 'aws' as const,
      },
      {
        label: vscode.l10n.t('Own URL…'),
        description: vscode.l10n.t('raster tiles or a MapLibre style, in the settings'),
        value: 'own' as const,
      },
    ],
    { title, placeHolder: vscode.l10n.t('Map background') },
  );
  switch (picked?.value) {
    case undefined:
      return;
    case 'world':
      await keep(undefined);
      return;
    case 'own':
      await vscode.commands.executeCommand('workbench.action.openSettings', 'cmsEnablement.map.tiles');
      return;
    case 'osm':
      if (await agrees()) await keep({ preset: 'openstreetmap' });
      return;
    case 'aws': {
      const of = connections.list().map(({ id }) => ({ label: forLabel(connections.labelOf(id)), id }));
      if (of.length === 0) {
        void notify.info(vscode.l10n.t('Add a connection to AWS first.'));
        return;
      }
      const connection = await pickOne(of, {
        title,
        placeHolder: vscode.l10n.t('Connection whose credentials request the tiles (geo-maps:GetTile)'),
      });
      if (connection !== undefined) await keep({ preset: 'amazon-location', connection: connection.id });
    }
  }
}

async function agrees(): Promise<boolean> {
  const use = vscode.l10n.t('Use OpenStreetMap');
  const terms = vscode.l10n.t('Read the Terms');
  const detail = vscode.l10n.t(
    'What the map shows is loaded from the servers of the OpenStreetMap Foundation, which see your address and where you look. Their tile usage policy allows moderate use with attribution; heavy use is not allowed.',
  );
  const text = vscode.l10n.t('Load street tiles from OpenStreetMap?');
  const answer = await notify.warn(text, { modal: true, detail }, use, terms);
  if (answer === terms) await vscode.env.openExternal(vscode.Uri.parse(TERMS));
  return answer === use;
}

async function keep(tiles: object | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration('cmsEnablement.map')
    .update('tiles', tiles, vscode.ConfigurationTarget.Global);
}
