import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteProvisioningTemplateCommand,
  IoTClient,
  ListProvisioningTemplatesCommand,
} from '@aws-sdk/client-iot';
import { SANDBOX_ID } from '../../src/editor/sandbox/sandboxController.ts';
import { OWNER, PASSWORD, SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { reportOf } from '../support/editor/reports.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const LIVE = `Vehicle ${VIN}, Acme DN 2019, owner ${OWNER}, live`;

describe('a vehicle of the tree', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder } = world;
  const client = async () => ({
    endpoint: await world.sandbox.endpoint(),
    region: 'us-west-2',
    credentials: testCredentials,
  });

  it('says in words what it is, and what is in its rows', async () => {
    const rows = await world.spoken();
    for (const expected of [
      LIVE,
      'Device, tcu · TCU-1 · 1.9.1 · installed',
      'Last telemetry, 33.77521, -84.39609',
      `${OWNER}, Test User`,
      'Provisioning role, IotCMSRole',
    ])
      assert.ok(rows.includes(expected), `${expected} in\n${rows.join('\n')}`);
    for (const start of ['Certificate, active · expires ', `${VIN}, expires `, 'GenericSupplierName, '])
      assert.ok(
        rows.some((row) => row.startsWith(start)),
        `${start} in\n${rows.join('\n')}`,
      );
    for (const row of rows) assert.match(row, /\p{L}{3}/u);
  });

  it('is copied: its VIN, its ARN, the outputs of its stack, the environment of the sandbox', async () => {
    const vehicle = await world.row(LIVE);
    await world.run('copyVin', vehicle);
    assert.equal(await vscode.env.clipboard.readText(), VIN);
    await world.run('copyArn', vehicle);
    assert.equal(await vscode.env.clipboard.readText(), `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`);
    await world.run('copyStackOutputs', await world.row('Stack cms-dev1'));
    const outputs = Object.keys(JSON.parse(await vscode.env.clipboard.readText()) as object);
    assert.ok(
      outputs.some((key) => /userpoolid/i.test(key)),
      outputs.join(', '),
    );
  });

  it('sends its position and a trouble code, which the tree shows then', async () => {
    const vehicle = await world.row(LIVE);
    void world.run('sendDtc', vehicle);
    await person.pick('Pick a trouble code', 'P0420');
    assert.match(await person.told('reported'), new RegExp(`^${VIN} reported P0420`));
    await world.run('sendFirstTelemetry', vehicle);
    assert.equal(
      await person.told('sent its position'),
      `${VIN} sent its position, and AWS IoT acknowledged it.`,
    );
    await world.row('DTC P0420');
  });

  it('gets a job as JSON, which waits for it; following it can be ended and taken up again', async () => {
    void world.run('sendJob', await world.row(LIVE));
    await person.pick('What the vehicle should do', 'Something else');
    const document = await person.question('Job document as JSON');
    await document.type('{"operation":');
    assert.equal(document.problem, 'The job document is not JSON.');
    document.accept();
    assert.equal(await person.question('Job document as JSON'), document);
    await document.type('{"operation":"openDoors"}');
    document.accept();
    await person.pick('Account 123456789012, us-west-2, cms-dev1', 'Copy as CLI Command');
    await until('the command', async () =>
      /cms-enablement job --vin .* --document .*openDoors/.test(await vscode.env.clipboard.readText()),
    );
    await person.pick('Account 123456789012', 'Send');
    (await person.working('QUEUED')).cancel();
    await person.press('Canceled: Job cms-', 'Continue');
    (await person.working('QUEUED')).cancel();
    await person.press('Canceled: Job cms-');
  });

  it('gets another owner, who is picked by name and e-mail', async () => {
    const cognito = new CognitoIdentityProviderClient(await client());
    const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 10 }));
    await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: UserPools?.[0]?.Id,
        Username: 'driver2',
        TemporaryPassword: 'Temporary-1!',
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: 'emil@example.com' },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    );
    cognito.destroy();
    // Whoever has a temporary password is asked for a new one, and is signed in with it from then on.
    await world.run('forgetPasswords');
    void world.run('signIn', await world.row('Sign in to see the vehicles'));
    await person.answer('User name in the user pool', 'driver2');
    await person.answer('Password; stored only in VS Code’s secret storage', 'Temporary-1!');
    const question = await person.question('driver2 still has the temporary password');
    assert.equal(question.password, true);
    await question.type('Permanent-1!');
    question.accept();
    const vehicle = await world.row(LIVE);
    void world.run('associateOwner', vehicle);
    await person.pick('Pick a CMS user or type a user name', OWNER);
    assert.equal(await person.told('owns'), `${OWNER} owns ${VIN}.`);
    await person.press('owns');
    void world.run('associateOwner', await world.row(LIVE));
    const asked = await person.question('Pick a CMS user or type a user name');
    await asked.type('nobodyKnown');
    await person.pick('Pick a CMS user', 'nobodyKnown');
    assert.match(await person.told('nobodyKnown'), /nobodyKnown/);
  });

  it('is diagnosed: every check is fine, and the report stays open', async () => {
    await world.run('diagnoseVehicle', await world.row(LIVE));
    assert.match(await reportOf(`Diagnosis of ${VIN}`), /\*\*No problems found\.\*\*/);
  });

  it('is diagnosed again without asking who signs in, once that worked', async () => {
    await world.run('forgetPasswords');
    const target = { vin: VIN, ref: { connectionId: SANDBOX_ID, stack: 'cms-dev1' } };
    const first = world.run('diagnoseVehicle', target);
    await person.answer('User name in the user pool', OWNER);
    await person.answer('Password; stored only in VS Code’s secret storage', PASSWORD);
    await first;
    await world.run('diagnoseVehicle', target);
    assert.ok(!person.isAsked('User name in the user pool'));
  });

  it('that is not on the stack cannot be found', async () => {
    void world.run('findVehicle');
    await (await person.question('Find Vehicle')).type('1hgcm82633a004352');
    await person.pick('Find Vehicle', 'Use 1hgcm82633a004352 as typed');
    assert.equal(await person.told('is not on'), '1HGCM82633A004352 is not on cms-dev1.');
  });

  it('is found by any part of what its row says', async () => {
    void world.run('findVehicle');
    const { rows } = await person.question('Any part of a VIN');
    assert.deepEqual(rows.map(({ label }) => label).sort(), [SECOND, VIN].sort());
    assert.match(
      rows.find(({ label }) => label === VIN)?.description ?? '',
      new RegExp(`Acme DN 2019 · ${OWNER}`),
    );
    await person.pick('Find Vehicle', SECOND);
  });

  it('is filtered, grouped and sorted with the others, and back', async () => {
    const shown = async (...expected: string[]): Promise<void> => {
      const rows = (): Promise<string[]> =>
        world
          .spoken()
          .then((all) => all.filter((row) => /^Vehicles|^Vehicle | vehicles?$/.test(row)))
          .then((all) => all.map((row) => row.replace(/^(Vehicle \w+),.*/, '$1')));
      await until(
        expected.join('; '),
        async () => JSON.stringify(await rows()) === JSON.stringify(expected),
        { seen: rows, everyMs: 50 },
      );
    };
    const [a, b] = [VIN, SECOND].sort();
    await shown('Vehicles, 2', `Vehicle ${a}`, `Vehicle ${b}`);
    const part = SECOND.slice(5);
    void world.run('filterVehicles', await world.row('Vehicles'));
    await (await person.question('Any part of a VIN')).type(part);
    await person.pick('Filter Vehicles', `Vehicles with “${part}”`);
    await shown(`Vehicles, 1 of 2 · “${part}”`, `Vehicle ${SECOND}`);
    void world.run('filterVehicles', await world.row('Vehicles'));
    await person.pick('Filter Vehicles', 'State…');
    await person.pick('State of the vehicles', 'State: live');
    await shown('Vehicles, 2 · State: live', `Vehicle ${a}`, `Vehicle ${b}`);
    void world.run('groupVehicles', await world.row('Vehicles'));
    await person.pick('What vehicles are grouped by', 'Owner');
    await world.row('Vehicles, 2 · State: live · grouped by Owner');
    await world.row(`${OWNER}, `);
    void world.run('sortVehicles', await world.row('Vehicles'));
    await person.pick('What vehicles are sorted by', 'VIN');
    await world.row('grouped by Owner · sorted by VIN');
    await world.run('showAllVehicles', await world.row('Vehicles'));
    await shown('Vehicles, 2', `Vehicle ${a}`, `Vehicle ${b}`);
  });

  it('gets another owner, and is offboarded, with all of its group', async () => {
    void world.run('groupVehicles', await world.row('Vehicles'));
    await person.pick('What vehicles are grouped by', 'Model');
    const group = 'Acme DN 2019, 2 vehicles';
    void world.run('associateOwner', await world.row(group));
    const asked = await person.question('Pick a CMS user or type a user name');
    assert.equal(asked.title, 'Owner of 2 vehicles');
    await person.pick('Pick a CMS user', OWNER);
    assert.equal(await person.told('owns'), `${OWNER} owns 2 vehicles.`);
    await world.run('copyVin', await world.row(group));
    assert.deepEqual((await vscode.env.clipboard.readText()).split('\n').sort(), [VIN, SECOND].sort());
    void world.run('offboardVehicle', await world.row(group));
    await person.press('Offboard 2 vehicles from cms-dev1', 'Offboard');
    await person.told('2 vehicles are offboarded.');
    await world.row('No vehicles yet');
  });

  it('is copied, and offboarded, together with all that are selected', async () => {
    const rows = [await world.row(LIVE), await world.row(`Vehicle ${SECOND}`)];
    await world.run('copyVin', rows[0], rows);
    assert.equal(await vscode.env.clipboard.readText(), `${VIN}\n${SECOND}`);
    void world.run('offboardVehicle', rows[0], rows);
    const { message, detail } = await person.notice('Offboard 2 vehicles from');
    assert.equal(message, 'Offboard 2 vehicles from cms-dev1 (Local Sandbox, account 123456789012)?');
    for (const vin of [VIN, SECOND]) assert.match(detail, new RegExp(`• ${vin}: \\d+ things`));
    // What stays for the same reason is one line, however many vehicles there are.
    const stays = detail.split('\n').filter((line) => line.includes('keeps showing the last message'));
    assert.equal(stays.length, 1, detail);
    assert.match(stays[0] ?? '', /\(1 more like this\)$/);
    await person.press('Offboard 2 vehicles', 'Offboard');
    await person.told('2 vehicles are offboarded.');
    const left = (await world.spoken()).filter((row) => row.startsWith('Vehicle '));
    assert.deepEqual(left, []);
    assert.deepEqual(existsSync(path.join(folder, 'certs', VIN)), false);
  });

  it('is offboarded after everything that goes was named', async () => {
    void world.run('offboardVehicle', await world.row(LIVE));
    const { detail } = await person.notice(`Offboard ${VIN} from cms-dev1?`);
    for (const part of [
      'owner relation',
      'device',
      'vehicle',
      'certificate',
      'thing',
      'CMS never deletes telemetry',
    ])
      assert.ok(detail.includes(part), `${part} in ${detail}`);
    await person.press('Offboard');
    assert.ok(existsSync(path.join(folder, 'certs', VIN)), 'a no removes nothing');
    const done = world.run('offboardVehicle', await world.row(LIVE));
    await person.press('Offboard', 'Offboard');
    await person.told(`${VIN} is offboarded`);
    await done;
    assert.ok(!(await world.spoken()).some((row) => row.startsWith(`Vehicle ${VIN}`)));
    assert.ok(!existsSync(path.join(folder, 'certs', VIN)));
  });
});

