import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { noCertificate } from '../../src/editor/vehicles/certificateState.ts';
import { standingWords } from '../../src/editor/vins/fleetWords.ts';
import { OWNER, SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

const NEW = '5YJSA1E26HF000337';
const NOWHERE = '1HGCM82633A004352';

async function lensesOf(uri: vscode.Uri): Promise<vscode.CodeLens[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    uri,
    1000,
  );
  // The editor gives them in the order in which their words were found.
  return lenses
    .filter(({ command }) => command !== undefined)
    .sort((a, b) => a.range.start.line - b.range.start.line);
}
/** As `line: words`. */
const words = (lenses: readonly vscode.CodeLens[]): string[] =>
  lenses.map(({ range, command }) => `${range.start.line}: ${command?.title ?? ''}`);

describe('the lines of a fleet file', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder } = world;

  async function open(name: string, vins: readonly string[]): Promise<vscode.Uri> {
    const file = path.join(folder, name);
    const lines = name.endsWith('.json')
      ? [
          '{ "defaults": { "username": "u", "firstName": "A", "lastName": "B" }, "vehicles": [',
          ...vins.map((vin, i) => `{ "vin": "${vin}" }${i < vins.length - 1 ? ',' : ''}`),
          ']}',
        ]
      : ['vin,username,firstName,lastName', ...vins.map((vin) => `${vin},${OWNER},Test,User`)];
    await writeFile(file, `${lines.join('\n')}\n`);
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    return document.uri;
  }

  /** The lenses, as soon as one says this. */
  async function lensesWith(uri: vscode.Uri, said: string): Promise<vscode.CodeLens[]> {
    let seen: vscode.CodeLens[] = [];
    return until(
      `a line with “${said}”`,
      async () => {
        seen = await lensesOf(uri);
        return words(seen).some((line) => line.includes(said)) ? seen : undefined;
      },
      { seen: () => words(seen) },
    );
  }

  /** Until when the certificate is good that stands in the workspace, as OpenSSL reads it. */
  async function goodUntil(vin: string): Promise<string> {
    const certs = path.join(folder, 'certs', vin);
    const [name = ''] = (await readdir(certs)).filter((each) => /^production.*\.crt$/.test(each));
    const { validTo } = new X509Certificate(await readFile(path.join(certs, name)));
    return new Date(validTo).toISOString().slice(0, 10);
  }

  for (const name of ['some.cms-fleet.csv', 'some.cms-fleet.json']) {
    it(`of ${name} say how each vehicle stands, and the first what can be done with all`, async () => {
      const uri = await open(name, [VIN, NEW, SECOND.toLowerCase()]);
      const found = await lensesWith(uri, 'not onboarded');
      const lenses = words(found);
      assert.deepEqual(lenses.slice(0, 3), [
        '0: 2 of 3 vehicles are on cms-dev1 (Local Sandbox)',
        '0: Onboard This One…',
        '0: Simulate Fleet…',
      ]);
      const good = async (vin: string) => `certificate valid until ${await goodUntil(vin)}`;
      assert.deepEqual(
        lenses.slice(3).map((line) => line.replace(' · live', '')),
        [`1: onboarded · ${await good(VIN)}`, '2: not onboarded', `3: onboarded · ${await good(SECOND)}`],
      );
      const [drive] = found.filter(({ command }) => command?.title === 'Simulate Fleet…');
      const [target] = (drive?.command?.arguments ?? []) as { only?: string[] }[];
      assert.deepEqual(target?.only, [VIN, SECOND]);
    });
  }

  it('lead to the onboarding of those that are missing, and say so when that is done', async () => {
    const uri = await open('more.cms-fleet.csv', [VIN, NEW, NOWHERE]);
    const before = await lensesWith(uri, 'Onboard These 2…');
    const onboard = before.find(({ command }) => command?.title === 'Onboard These 2…')?.command;
    void vscode.commands.executeCommand(onboard?.command ?? '', ...((onboard?.arguments ?? []) as unknown[]));
    const { detail } = await person.notice(
      'Onboard 2 vehicles onto cms-dev1 (Local Sandbox, account 123456789012)?',
    );
    assert.equal(detail, `• ${NEW} (${OWNER})\n• ${NOWHERE} (${OWNER})`);
    await person.press('Onboard 2 vehicles', 'Onboard 2 Vehicles');
    await person.told('All 2 vehicles are onboarded');
    const after = words(await lensesWith(uri, '3 of 3 vehicles'));
    assert.ok(!after.some((line) => /Onboard|not onboarded/.test(line)), after.join('\n'));
  });

  it('begin a drive of those that are onboarded only', async () => {
    const uri = await open('drive.cms-fleet.csv', [VIN, NEW, SECOND]);
    const lenses = await lensesWith(uri, 'Onboard This One…');
    const drive = lenses.find(({ command }) => command?.title === 'Simulate Fleet…')?.command;
    void vscode.commands.executeCommand(drive?.command ?? '', ...((drive?.arguments ?? []) as unknown[]));
    await person.pick('Route to drive', 'Atlanta');
    await person.row('Enter to start', 'Start: 2 vehicles');
  });

  it('say so when the vehicles that they meant are no more in the file', async () => {
    const uri = await open('gone.cms-fleet.csv', [VIN, NEW]);
    const onboard = (await lensesWith(uri, 'Onboard This One…')).find(
      ({ command }) => command?.title === 'Onboard This One…',
    )?.command;
    await open('gone.cms-fleet.csv', [VIN]);
    const document = await vscode.workspace.openTextDocument(uri);
    await until('the file as it is now', () => !document.getText().includes(NEW));
    for (const command of [onboard?.command ?? '', 'cmsEnablement.simulateFleet']) {
      void vscode.commands.executeCommand(command, ...((onboard?.arguments ?? []) as unknown[]));
      await person.told('None of the chosen vehicles');
    }
    assert.equal(person.open, undefined);
  });

  it('lead to their vehicles: to its row, or to its onboarding', async () => {
    const uri = await open('lead.cms-fleet.csv', [VIN, NEW]);
    const lenses = await lensesWith(uri, 'not onboarded');
    const of = (line: number) => lenses.find(({ range }) => range.start.line === line)?.command;
    const [found, missing] = [of(1), of(2)];
    assert.equal(found?.command, 'cmsEnablement.findVehicle');
    const [named] = (found.arguments ?? []) as { vin?: string; id?: string }[];
    assert.equal(named?.vin, VIN);
    assert.ok(typeof named.id === 'string');
    await vscode.commands.executeCommand(found.command, ...((found.arguments ?? []) as unknown[]));
    const onboarding = vscode.commands.executeCommand(
      missing?.command ?? '',
      ...((missing?.arguments ?? []) as unknown[]),
    );
    const asked = await person.question('VIN: 17 characters');
    assert.equal(asked.value, NEW);
    asked.leave();
    await onboarding;
  });

  it('say nothing of other files, and nothing at all when a setting turns them off', async () => {
    const other = await open('other.csv', [VIN, NEW]);
    const fleet = await open('fleet.cms-fleet.csv', [VIN, NEW]);
    await lensesWith(fleet, 'not onboarded');
    assert.deepEqual(await lensesOf(other), []);
    const settings = vscode.workspace.getConfiguration('cmsEnablement');
    await settings.update('fleetCodeLens', false, vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(await lensesOf(fleet), []);
    } finally {
      await settings.update('fleetCodeLens', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('are read again when the tree is', async () => {
    const uri = await open('again.cms-fleet.csv', [VIN, NEW]);
    await lensesWith(uri, 'not onboarded');
    await world.sandbox.alterStack('cms-dev1', { status: 'UPDATE_IN_PROGRESS' });
    await world.run('refresh');
    let seen: vscode.CodeLens[] = [];
    await until(
      'the end of a stack that is not ready',
      async () => (seen = await lensesOf(uri)).length === 0,
      {
        seen: () => words(seen),
      },
    );
    assert.equal(person.open, undefined);
  });

  it('offer to sign in where nobody is signed in', async () => {
    await world.run('forgetPasswords');
    const uri = await open('signedOut.cms-fleet.csv', [VIN, NEW]);
    const [only, ...others] = await lensesWith(uri, 'Sign in to cms-dev1');
    assert.equal(only?.command?.command, 'cmsEnablement.signIn');
    assert.deepEqual(others, []);
  });

  it('say nothing, and ask nobody for anything, without a connection', async () => {
    const uri = await open('none.cms-fleet.csv', [VIN, NEW]);
    await lensesWith(uri, 'not onboarded');
    await world.run('stopSandbox');
    let seen: vscode.CodeLens[] = [];
    await until('an end of the words', async () => (seen = await lensesOf(uri)).length === 0, {
      seen: () => words(seen),
    });
    assert.equal(person.open, undefined);
  });
});

describe('how an onboarded vehicle stands', () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const good = { ...noCertificate, inWorkspace: true, certificateId: 'abc' };
  const until = (notAfter: string) => ({ ...good, notAfter: new Date(notAfter) });

  for (const [standing, said] of [
    [{ certificate: noCertificate }, 'onboarded · no certificate in this workspace'],
    [
      { drive: 'driving', isLive: true, certificate: until('2026-06-28T00:00:00Z') },
      'onboarded · driving · certificate expires in 12 days',
    ],
    [
      { drive: 'paused', certificate: until('2026-06-16T18:00:00Z') },
      'onboarded · drive paused · certificate expires in 1 day',
    ],
    [
      { isLive: true, certificate: until('2026-06-15T13:00:00Z') },
      'onboarded · live · certificate expires within a day',
    ],
    [{ certificate: until('2026-06-15T11:59:59Z') }, 'onboarded · certificate expired'],
    [{ certificate: until('2049-12-31T23:59:59Z') }, 'onboarded · certificate valid until 2049-12-31'],
    [
      { certificate: { ...until('2049-12-31T23:59:59Z'), status: 'INACTIVE' } },
      'onboarded · certificate inactive',
    ],
    [
      { certificate: { ...until('2049-12-31T23:59:59Z'), status: 'PENDING_ACTIVATION' } },
      'onboarded · certificate pending activation',
    ],
    [
      { certificate: { ...until('2049-12-31T23:59:59Z'), status: '$(x) NEW' } },
      'onboarded · certificate not active ($ (x) NEW)',
    ],
    [{ certificate: { ...good, problem: 'The key is of another.' } }, 'onboarded · certificate unusable'],
  ] as const) {
    it(`is said as “${said}”`, () => {
      assert.equal(standingWords({ drive: undefined, isLive: false, ...standing }, now), said);
    });
  }
});
