import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CreateKeysAndCertificateCommand, IoTClient } from '@aws-sdk/client-iot';
import { connectAsync, type MqttClient } from 'mqtt';
import { type SandboxProcess, startSandbox, testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const CDF_V1 = 'application/vnd.aws-cdf-v1.0+json';
const run = promisify(execFile);
const enc = encodeURIComponent;

interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

interface Certificate {
  id: string;
  pem: string;
  key: string;
}

/** Outputs of a stack by name, as CloudFormation tells them. */
async function outputsOf(sandbox: SandboxProcess, stack: string): Promise<Record<string, string>> {
  const client = new CloudFormationClient(awsOptions(sandbox));
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  client.destroy();
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map((o) => [o.OutputKey!, o.OutputValue!]));
}

const awsOptions = ({ endpoint }: SandboxProcess) => ({
  endpoint,
  region: 'us-west-2',
  credentials: testCredentials,
});

/** The id token of a user made for the purpose. */
async function idToken(sandbox: SandboxProcess, poolId: string): Promise<string> {
  const client = new CognitoIdentityProviderClient(awsOptions(sandbox));
  const user = { UserPoolId: poolId, Username: `user${Date.now()}` };
  const Password = 'Testing1234';
  await client.send(
    new AdminCreateUserCommand({
      ...user,
      MessageAction: 'SUPPRESS',
      UserAttributes: [{ Name: 'email', Value: `${user.Username}@example.com` }],
    }),
  );
  await client.send(new AdminSetUserPasswordCommand({ ...user, Password, Permanent: true }));
  const { UserPoolClient } = await client.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: 'wire-test',
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  const { AuthenticationResult } = await client.send(
    new AdminInitiateAuthCommand({
      UserPoolId: poolId,
      ClientId: UserPoolClient!.ClientId!,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: user.Username, PASSWORD: Password },
    }),
  );
  client.destroy();
  return AuthenticationResult!.IdToken!;
}

async function newCertificate(sandbox: SandboxProcess): Promise<Certificate> {
  const client = new IoTClient(awsOptions(sandbox));
  const made = await client.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
  client.destroy();
  return { id: made.certificateId!, pem: made.certificatePem!, key: made.keyPair!.PrivateKey! };
}

