import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { registerCsvKinds } from '../../src/editor/vins/csvKinds.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { settled } from '../unit/device/simulationWorld.ts';
import { until } from '../support/until.ts';

describe('a CSV file', () => {
  const told = new Map<string, readonly string[]>();
  const { executeCommand } = vscode.commands;
  const commands = vscode.commands as { executeCommand: unknown };
  const folderOf = (name: string) =>
    path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', name);
  const has = (kind: string, file: string): boolean =>
    told.get(`cmsEnablement.${kind}Files`)?.includes(file) === true;

  beforeEach(() => {
    told.clear();
    commands.executeCommand = (id: string, ...args: unknown[]) => {
      const [key, value] = args as [string, readonly string[]];
      if (id !== 'setContext') return executeCommand(id, ...args);
      told.set(key, value);
      return Promise.resolve();
    };
  });
  afterEach(() => {
    commands.executeCommand = executeCommand;
  });

  it('of the workspace is told to the menus when it comes, changes and goes', async () => {
    const folder = folderOf('kinds');
    const [fleet, route] = [path.join(folder, 'vehicles.csv'), path.join(folder, 'way.csv')];
    await mkdir(folder, { recursive: true });
    await writeFile(fleet, 'vin,username\n');
    const kinds = registerCsvKinds(silentLog);
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
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('that is read late is not what it was before', async () => {
    const folder = folderOf('late');
    const file = path.join(folder, 'late.csv');
    await mkdir(folder, { recursive: true });
    const answers: ((head: string) => void)[] = [];
    const kinds = registerCsvKinds(silentLog, (name) =>
      name === file ? new Promise((resolve) => answers.push(resolve)) : Promise.resolve(''),
    );
    try {
      await writeFile(file, 'vin\n');
      await until('the first look', () => answers.length === 1);
      await writeFile(file, 'lat,lon\n');
      await until('the second look', () => answers.length > 1);
      answers.slice(1).forEach((answer) => answer('lat,lon\n'));
      await until('the newer kind', () => has('route', file));
      answers[0]?.('vin\n');
      await settled();
      assert.ok(has('route', file) && !has('fleet', file));
    } finally {
      kinds.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
