import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  IoTClient,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import * as vscode from 'vscode';
import { useWorld } from '../support/editor/hostWorld.ts';
import { Maps } from '../support/editor/openMaps.ts';
import { rowsOf } from '../support/editor/person.ts';
import { reportOf } from '../support/editor/reports.ts';
import { KEEPERS_PASSWORD, PAINTERS_TOKEN } from '../support/madeUp/generation.ts';
import { joinHost } from '../support/madeUp/joinHost.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const CAR = 'WDB-7';
/** Where it is about to be changed, as every question says first. */
const PLACE = 'Account 123456789012, us-west-2, cdf-core-development\n\n';
const STACK = 'Stack cdf-core-development, Made Up, ready';
const ROW = `Vehicle ${CAR}, Made Up 1, `;

/** A generation that is unlike the others in all they have in common: nothing outside its folder names it. */
describe('A CMS generation that only its own folder and two lists know, in VS Code', function () {
  const world = useWorld(this, 'sandbox');
  const { person, folder } = world;
  let leave: () => Promise<void> = () => Promise.resolve();
  before(async () => {
    leave = await joinHost();
  });
  after(() => leave());

  async function onboard(): Promise<void> {
    void world.run('onboardVehicle', await world.row(STACK));
    await person.answer('Number of the car', CAR);
    await person.answer('Depot of the car', 'North');
    await person.pick('Review', 'Paint');
    await person.pick('Paint', 'blue');
    assert.equal((await person.row('Review', 'Paint')).description, 'blue');
    await person.pick('Review', `Onboard ${CAR}`);
    await world.row(ROW);
  }

  /** The row with these words, as the editor draws it. */
  async function drawn(words: string): Promise<vscode.TreeItem> {
    return rowsOf<object>('cmsEnablement.stacks').getTreeItem(await world.row(words));
  }

  async function iot<T>(work: (client: IoTClient) => Promise<T>): Promise<T> {
    const endpoint = await world.sandbox.endpoint();
    const client = new IoTClient({ endpoint, region: 'us-west-2', credentials: testCredentials });
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }

  it('is drawn from what it brings, with why something does not work', async () => {
    const rows = await world.spoken();
    assert.ok(rows.includes('Stack cms-dev1, CMS v1, ready'), rows.join('\n'));
    const own = rows.slice(rows.indexOf(STACK) + 1, rows.indexOf('Stack cms-dev1, CMS v1, ready'));
    assert.deepEqual(own.slice(0, 2), ['Vehicles', 'No vehicles yet. Onboard one…']);
    assert.deepEqual(own.slice(2), [
      'Depots',
      'Sign in to see the depots…',
      'Paints',
      'Sign in to see the paints…',
      'Provisioning',
      'Certificates in the workspace',
      'None yet',
      'Details',
      'Town, Springfield',
    ]);
    await world.run('copyValue', await world.row('Town, Springfield'));
    assert.equal(await vscode.env.clipboard.readText(), 'Springfield');
    const { tooltip, contextValue } = await drawn(STACK);
    assert.match((tooltip as vscode.MarkdownString).value, /see cars: it has no eyes/);
    assert.match(contextValue ?? '', /\bcan\.onboard\b.* can\.watch .* cannot\.ui\b/);
  });

  it('asks for each list what that list needs', async () => {
    void world.run('signIn', await world.row('Sign in to see the depots…'));
    await person.answer('Keeper of the depots', 'k');
    await person.answer('Password', 'wrong');
    await person.press('That opens nothing here.', 'Try Again');
    await person.answer('Keeper of the depots', 'k');
    await person.answer('Password', KEEPERS_PASSWORD);
    await world.row('North, 2 cars');
    assert.ok((await world.spoken()).includes('Sign in to see the paints…'));
    void world.run('signIn', await world.row('Sign in to see the paints…'));
    await person.answer('Token of the paint shop', PAINTERS_TOKEN);
    await person.told('Signed in to cdf-core-development.');
    await world.row('red, matt');
  });

  it('is asked for by its own fields, and keeps a vehicle by its id', async () => {
    void world.run('onboardVehicle', await world.row(STACK));
    await person.answer('Number of the car', CAR);
    const depot = await person.question('Depot of the car');
    await depot.type(' ');
    assert.equal(depot.problem, 'This cannot be empty');
    depot.leave();
    await onboard();
    assert.deepEqual(
      (await readdir(path.join(folder, 'certs'))).filter((name) => !name.startsWith('.')),
      ['root.ca.pem', 'veh-1001'],
    );
    const facts = await readFile(path.join(folder, 'certs/veh-1001/provisioning.json'), 'utf8');
    const { vin, id, thingName, generation, stackName } = JSON.parse(facts) as Record<string, string>;
    assert.deepEqual(
      { vin, id, thingName, generation, stackName },
      { vin: CAR, id: 'veh-1001', thingName: 'car-1001', generation: 'made-up', stackName: 'made-up-1' },
    );
    const rows = await world.spoken();
    assert.ok(rows.includes('Paint, blue'), rows.join('\n'));
    assert.ok(!rows.some((row) => row.startsWith('Last telemetry')), 'it has no eyes');
    const { contextValue = '' } = await drawn(ROW);
    assert.match(contextValue, /\bhasCertificate canRotate\b.* can\.send /);
    assert.doesNotMatch(contextValue, / can\.(owners|live|jobs|ui)/);
  });

  it('is told apart from others in a fleet file, whose vehicles it onboards', async () => {
    const file = path.join(folder, 'cars.cms-fleet.csv');
    await writeFile(file, 'vin;depot;paint\nWDB-8;South;green\n');
    await vscode.window.showTextDocument(vscode.Uri.file(file));
    const problems = () =>
      vscode.languages
        .getDiagnostics(vscode.Uri.file(file))
        .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
    const found = await until('the problem', () => (problems().length > 0 ? problems() : undefined));
    assert.deepEqual(
      found.map(({ message }) => message.split(':')[0]),
      ['paint'],
    );
    await writeFile(file, 'vin;depot;paint\nWDB-8;South;blue\n');
    void world.run('onboardFleet', vscode.Uri.file(file));
    await stackIfAsked(() => person.isTold('Onboard 1 vehicle onto cdf-core-development'));
    const { detail } = await person.notice('Onboard 1 vehicle onto cdf-core-development');
    assert.equal(detail, '• WDB-8');
    await person.press('Onboard 1 vehicle onto cdf-core-development', 'Onboard 1 Vehicle');
    await person.told('The vehicle is onboarded.');
    await world.row('Vehicle WDB-8, Made Up 1, ');

    await writeFile(file, 'vin,username,firstName,lastName\nLSH14J4C4LA046511,ann,A,B\n');
    void world.run('onboardFleet', vscode.Uri.file(file));
    (await person.question('Stack')).leave();
    assert.deepEqual(problems(), []);
  });

  it('is diagnosed with its own checks; what can be fixed is fixed after asking', async () => {
    await onboard();
    await iot(async (client) => {
      const { principals = [] } = await client.send(
        new ListThingPrincipalsCommand({ thingName: 'car-1001' }),
      );
      const certificateId = principals[0]!.split('/').at(-1)!;
      await client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
      const attributePayload = { attributes: { paint: 'rust' }, merge: true };
      await client.send(new UpdateThingCommand({ thingName: 'car-1001', attributePayload }));
    });
    void world.run('diagnoseVehicle', await world.row(`Vehicle ${CAR}`));
    const { detail } = await person.notice(`Some of the problems with ${CAR} can be fixed from here.`);
    assert.equal(detail, `${PLACE}• Paint it red\n• Activate the certificate`);
    await person.press('can be fixed from here', 'Fix');
    const report = await until('a report without a fault', async () => {
      const text = await reportOf(`Diagnosis of ${CAR}`);
      return text.includes('veh-1001 is painted.') ? text : undefined;
    });
    assert.match(report, /It is ACTIVE\./);
    assert.match(report, /Connected to /);
  });

  /** A vehicle that was just onboarded is selected once its row is there, and commands are about its stack then. */
  async function stackIfAsked(goesOn: () => boolean): Promise<void> {
    await until('the question for the stack, or what follows it', () => person.isAsked('Stack') || goesOn());
    if (person.isAsked('Stack')) await person.pick('Stack', 'cdf-core-development');
  }

  it('is acted on from its folder in the Explorer, whose name is no VIN', async () => {
    await onboard();
    const certificates = vscode.Uri.file(path.join(folder, 'certs'));
    void world.run('rotateCertificate', vscode.Uri.joinPath(certificates, 'veh-1001'));
    await stackIfAsked(() => person.isTold(`Rotate the certificate of ${CAR}?`));
    await person.press(`Rotate the certificate of ${CAR}?`);
    // Beside those of vehicles nothing is one.
    void world.run('rotateCertificate', vscode.Uri.joinPath(certificates, 'veh-9'));
    await stackIfAsked(() => person.isAsked('Any part of a VIN'));
    (await person.question('Any part of a VIN')).leave();
  });

  it('drives, and is seen on the map of its simulation and in the watch of its deployment', async () => {
    const maps = new Maps();
    try {
      await onboard();
      void world.run('watchFleet', await world.row(STACK));
      const watch = await maps.next();
      void world.run('simulateDrive', await world.row(ROW));
      await person.pick('Route to drive', 'Munich');
      await person.pick('Enter to start', 'Record to a file');
      await person.pick('Record to a file', 'yes');
      await person.pick('Enter to start', `Start: ${CAR}`);
      const run = await maps.next();
      assert.deepEqual(await run.vehicle('veh-1001'), { vin: CAR, phase: 'driving' });
      assert.deepEqual(await watch.vehicle('car-1001'), { vin: 'veh-1001', phase: 'watched' });
      await world.row(`${ROW}simulating`);
      run.page({ kind: 'steer', control: { do: 'stop', ids: ['veh-1001'] } });
      await world.simulation(`Simulation ${CAR} · Munich, around the old town, ended`);
      const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
      const [line = ''] = (await readFile(path.join(folder, files[0]!), 'utf8')).split('\n');
      const { vin, id, generation, type, encoding } = JSON.parse(line) as Record<string, string>;
      assert.deepEqual(
        [vin, id, generation, type, encoding],
        [CAR, 'veh-1001', 'made-up', 'sample', 'base64'],
      );
      void world.run('replayRecording', vscode.Uri.file(path.join(folder, files[0]!)));
      const replay = await maps.next();
      assert.deepEqual(await replay.vehicle('veh-1001'), { vin: CAR, phase: 'driving' });
    } finally {
      maps.leave();
    }
  });

  it('renews a certificate in its own way, which is said before', async () => {
    await onboard();
    void world.run('rotateCertificate', await world.row(ROW));
    const { detail, buttons } = await person.notice(`Rotate the certificate of ${CAR}?`);
    assert.equal(detail, `${PLACE}Both certificates stay in service.`);
    assert.deepEqual(buttons, ['Rotate', 'Copy as CLI Command']);
    await person.press('Rotate the certificate', 'Rotate');
    assert.match(await person.told('uses a new certificate'), /the old one is active, too\.$/);
    await person.press('uses a new certificate');

    await rm(path.join(folder, 'certs/veh-1001'), { recursive: true });
    void world.run('provisionCertificates', await world.row(ROW));
    const asked = await person.notice(`Get another certificate for ${CAR}?`);
    assert.equal(
      asked.detail,
      `${PLACE}WDB-7 has 2 certificates in service that this machine cannot use. Both certificates stay in service.`,
    );
    await person.press('Get another certificate');
    void world.run('provisionCertificates', await world.row(ROW));
    await person.press('Get another certificate', 'Provision');
    await person.told(`${CAR} has its production certificate`);
  });

  it('is offboarded after everything that goes, and what stays, was named', async () => {
    await onboard();
    void world.run('offboardVehicle', await world.row(ROW));
    const { detail } = await person.notice(`Offboard ${CAR} from cdf-core-development?`);
    assert.match(detail, /• thing car-1001\n• the certificates and keys of WDB-7 in /);
    assert.match(detail, /Its paint stays\.$/);
    await person.press('Offboard WDB-7', 'Offboard');
    await person.told(`${CAR} is offboarded`);
    await until('no vehicle', async () => !(await world.spoken()).some((row) => row.startsWith('Vehicle ')));
  });
});