describe('the certificates of a vehicle', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder } = world;
  const at = (...parts: string[]): string => path.join(folder, 'certs', VIN, ...parts);
  const KEY = 'production-private.pem.key';

  it('that work are found again, and rotating them is offered', async () => {
    void world.run('provisionCertificates', await world.row(LIVE));
    assert.equal(await person.told('already has'), `${VIN} already has a working production certificate.`);
    await person.press('already has', 'Rotate Certificate…');
    const { modal, detail } = await person.notice(`Rotate the certificate of ${VIN}?`);
    assert.ok(modal);
    assert.match(detail, /^Account 123456789012, us-west-2, cms-dev1\n/);
  });

  it('are rotated after asking; the old files are set aside', async () => {
    void world.run('rotateCertificate', await world.row(LIVE));
    await person.press(`Rotate the certificate of ${VIN}?`, 'Rotate');
    await person.told(`${VIN} uses a new certificate now`);
    assert.equal((await readdir(at('previous'))).length, 1);
  });

  it('are rotated though the template of the stack is gone: it is made anew', async () => {
    const iot = new IoTClient({
      endpoint: await world.sandbox.endpoint(),
      region: 'us-west-2',
      credentials: testCredentials,
    });
    const names = async () =>
      ((await iot.send(new ListProvisioningTemplatesCommand({}))).templates ?? []).map((t) => t.templateName);
    const before = await names();
    assert.equal(before.length, 1);
    for (const templateName of before)
      await iot.send(new DeleteProvisioningTemplateCommand({ templateName }));
    void world.run('rotateCertificate', await world.row(LIVE));
    await person.press('Rotate the certificate', 'Rotate');
    await person.told(`${VIN} uses a new certificate now`);
    assert.deepEqual(await names(), before);
    iot.destroy();
  });

  it('are rotated though the role is gone: it is made anew, with the permissions boundary of the settings', async () => {
    const iam = new IAMClient({
      endpoint: await world.sandbox.endpoint(),
      region: 'us-west-2',
      credentials: testCredentials,
    });
    const RoleName = 'IotCMSRole';
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    for (const { PolicyArn } of AttachedPolicies ?? [])
      await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    const boundary = 'arn:aws:iam::aws:policy/AWSIoTConfigAccess';
    const settings = vscode.workspace.getConfiguration('cmsEnablement');
    await settings.update('roleBoundary', boundary, vscode.ConfigurationTarget.Workspace);
    void world.run('rotateCertificate', await world.row(LIVE));
    await person.press('Rotate the certificate', 'Rotate');
    await person.told(`${VIN} uses a new certificate now`);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    assert.equal(Role?.PermissionsBoundary?.PermissionsBoundaryArn, boundary);
    await settings.update('roleBoundary', undefined, vscode.ConfigurationTarget.Workspace);
    iam.destroy();
  });

  it('that cannot be used are replaced after asking, and set aside', async () => {
    await rm(at(KEY));
    const vehicle = await world.row(`Vehicle ${VIN}, Acme DN 2019, owner ${OWNER}, certificate unusable`);
    void world.run('provisionCertificates', vehicle);
    const { detail } = await person.notice(`Replace the certificate of ${VIN}?`);
    assert.match(
      detail,
      /^Account 123456789012, us-west-2, cms-dev1\n[^]*sets the files aside, deletes none/,
    );
    await person.press('Replace the certificate');
    await person.told('Canceled: Provisioning certificates');
    assert.ok(!existsSync(at(KEY)));
    await person.press('Canceled: Provisioning certificates', 'Continue');
    await person.press('Replace the certificate', 'Replace');
    await person.told(`${VIN} has its production certificate`);
    assert.ok(existsSync(at(KEY)));
    assert.equal((await readdir(at('previous'))).length, 1);
  });

  it('are made again when they are lost', async () => {
    await rm(at(), { recursive: true });
    void world.run('provisionCertificates', await world.row(`Vehicle ${VIN}`));
    await person.told('has its production certificate');
    assert.ok(existsSync(at(KEY)));
  });

  it('are noticed when they come and go, without anybody asking to look', async () => {
    const elsewhere = path.join(folder, 'moved');
    await rename(path.join(folder, 'certs'), elsewhere);
    await world.row('None yet');
    await rename(elsewhere, path.join(folder, 'certs'));
    await world.row(`${SECOND}, expires `);
  });
});
