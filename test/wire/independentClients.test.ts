import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const VIN = 'LSH14J4C4LA046511';
const PASSWORD = 'Testing1234';
const script = path.join(import.meta.dirname, 'independent/onboard_with_boto3.py');

interface Made {
  template: string;
  claimCertificateId: string;
  endpointAddress: string;
  facade: string;
  fleetManager: string;
  library: string;
  externalId: string;
  user: string;
  poolId: string;
}

/**
 * A whole onboarding with programs that know nothing of this project: boto3, the AWS CLI, mosquitto, curl and
 * openssl. What passes here is what a stranger's client sees of the sandbox.
 */
describe('independent clients onboard a vehicle on the sandbox', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let made: Made;
  let production: {
    certificateId: string;
    certificatePem: string;
    privateKey: string;
    certificateOwnershipToken: string;
  };
  let env: NodeJS.ProcessEnv;

  const file = (name: string): string => path.join(folder, name);
  const port = (): string => sandbox.mqttEndpoint.split(':')[1] ?? '';

  /** One request on a reserved topic and the answer on the same connection. */
  async function request(topic: string, payload: object): Promise<Record<string, string>> {
    // mosquitto_rr 2.0.11 sends nothing with -f and -s, so the message is an argument.
    const { stdout } = await run('mosquitto_rr', [
      ...mqtt('claim', 'stranger'),
      ...['-W', '15', '-t', topic, '-e', `${topic}/accepted`, '-m', JSON.stringify(payload)],
    ]);
    return JSON.parse(stdout) as Record<string, string>;
  }

  /** Options of the mosquitto clients for one of the pairs in the folder. */
  function mqtt(pair: string, clientId: string): string[] {
    return [
      ...['-h', 'localhost', '-p', port(), '--cafile', sandbox.caFile],
      ...[
        '--cert',
        file(`${pair}.pem`),
        '--key',
        file(`${pair}.key`),
        '-V',
        'mqttv311',
        '-i',
        clientId,
        '-q',
        '1',
      ],
    ];
  }

  async function curl(...args: string[]): Promise<{ status: number; text: string }> {
    const { stdout } = await run('curl', ['-sS', '-m', '30', '-w', '\n%{http_code}', ...args]);
    const lines = stdout.split('\n');
    return { status: Number(lines.pop()), text: lines.join('\n') };
  }

  async function aws(...args: string[]): Promise<Record<string, never>> {
    const { stdout } = await run(
      '/usr/bin/aws',
      ['--endpoint-url', sandbox.endpoint, '--output', 'json', ...args],
      { env },
    );
    return (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Record<string, never>;
  }

  before(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(path.join(os.tmpdir(), 'stranger-'));
    env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      CMS_PASSWORD: PASSWORD,
    };
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('boto3 makes user, supplier, role, policy, template and claim certificate', async () => {
    const { stdout } = await run('/usr/bin/python3', [script, sandbox.endpoint, VIN, folder], { env });
    made = JSON.parse(stdout) as Made;
    assert.match(made.claimCertificateId, /^[0-9a-f]{64}$/);
    assert.equal(made.endpointAddress, sandbox.mqttEndpoint);
  });

  it('openssl verifies the broker and computes the certificate id AWS would', async () => {
    const { stdout } = await run('sh', [
      '-c',
      `openssl s_client -connect localhost:${port()} -servername localhost -CAfile ${sandbox.caFile} -cert ${file('claim.pem')} -key ${file('claim.key')} -verify_return_error </dev/null`,
    ]);
    assert.match(stdout, /Verify return code: 0 \(ok\)/);
    const { stdout: id } = await run('sh', [
      '-c',
      `openssl x509 -in ${file('claim.pem')} -outform der | sha256sum`,
    ]);
    assert.equal(id.slice(0, 64), made.claimCertificateId);
  });

  it('mosquitto gets a production certificate over the reserved topics', async () => {
    production = (await request('$aws/certificates/create/json', {})) as unknown as typeof production;
    await writeFile(file('production.pem'), production.certificatePem);
    await writeFile(file('production.key'), production.privateKey, { mode: 0o600 });
    const before = (await aws(
      'iot',
      'describe-certificate',
      '--certificate-id',
      production.certificateId,
    )) as unknown as {
      certificateDescription: { status: string };
    };
    assert.equal(before.certificateDescription.status, 'PENDING_ACTIVATION');
    const accepted = await request(`$aws/provisioning-templates/${made.template}/provision/json`, {
      certificateOwnershipToken: production.certificateOwnershipToken,
      parameters: { SerialNumber: VIN },
    });
    assert.equal(accepted.thingName, VIN);
    assert.deepEqual(accepted.deviceConfiguration, {});
    const after = (await aws(
      'iot',
      'describe-certificate',
      '--certificate-id',
      production.certificateId,
    )) as unknown as {
      certificateDescription: { status: string };
    };
    assert.equal(after.certificateDescription.status, 'ACTIVE');
  });

  it('curl registers and activates the device and the AWS CLI signs in for it', async () => {
    const clients = (await aws(
      'cognito-idp',
      'list-user-pool-clients',
      '--user-pool-id',
      made.poolId,
    )) as unknown as {
      UserPoolClients: { ClientId: string }[];
    };
    const signedIn = (await aws(
      ...['cognito-idp', 'admin-initiate-auth', '--user-pool-id', made.poolId],
      ...['--client-id', clients.UserPoolClients[0]!.ClientId, '--auth-flow', 'ADMIN_NO_SRP_AUTH'],
      ...['--auth-parameters', `USERNAME=${made.user},PASSWORD=${PASSWORD}`],
    )) as unknown as { AuthenticationResult: { IdToken: string } };
    await writeFile(file('headers'), `Authorization: ${signedIn.AuthenticationResult.IdToken}\n`, {
      mode: 0o600,
    });
    const cdf = [
      '-H',
      `@${file('headers')}`,
      '-H',
      'Accept: application/vnd.aws-cdf-v1.0+json',
      '-H',
      'Content-Type: application/vnd.aws-cdf-v1.0+json',
    ];
    const device = `${made.facade}/suppliers/${made.externalId}/devices/${VIN}`;
    const register = await curl(
      ...cdf,
      '-d',
      JSON.stringify({
        templateId: 'auto_ecu',
        certificateId: production.certificateId,
        attributes: { type: 'tcu', model: 'TCU-1' },
      }),
      `${device}/register`,
    );
    assert.equal(register.status, 201, register.text);
    const vehicle = {
      make: 'Acme',
      model: 'DN',
      modelYear: 2019,
      vin: VIN,
      bodyType: 'Saloon',
      fuelType: 'Gas',
      transmissionType: 'Auto',
      colorCode: 'B1B!',
      iviType: 'Premium',
      ecus: [{ type: 'tcu', id: VIN, softwareVersion: '1.9.1' }],
    };
    const activate = await curl(...cdf, '-d', JSON.stringify({ vehicle }), `${device}/activate`);
    assert.equal(activate.status, 204, activate.text);
    const owner = await curl(
      ...cdf,
      '-X',
      'PUT',
      `${made.library}/groups/%2Fauto%2Fusers%2F${made.user}/owns/groups/%2Fauto%2Fvehicles%2F${VIN}`,
    );
    assert.equal(owner.status, 204, owner.text);
  });

  it('mosquitto_pub with the production certificate makes the vehicle appear in the fleet manager with its make', async () => {
    const attempt = async () => {
      const now = new Date().toISOString();
      await writeFile(
        file('cardata.json'),
        JSON.stringify({
          MessageId: `${VIN}-${now}#1`,
          CreationTimeStamp: now,
          SendTimeStamp: now,
          VIN,
          TripId: 't1',
          GeoLocation: { Latitude: 33.77521, Longitude: -84.39609, Altitude: 0, Heading: 90, Speed: 42 },
          Speed: { Max: 60, Average: 40 },
          Odometer: { Metres: 67244.4 },
          Fuel: 37.5,
          OilTemp: 198.5,
        }),
      );
      await run('mosquitto_pub', [
        ...mqtt('production', VIN),
        '-t',
        `dt/cvra/${VIN}/cardata`,
        '-f',
        file('cardata.json'),
      ]);
      const { status, text } = await curl(
        '-H',
        `@${file('headers')}`,
        `${made.fleetManager}/vehicles/${VIN}`,
      );
      const vehicle =
        status === 200 ? (JSON.parse(text) as { make: string; devices: { deviceId: string }[] }) : undefined;
      return vehicle?.make === 'Acme' ? vehicle : undefined;
    };
    // AWS IoT takes one CONNECT a second from a client id.
    const shown = await until('the make in the fleet manager', attempt, { everyMs: 1100 });
    assert.equal(shown.devices[0]?.deviceId, VIN);
  });

  it('a stranger without a registered certificate is not let in', async () => {
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=stranger',
      '-days',
      '2',
      '-keyout',
      file('own.key'),
      '-out',
      file('own.pem'),
    ]);
    await chmod(file('own.key'), 0o600);
    const refused = await run('mosquitto_pub', [
      ...mqtt('own', VIN),
      '-t',
      `dt/cvra/${VIN}/cardata`,
      '-m',
      '{}',
    ]).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(refused instanceof Error);
  });

  it('the message store shows what mosquitto sent, with its serial', async () => {
    const store = (await sandbox.messages(VIN)) as { messages: { serial?: number; accepted: boolean }[] };
    assert.ok(store.messages.length > 0);
    assert.ok(store.messages.every((message) => message.accepted && message.serial === 1));
  });

  it('keys of the claim are nowhere in what the sandbox wrote', async () => {
    const key = (await readFile(file('production.key'), 'utf8')).split('\n')[1] ?? 'missing';
    assert.ok(!sandbox.log().includes(key));
    assert.ok(!sandbox.log().includes(PASSWORD));
  });
});
