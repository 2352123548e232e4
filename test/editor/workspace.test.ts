import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { CertificateFolders } from '../../src/editor/certificates/certificateFolders.ts';
import { FleetDiagnostics } from '../../src/editor/onboarding/fleetDiagnostics.ts';
import type { CertificateStore } from '../../src/provisioning/certificates.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { until } from '../support/until.ts';
import { createFakeTimers } from '../unit/device/simulationWorld.ts';
import { GENERATIONS } from '../../src/cms/generations.ts';

const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
const backend = () => ({ createCertificateStore: (at: string) => ({ folder: at }) as CertificateStore });
const setFolder = (value: string | undefined): Thenable<void> =>
  vscode.workspace
    .getConfiguration('cmsEnablement')
    .update('certificatesFolder', value, vscode.ConfigurationTarget.Workspace);

describe('the certificate folder in the workspace', () => {
  let folders: CertificateFolders;

  beforeEach(() => {
    folders = new CertificateFolders(new MemoryMemento(), '/nowhere', backend);
  });

  afterEach(async () => {
    folders.dispose();
    await setFolder(undefined);
    await rm(path.join(folder, 'certs'), { recursive: true, force: true });
  });

  it('is "certs" unless the setting says otherwise', async () => {
    assert.equal(folders.peek()?.folder, path.join(folder, 'certs'));
    assert.equal((await folders.forWriting()).folder, path.join(folder, 'certs'));
    await setFolder('keys/vehicles');
    assert.equal(folders.peek()?.folder, path.join(folder, 'keys/vehicles'));
  });

  it('stays inside the workspace whatever the setting says', async () => {
    for (const value of ['../outside', '/etc', 'a/../../b', '.', '..\\outside']) {
      await setFolder(value);
      assert.equal(folders.peek()?.folder, path.join(folder, 'certs'), value);
    }
  });

  it('has one store, so that reading waits for writing', async () => {
    assert.equal(folders.peek(), await folders.forWriting());
  });

  it('is watched: files that come, change or go are noticed', async () => {
    const file = path.join(folder, 'certs/VIN/production-certificate.pem.crt');
    let changes = 0;
    const watching = folders.onDidChange(() => (changes += 1));
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, 'x');
      await until('the news that a certificate came', () => changes > 0);
      changes = 0;
      await rm(path.join(folder, 'certs'), { recursive: true });
      await until('the news that it went', () => changes > 0);
    } finally {
      watching.dispose();
    }
  });
});

describe('fleet files', () => {
  const file = path.join(folder, 'vehicles.cms-fleet.csv');
  const uri = vscode.Uri.file(file);

  before(() => vscode.extensions.getExtension('cms-enablement.cms-enablement')?.activate());
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(file, { force: true });
  });

  /** Waits for so many problems, the first of which says this. */
  async function problems(count: number, words = /./): Promise<vscode.Diagnostic[]> {
    const now = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri);
    const fit = (): boolean => now().length === count && (count === 0 || words.test(now()[0]?.message ?? ''));
    await until(`problem number ${count} with ${String(words)}`, fit, { seen: now });
    return now();
  }

  it('have their problems at the line they are in, kept true while they are edited', async () => {
    await writeFile(
      file,
      'vin,username,firstName,lastName\nLSH14J4C4LA046511,u,A,B\nLSH14J4C4LA04651,u,A,B\n',
    );
    const document = await vscode.workspace.openTextDocument(uri);
    const [problem] = await problems(1);
    assert.equal(problem?.range.start.line, 2);
    assert.equal(problem.source, 'CMS fleet');
    assert.match(problem.message, /16 characters/);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(2, 16), '1');
    await vscode.workspace.applyEdit(edit);
    // The same VIN twice.
    await problems(1, /LSH14J4C4LA046511/);
    const fixed = new vscode.WorkspaceEdit();
    fixed.delete(uri, document.lineAt(2).rangeIncludingLineBreak);
    await vscode.workspace.applyEdit(fixed);
    await problems(0);
    await document.save();
  });

  it('in JSON are checked against the schema while they are typed', async () => {
    const other = path.join(folder, 'typed.cms-fleet.json');
    await writeFile(other, '{ "vehicles": [{ "username": "u" }] }\n');
    const { uri: json } = await vscode.workspace.openTextDocument(other);
    await vscode.window.showTextDocument(json);
    try {
      const missing = await until(
        'the property that is missing',
        () => vscode.languages.getDiagnostics(json).find(({ message }) => message.includes('"vin"')),
        { seen: () => vscode.languages.getDiagnostics(json).map(({ message }) => message) },
      );
      assert.match(missing.message, /Missing property "vin"/);
      assert.equal(missing.range.start.line, 0);
    } finally {
      await rm(other);
    }
  });

  it('in JSON have their fields completed', async () => {
    const other = path.join(folder, 'completed.cms-fleet.json');
    const text = '{ "vehicles": [{ "" }] }\n';
    await writeFile(other, text);
    const { uri: json } = await vscode.workspace.openTextDocument(other);
    await vscode.window.showTextDocument(json);
    try {
      const labels = await until('the fields', async () => {
        const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
          'vscode.executeCompletionItemProvider',
          json,
          new vscode.Position(0, text.indexOf('""') + 1),
        );
        const found = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
        return found.includes('vin') ? found : undefined;
      });
      assert.ok(labels.includes('username') && labels.includes('modelYear'), labels.join(', '));
    } finally {
      await rm(other);
    }
  });

  it('are checked after the last key, once, and not while the extension is activated', async () => {
    await writeFile(file, 'vin\nLSH14J4C4LA046511\n');
    const document = await vscode.workspace.openTextDocument(uri);
    const timers = createFakeTimers();
    let checks = 0;
    let checked = '';
    const backend = () => ({
      manifestFormatOf: (name: string) => {
        checked = name;
        return 'csv' as const;
      },
      manifestProblems: () => {
        // The editor may still know the fleet files of other tests.
        if (checked === uri.fsPath) checks += 1;
        return [];
      },
      GENERATIONS,
      fieldsHelp: () => ({}),
      problemLine: () => assert.fail('There is no problem.'),
      readManifest: () => [],
    });
    const diagnostics = new FleetDiagnostics(backend, uri, timers);
    try {
      await new Promise(setImmediate);
      assert.equal(checks, 0);
      await timers.advance(200);
      assert.equal(checks, 1);
      for (const text of ['1', '2', '3']) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(uri, new vscode.Position(1, 0), text);
        await vscode.workspace.applyEdit(edit);
        await timers.advance(100);
      }
      assert.equal(checks, 1);
      await timers.advance(100);
      assert.equal(checks, 2);
    } finally {
      diagnostics.dispose();
    }
    await document.save();
  });

  it('have their columns completed in the first line', async () => {
    const other = path.join(folder, 'columns.cms-fleet.csv');
    await writeFile(other, 'vin,\n');
    const { uri: columns } = await vscode.workspace.openTextDocument(other);
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      columns,
      new vscode.Position(0, 4),
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.ok(labels.includes('username') && labels.includes('modelYear'), labels.join(', '));
    assert.ok(!labels.includes('vin'));
  });
});
