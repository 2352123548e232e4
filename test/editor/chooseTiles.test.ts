// Runs inside the extension host.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { chooseTiles } from '../../src/editor/map/chooseTiles.ts';
import { mapTiles } from '../../src/editor/map/mapSettings.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';

const PICK = 'Map background';
const ASKED = 'Load street tiles from OpenStreetMap?';

describe('Choose Street Tiles…', () => {
  const person = new Person();
  const connections = (...ids: string[]) => ({
    list: () => ids.map((id) => ({ id })),
    labelOf: (id: string) => `label of ${id}`,
  });
  const settings = () => vscode.workspace.getConfiguration('cmsEnablement.map');
  const setting = () => settings().inspect('tiles')?.globalValue;
  beforeEach(() => person.arrive());
  afterEach(async () => {
    person.leave();
    await settings().update('tiles', undefined, vscode.ConfigurationTarget.Global);
  });

  it('draws OpenStreetMap for who agrees to its terms', async () => {
    const choosing = chooseTiles(connections());
    await person.pick(PICK, 'OpenStreetMap');
    await person.press(ASKED, 'Use OpenStreetMap');
    await choosing;
    assert.deepEqual(setting(), { preset: 'openstreetmap' });
    const drawn = mapTiles(silentLog);
    assert.deepEqual(drawn?.ofHost, { preset: 'openstreetmap' });
    assert.match(drawn.tiles.attribution, /OpenStreetMap contributors/);
  });

  it('changes nothing for who does not agree', async () => {
    const choosing = chooseTiles(connections());
    await person.pick(PICK, 'OpenStreetMap');
    await person.press(ASKED);
    await choosing;
    assert.equal(setting(), undefined);
    assert.equal(mapTiles(silentLog), undefined);
  });

  it('asks whose credentials Amazon Location Service is asked with', async () => {
    const choosing = chooseTiles(connections('dev', 'prod'));
    await person.pick(PICK, 'Amazon Location Service');
    await person.pick('Connection whose credentials request the tiles', 'label of prod');
    await choosing;
    assert.deepEqual(setting(), { preset: 'amazon-location', connection: 'prod' });
    assert.deepEqual(mapTiles(silentLog)?.ofHost, { preset: 'amazon-location', connection: 'prod' });
  });

  it('says that Amazon Location Service needs a connection', async () => {
    const choosing = chooseTiles(connections());
    await person.pick(PICK, 'Amazon Location Service');
    await person.press('Add a connection to AWS first.');
    await choosing;
    assert.equal(setting(), undefined);
  });

  it('goes back to the world of the extension', async () => {
    await settings().update('tiles', { preset: 'openstreetmap' }, vscode.ConfigurationTarget.Global);
    const choosing = chooseTiles(connections());
    await person.pick(PICK, 'Built-In World Map');
    await choosing;
    assert.equal(setting(), undefined);
  });
});
