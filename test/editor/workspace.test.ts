import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { CertificateFolders } from '../../src/editor/certificates/certificateFolders.ts';
import { keepFolderMenu } from '../../src/editor/certificates/folderMenu.ts';
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

describe('the menu of folders in the Explorer', () => {
  const at = (name: string): string => path.join(folder, 'certs', name);
  let folders: CertificateFolders;
  let told: readonly string[];
  let menu: vscode.Disposable;

  beforeEach(() => {
    folders = new CertificateFolders(new MemoryMemento(), '/nowhere', backend);
    told = [];
    menu = keepFolderMenu(folders, (key, value) => {
      assert.equal(key, 'cmsEnablement.certificateFolders');
      told = value;
    });
  });

  afterEach(async () => {
    menu.dispose();
    folders.dispose();
    await rm(path.join(folder, 'certs'), { recursive: true, force: true });
  });

  it('is about those of vehicles, whatever their names, as long as they are there', async () => {
    await mkdir(at('veh-1001'), { recursive: true });
    await mkdir(at('LSH14J4C4LA046511'));
    await mkdir(at('.incoming-7'));
    await writeFile(at('root.ca.pem'), 'x');
    const both = [at('LSH14J4C4LA046511'), at('veh-1001')];
    await until('both folders', () => told.length === 2, { seen: () => told });
    assert.deepEqual(told, both);
    await rm(at('veh-1001'), { recursive: true });
    await until('the one that is left', () => told.length === 1, { seen: () => told });
    assert.deepEqual(told, both.slice(0, 1));
  });

  it('is asked for by that list', () => {
    const manifest = vscode.extensions.getExtension('cms-enablement.cms-enablement')?.packageJSON as {
      contributes: { menus: Record<string, Record<string, string>[]> };
    };
    const { menus } = manifest.contributes;
    const entry = menus['explorer/context']?.find(({ submenu }) => submenu === 'cmsEnablement.vin');
    assert.ok(
      entry?.when
        ?.split(' || ')
        .includes('explorerResourceIsFolder && resourcePath in cmsEnablement.certificateFolders'),
    );
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
  async function problems(count: number, words = /./, of = uri): Promise<vscode.Diagnostic[]> {
    const now = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(of);
    const fit = (): boolean => now().length === count && (count === 0 || words.test(now()[0]?.message ?? ''));
    await until(`problem number ${count} with ${String(words)}`, fit, { seen: now });
    return now();
  }

  it('have their problems at the line they are in, kept true while they are edited', async () => {
    await writeFile(
      file,
      'vin,username,firstName,lastName\nLSH14J4C9LA046511,u,A,B\nLSH14J4C9LA04651,u,A,B\n',
    );
    const document = await vscode.workspace.openTextDocument(uri);
    const [problem] = await problems(1);
    assert.equal(problem?.range.start.line, 2);
    assert.equal(problem.source, 'Connected Mobility');
    assert.match(problem.message, /16 characters/);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(2, 16), '1');
    await vscode.workspace.applyEdit(edit);
    // The same VIN twice.
    await problems(1, /LSH14J4C9LA046511/);
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
    await writeFile(file, 'vin\nLSH14J4C9LA046511\n');
    const document = await vscode.workspace.openTextDocument(uri);
    const timers = createFakeTimers();
    /** Each time by every generation that onboards vehicles, for a file may be of any of them. */
    const each = GENERATIONS.filter(({ onboarding }) => onboarding !== undefined).length;
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
      assert.equal(checks, each);
      for (const text of ['1', '2', '3']) {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(uri, new vscode.Position(1, 0), text);
        await vscode.workspace.applyEdit(edit);
        await timers.advance(100);
      }
      assert.equal(checks, each);
      await timers.advance(100);
      assert.equal(checks, 2 * each);
    } finally {
      diagnostics.dispose();
    }
    await document.save();
  });

  /** What is offered in a text, after `before` of it. */
  async function completions(name: string, text: string, before: string): Promise<vscode.CompletionItem[]> {
    const other = path.join(folder, name);
    await writeFile(other, text);
    try {
      const document = await vscode.workspace.openTextDocument(other);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        document.positionAt(before.length),
      );
      return list.items;
    } finally {
      await rm(other);
    }
  }
  const offered = async (...given: Parameters<typeof completions>): Promise<string[]> =>
    (await completions(...given)).map(({ label }) => (typeof label === 'string' ? label : label.label));

  it('have their columns completed in the first line', async () => {
    const labels = await offered('columns.cms-fleet.csv', 'vin,\n', 'vin,');
    assert.ok(labels.includes('username') && labels.includes('modelYear'), labels.join(', '));
    assert.ok(!labels.includes('vin'));
  });

  it('have the values of a column completed below it', async () => {
    const text = 'vin;fuelType;username\nLSH14J4C9LA046511;;ann\n5YJSA1E26HF000337;E;';
    // What begins as the cell does comes first.
    const fuels = ['EV', 'Gas', 'Diesel', 'Hybrid_MHEV', 'Hybrid_PHEV'];
    assert.deepEqual(await offered('fuel.cms-fleet.csv', text, text.slice(0, -1)), fuels);
    assert.deepEqual(await offered('names.cms-fleet.csv', text, text), ['ann']);
  });

  it('have values of other lines completed as they must be written, whatever stands in the cell', async () => {
    const text = 'vin,make\nLSH14J4C9LA046511,"Ford, Inc."\n5YJSA1E26HF000337,Opel';
    const items = await completions('makes.cms-fleet.csv', text, text);
    const [ford] = items.filter(({ label }) => label === 'Ford, Inc.');
    assert.equal(ford?.insertText, '"Ford, Inc."');
    assert.match(ford.filterText ?? '', /^Opel/);
  });

  it('have a few fixes for a selection of thousands of problems, one of them for all', async () => {
    const count = 2000;
    const lines = Array.from({ length: count }, () => 'LSH14J4C9LA046511,u,A,B,Electric');
    const document = await openFile('many.cms-fleet.csv', [
      'vin,username,firstName,lastName,fuelType',
      ...lines,
    ]);
    const actions = await until('the fixes', async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        new vscode.Range(0, 0, count, 30),
        vscode.CodeActionKind.QuickFix.value,
      );
      const ours = found.filter(({ title }) => title.endsWith(' to "EV"'));
      return ours.length > 0 ? ours : undefined;
    });
    const [all, ...others] = actions.filter(
      ({ title }) => title === `Change all ${count} "Electric" to "EV"`,
    );
    assert.deepEqual(others, []);
    assert.equal(all?.edit?.get(document.uri).length, count);
    assert.ok(actions.length > 1 && actions.length <= 21, String(actions.length));
  });

  /** Each its own: the editor keeps what it knows of a file for a while. */
  async function openFile(name: string, lines: readonly string[]): Promise<vscode.TextDocument> {
    await writeFile(path.join(folder, name), `${lines.join('\n')}\n`);
    return vscode.workspace.openTextDocument(path.join(folder, name));
  }

  /** Takes a quick fix at a place, as a person does in the lightbulb. */
  async function fix(at: vscode.Uri, range: vscode.Range, title: string): Promise<void> {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      at,
      range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const action = actions.find((each) => each.title === title);
    assert.ok(action?.edit, actions.map((each) => each.title).join('; '));
    await vscode.workspace.applyEdit(action.edit);
  }

  it('have the wrong cell marked, and what was meant in the lightbulb', async () => {
    const lines = [
      'vin,username,firstName,lastName,Fuel',
      'LSH14J4C9LA046511,u,A,B,Electric',
      '5YJSA1E21HFO01337,u,A,B,Diesel',
    ];
    const document = await openFile('cells.cms-fleet.csv', lines);
    const { uri: of } = document;
    const marked = (await problems(2, /./, of)).map(({ range }) => document.getText(range));
    assert.deepEqual(marked.sort(), ['5YJSA1E21HFO01337', 'Fuel']);
    const at = (text: string) => {
      const start = document.getText().indexOf(text);
      return new vscode.Range(document.positionAt(start), document.positionAt(start + text.length));
    };
    await fix(of, at('5YJSA1E21HFO01337'), 'Change to "5YJSA1E21HF001337"');
    await fix(of, at('Fuel'), 'Change to "fuelType"');
    const [wrong] = await problems(1, /fuelType: must be one of these: Gas, Diesel, EV, /, of);
    assert.equal(document.getText(wrong?.range), 'Electric');
    await fix(of, at('Electric'), 'Change to "EV"');
    await problems(0, /./, of);
    assert.equal(
      document.getText().split('\n').slice(0, 3).join('\n'),
      [
        'vin,username,firstName,lastName,fuelType',
        'LSH14J4C9LA046511,u,A,B,EV',
        '5YJSA1E21HF001337,u,A,B,Diesel',
      ].join('\n'),
    );
    await document.save();
  });

  it('have the same mistake in every line mended at once', async () => {
    const vins = ['LSH14J4C9LA046511', '1HGCM82633A004352', '11111111111111111'];
    const document = await openFile('every.cms-fleet.csv', [
      'vin,username,firstName,lastName,fuelType',
      ...vins.map((vin) => `${vin},u,A,B,petrol`),
    ]);
    const [first] = await problems(3, /./, document.uri);
    assert.ok(first);
    await fix(document.uri, first.range, 'Change all 3 "petrol" to "Gas"');
    await problems(0, /./, document.uri);
    await document.save();
  });

  it('have a check digit that does not fit told as what may be right, and corrected in the lightbulb', async () => {
    // 49 CFR 565.15: the check digit of this VIN is 3.
    const document = await openFile('digit.cms-fleet.csv', [
      'vin,username,firstName,lastName',
      '1HGCM82693A004352,u,A,B',
    ]);
    const words = /check digit of 1HGCM82693A004352 \(character 9\) is 9; 3 would be correct/;
    const [told] = await problems(1, words, document.uri);
    assert.equal(told?.severity, vscode.DiagnosticSeverity.Hint);
    await fix(document.uri, told.range, 'Change to "1HGCM82633A004352"');
    await problems(0, /./, document.uri);
    await document.save();
  });

  it('in JSON have the same in the lightbulb', async () => {
    const other = path.join(folder, 'fixed.cms-fleet.json');
    const vehicle = {
      vin: 'LSH14J4C9LA046511',
      username: 'u',
      firstName: 'A',
      lastName: 'B',
      fuelType: 'diesel',
    };
    await writeFile(other, JSON.stringify({ vehicles: [vehicle] }));
    const document = await vscode.workspace.openTextDocument(other);
    const at = document.positionAt(document.getText().indexOf('diesel'));
    await fix(document.uri, new vscode.Range(at, at), 'Change to "Diesel"');
    assert.deepEqual(JSON.parse(document.getText()), { vehicles: [{ ...vehicle, fuelType: 'Diesel' }] });
    await document.save();
  });
});