describe('the CMS of the sandbox on the wire', () => {
  let sandbox: SandboxProcess;
  let library: string;
  let facade: string;
  let fleet: string;
  let poolId: string;
  let token: string;
  let count = 0;

  before(async () => {
    sandbox = await startSandbox();
    const cms = await outputsOf(sandbox, 'cms-dev1');
    const core = await outputsOf(sandbox, 'cdf-core-development');
    facade = cms.FacadeApiGatewayUrl!;
    fleet = cms.FleetmanagerApiGatewayUrl!;
    poolId = cms.UserPoolId!;
    library = core.AssetLibraryApiGatewayUrl!;
    token = await idToken(sandbox, poolId);
  });
  after(() => sandbox.stop());

  async function call(method: string, url: string, body?: unknown, authorization = token): Promise<Reply> {
    const type = url.startsWith(fleet) ? 'application/json' : CDF_V1;
    const reply = await fetch(url, {
      method,
      headers: { accept: type, 'content-type': type, authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  }

  /** A supplier of its own and the VIN of a vehicle not seen before. */
  async function newVehicle(): Promise<{
    vin: string;
    externalId: string;
    register: string;
    activate: string;
  }> {
    const vin = `LSH14J4C4LA${String(++count).padStart(6, '0')}`;
    const externalId = `ext-${count}`;
    const made = await call('POST', `${library}/groups`, {
      parentPath: '/auto/suppliers',
      templateId: 'auto_supplier',
      name: `Supplier ${count}`,
      attributes: { externalId },
    });
    assert.equal(made.status, 204, made.text);
    const device = `${facade}/suppliers/${externalId}/devices/${vin}`;
    return { vin, externalId, register: `${device}/register`, activate: `${device}/activate` };
  }

  const registration = (certificateId: string) => ({
    templateId: 'auto_ecu',
    certificateId,
    attributes: { type: 'tcu', model: 'TCU-1' },
  });

  const activation = (vin: string) => ({
    vehicle: {
      make: 'Acme',
      model: 'DN',
      modelYear: 2019,
      vin,
      bodyType: 'Saloon',
      fuelType: 'Gas',
      transmissionType: 'Auto',
      colorCode: 'B1B!',
      iviType: 'Premium',
      ecus: [{ type: 'tcu', id: vin, softwareVersion: '1.9.1' }],
    },
  });

  const carData = (vin: string, serial: number) => ({
    MessageId: `${vin}-2026-01-05T10:00:00.000Z#${serial}`,
    SimulationId: 'wire',
    CreationTimeStamp: '2026-01-05T10:00:00.000Z',
    SendTimeStamp: '2026-01-05T10:00:00.000Z',
    VIN: vin,
    TripId: 'trip1',
    GeoLocation: { Latitude: 33.7, Longitude: -84.3, Altitude: 0, Heading: 90, Speed: 42 },
    Speed: { Max: 60, Average: 40 },
    Odometer: { Metres: 67244.4 },
    Fuel: 37.5,
    OilTemp: 198.5,
  });

  /** A device on the broker, under its own thing's name. */
  async function deviceOf(vin: string, certificate: Certificate): Promise<MqttClient> {
    const [host = '', port] = sandbox.mqttEndpoint.split(':');
    return connectAsync({
      protocol: 'mqtts',
      host,
      port: Number(port),
      ca: await readFile(sandbox.caFile, 'utf8'),
      cert: certificate.pem,
      key: certificate.key,
      clientId: vin,
      reconnectPeriod: 0,
    });
  }

  const send = (device: MqttClient, vin: string, kind: string, message: unknown) =>
    device.publishAsync(`dt/cvra/${vin}/${kind}`, JSON.stringify(message), { qos: 1 });

  it('brings a vehicle from the supplier to the fleet manager, make and model with it', async () => {
    const { vin, register, activate } = await newVehicle();
    const certificate = await newCertificate(sandbox);
    const registered = await call('POST', register, registration(certificate.id));
    assert.equal(registered.status, 201, registered.text);
    assert.match(registered.text, new RegExp(`:thing/${vin}".*:cert/${certificate.id}"`));
    assert.equal((await call('POST', activate, activation(vin))).status, 204);

    const device = await deviceOf(vin, certificate);
    let serial = 0;
    // The event of the asset library takes its time to be indexed.
    const look = async () => {
      await send(device, vin, 'cardata', carData(vin, ++serial));
      const { text } = await call('GET', `${fleet}/vehicles/${vin}`);
      return text.includes('"Acme"') && text;
    };
    const seen = await until('the make in the fleet manager', look, { everyMs: 250 });
    await device.endAsync();
    const vehicle = JSON.parse(seen) as Record<string, unknown>;
    assert.deepEqual([vehicle.make, vehicle.model, vehicle.modelYear], ['Acme', 'DN', 2019]);
    assert.deepEqual(vehicle.devices, [{ swVersion: '1.9.1', deviceId: vin }]);
  });

  it('keeps what it received, the dropped ones with their reason', async () => {
    const { vin, register } = await newVehicle();
    const certificate = await newCertificate(sandbox);
    await call('POST', register, registration(certificate.id));
    const device = await deviceOf(vin, certificate);
    await send(device, vin, 'cardata', carData(vin, 1));
    await send(device, vin, 'trip', { SendTimeStamp: '2026-01-05', VIN: vin, TripId: 't' });
    await send(device, vin, 'cardata', carData(vin, 3));
    await device.endAsync();
    const { totals, messages } = (await sandbox.messages(vin)) as {
      totals: { received: number; accepted: number; rejected: number; serials: { missingSerials: number[] } };
      messages: { accepted: boolean; reason?: string; serial?: number }[];
    };
    assert.deepEqual([totals.received, totals.accepted, totals.rejected], [3, 2, 1]);
    assert.deepEqual(totals.serials.missingSerials, [2]);
    assert.deepEqual(
      messages.map(({ accepted, reason, serial }) => [accepted, reason, serial]),
      [
        [true, undefined, 1],
        [false, 'sendtimestamp: not an ISO 8601 date with a time', undefined],
        [true, undefined, 3],
      ],
    );
  });

  it('can be made to fail between the steps of register', async () => {
    const { vin, register } = await newVehicle();
    const { id } = await newCertificate(sandbox);
    await sandbox.fault({
      operation: 'facade:register:d',
      action: { kind: 'error', code: 'Broken', status: 500 },
    });
    const failed = await call('POST', register, registration(id));
    assert.deepEqual([failed.status, failed.text], [500, '{"error":"Broken"}']);
    assert.equal((await call('POST', register, registration(id))).status, 409);
    assert.equal((await call('DELETE', `${library}/devices/${vin}`)).status, 204);
    assert.equal((await call('POST', register, registration(id))).status, 201);
  });

  it('refuses what is no certificate of the account', async () => {
    const { register } = await newVehicle();
    const reply = await call('POST', register, registration('0'.repeat(64)));
    assert.equal(reply.status, 400);
    assert.match(reply.text, /REGISTRATION_FAILED: /);
  });

  it('answers a fault in the gateway’s shape', async () => {
    await sandbox.fault({ operation: 'fleetmanager:GET /vehicles/{vin}', action: { kind: 'throttle' } });
    const throttled = await call('GET', `${fleet}/vehicles/x`);
    assert.deepEqual([throttled.status, throttled.text], [429, '{"message":"Too Many Requests"}']);
    assert.equal((await call('GET', `${fleet}/vehicles/x`)).status, 404);
  });

  it('gives curl a group by a path that is one encoded segment', async () => {
    const headers = ['-H', `Accept: ${CDF_V1}`];
    const { stdout } = await run('curl', [
      '-s',
      '-i',
      ...headers,
      `${library}/groups/%2Fauto%2Fsuppliers%2Facme%20electronics`,
    ]);
    assert.match(stdout, /^HTTP\/1\.1 200 /);
    assert.match(stdout, /content-type: application\/vnd\.aws-cdf-v1\.0\+json/i);
    assert.match(stdout, /"name":"Acme Electronics"/);
    const double = await run('curl', ['-s', '-i', ...headers, `${library}/groups/%252Fauto`]);
    assert.match(double.stdout, /^HTTP\/1\.1 404 /);
  });

  it('finds a supplier by a search value encoded twice', async () => {
    const externalId = 'a/b:c d+é';
    await call('POST', `${library}/groups`, {
      parentPath: '/auto/suppliers',
      templateId: 'auto_supplier',
      name: 'Odd',
      attributes: { externalId },
    });
    const { text } = await call(
      'GET',
      `${library}/search?type=auto_supplier&eq=${enc(`externalId:${enc(externalId)}`)}`,
    );
    assert.match(text, /"name":"Odd"/);
  });

  it('refuses a token that is missing, not of the pool, no id token, or has expired', async () => {
    const unauthorized = '{"message":"Unauthorized"}';
    const get = async (authorization: string) => {
      const { status, text } = await call('GET', `${fleet}/vehicles/x`, undefined, authorization);
      return [status, text];
    };
    assert.deepEqual(await get(''), [401, unauthorized]);
    assert.deepEqual(await get(`${token.slice(0, -8)}AAAAAAAA`), [401, unauthorized]);
    assert.equal((await get(token))[0], 404);
    const other = await startSandbox();
    try {
      const { FleetmanagerApiGatewayUrl: url } = await outputsOf(other, 'cms-dev1');
      const foreign = await fetch(`${url}/vehicles/x`, { headers: { authorization: token } });
      assert.deepEqual([foreign.status, await foreign.text()], [401, unauthorized]);
      const { UserPoolId: pool } = await outputsOf(other, 'cms-dev1');
      const own = await idToken(other, pool!);
      await other.advanceClock(3_600_001);
      const late = await fetch(`${url}/vehicles/x`, { headers: { authorization: own } });
      assert.deepEqual(
        [late.status, await late.text()],
        [401, '{"message":"The incoming token has expired"}'],
      );
    } finally {
      await other.stop();
    }
  });

  it('leaves the asset library open, unless told to ask for a token', async () => {
    const path = '/groups/%2Fauto';
    assert.equal((await fetch(library + path)).status, 200);
    const closed = await startSandbox({ args: ['--asset-library-auth', 'cognito'] });
    try {
      const { AssetLibraryApiGatewayUrl: url } = await outputsOf(closed, 'cdf-core-development');
      assert.equal((await fetch(url! + path)).status, 401);
      const { UserPoolId: pool } = await outputsOf(closed, 'cms-dev1');
      const authorization = await idToken(closed, pool!);
      assert.equal((await fetch(url! + path, { headers: { authorization } })).status, 200);
    } finally {
      await closed.stop();
    }
  });

  it('keeps the asset library over a kill, and seeds nothing twice', async () => {
    const stateFolder = await mkdtemp(path.join(os.tmpdir(), 'cms-wire-'));
    const first = await startSandbox({ stateFolder });
    let second: SandboxProcess | undefined;
    try {
      const { AssetLibraryApiGatewayUrl: url } = await outputsOf(first, 'cdf-core-development');
      const body = { parentPath: '/auto/suppliers', templateId: 'auto_supplier', name: 'Kept' };
      const made = await fetch(`${url}/groups`, {
        method: 'POST',
        headers: { accept: CDF_V1, 'content-type': CDF_V1 },
        body: JSON.stringify(body),
      });
      assert.equal(made.status, 204);
      const state = path.join(stateFolder, 'state.json');
      const written = async () => (await readFile(state, 'utf8')).includes('"Kept"');
      await until('the group in the state file', written);
      await first.kill();
      second = await startSandbox({ stateFolder });
      const { AssetLibraryApiGatewayUrl: again } = await outputsOf(second, 'cdf-core-development');
      const read = await fetch(`${again}/groups/${enc('/auto/suppliers/kept')}`);
      assert.match(await read.text(), /"name":"Kept"/);
      const seeded = await fetch(`${again}/groups/${enc('/auto/suppliers')}/members/groups`);
      assert.equal(((await seeded.json()) as { results: unknown[] }).results.length, 2);
    } finally {
      await first.kill();
      await second?.stop();
      await rm(stateFolder, { recursive: true, force: true });
    }
  });

  it('survives what no client should send', async () => {
    const odd: [string, string, string | undefined][] = [
      ['GET', `${library}/groups/%`, undefined],
      ['GET', `${library}/groups/${'a'.repeat(5000)}`, undefined],
      ['GET', `${library}/search?eq=%25zz&sort=:&offset=x&count=-1`, undefined],
      ['POST', `${library}/groups`, '{"name":{"a":1},"templateId":[],"__proto__":{"x":1}}'],
      ['POST', `${library}/groups`, `{"groups":"x","templateId":"auto_user","name":"n"}`],
      ['POST', `${facade}/users`, '[]'],
      ['POST', `${facade}/vehicles/%00/owners/..%2F..`, '{"pairingCode":"1"}'],
      ['GET', `${fleet}/vehicles/aggregate?filters=%5B%5D`, undefined],
    ];
    for (const [method, url, body] of odd) {
      const reply = await fetch(url, {
        method,
        headers: { 'content-type': CDF_V1, accept: CDF_V1, authorization: token },
        ...(body === undefined ? {} : { body }),
      });
      assert.ok(reply.status >= 200 && reply.status < 600, url);
    }
    assert.equal((await call('GET', `${library}/groups/%2Fauto`)).status, 200);
  });
});
