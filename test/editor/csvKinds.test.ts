import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { csvKind, registerCsvKinds } from '../../src/editor/vins/csvKinds.ts';
import { until } from '../support/until.ts';

describe('a CSV file', () => {
  for (const [head, kind] of [
    ['vin,username\n', 'fleet'],
    ['\uFEFF"Username";"VIN";"latitude";"longitude"\r\n', 'fleet'],
    ['\nsep=;\nvin;username\n', 'fleet'],
    ['longitude,latitude\n11.5,48.1\n', 'route'],
    ['Time\tLat\tLng\n', 'route'],
    ['48.1,11.5\n48.2,11.6\n', 'route'],
    ['name,price\nbread,3\n', undefined],
    ['1,apples\n', undefined],
    ['', undefined],
  ] as const) {
    it(`that begins with ${JSON.stringify(head)} is ${kind === undefined ? 'neither for sure' : `a ${kind}`}`, () => {
      assert.equal(csvKind(head), kind);
    });
  }

  it('of the workspace is told to the menus when it comes, changes and goes', async () => {
    const folder = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'kinds');
    const told = new Map<string, readonly string[]>();
    const { executeCommand } = vscode.commands;
    const commands = vscode.commands as { executeCommand: unknown };
    commands.executeCommand = (id: string, ...args: unknown[]) => {
      const [key, value] = args as [string, readonly string[]];
      if (id !== 'setContext') return executeCommand(id, ...args);
      told.set(key, value);
      return Promise.resolve();
    };
    const [fleet, route] = [path.join(folder, 'vehicles.csv'), path.join(folder, 'way.csv')];
    const has = (kind: string, file: string): boolean =>
      told.get(`cmsEnablement.${kind}Files`)?.includes(file) === true;
    await mkdir(folder, { recursive: true });
    await writeFile(fleet, 'vin,username\n');
    const kinds = registerCsvKinds();
    try {
      await until('the fleet that was there', () => has('fleet', fleet));
      await writeFile(route, 'lat,lon\n48.1,11.5\n');
      await until('the route that came', () => has('route', route));
      assert.ok(!has('route', fleet) && !has('fleet', route));
      await writeFile(route, 'vin\nLSH14J4C9LA046511\n');
      await until('the fleet that it became', () => has('fleet', route) && !has('route', route));
      await rm(fleet);
      await until('the end of the other', () => !has('fleet', fleet));
    } finally {
      kinds.dispose();
      commands.executeCommand = executeCommand;
      await rm(folder, { recursive: true, force: true });
    }
  });
});
