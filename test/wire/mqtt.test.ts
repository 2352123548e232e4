import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateProvisioningClaimCommand,
  CreateProvisioningTemplateCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  GetRegistrationCodeCommand,
  IoTClient,
  ListThingPrincipalsCommand,
  RegisterCACertificateCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { makeAuthority, type TestPair } from '../support/pairs.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { provisioningRole } from '../support/sandboxRole.ts';
import { until } from '../support/until.ts';

const ARN = 'arn:aws:iot:us-west-2:123456789012:';
const ROLE = 'arn:aws:iam::123456789012:role/IotCMSRole';
const CREATE = '$aws/certificates/create/json';

const TEMPLATE = JSON.stringify({
  Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
  Resources: {
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'SerialNumber' } } },
  },
});

const JITP_TEMPLATE = JSON.stringify({
  Parameters: {
    'AWS::IoT::Certificate::CommonName': { Type: 'String' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'AWS::IoT::Certificate::CommonName' } },
    },
  },
});

interface Keys {
  certificatePem: string;
  privateKeyPem: string;
}

const message = (client: MqttClient) =>
  new Promise<[topic: string, payload: Buffer]>((resolve) => {
    client.once('message', (topic, payload) => resolve([topic, payload]));
  });
const closing = (client: MqttClient) =>
  new Promise<void>((resolve) => {
    client.once('close', resolve);
  });

describe('MQTT of the sandbox, with other people’s clients', () => {
  let sandbox: SandboxProcess;
  let iot: IoTClient;
  let folder: string;
  const clients: MqttClient[] = [];

  before(async () => {
    sandbox = await startSandbox();
    iot = new IoTClient({ endpoint: sandbox.endpoint, region: 'us-west-2', credentials: testCredentials });
    folder = await mkdtemp(path.join(os.tmpdir(), 'mqtt-test-'));
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.end(true);
  });
  after(async () => {
    iot.destroy();
    await rm(folder, { recursive: true, force: true });
    await sandbox.stop();
  });

  /** A certificate with a policy of its own, or attached to a thing with the device policy of CMS. */
  async function makeDevice(options: {
    allow?: object[];
    thing?: string;
  }): Promise<Keys & { id: string; arn: string }> {
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const arn = made.certificateArn!;
    let policyName = 'CvraTcuDevicePolicy';
    if (options.allow !== undefined) {
      policyName = `policy-${made.certificateId!.slice(0, 8)}`;
      const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: options.allow });
      await iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
    }
    await iot.send(new AttachPolicyCommand({ policyName, target: arn }));
    if (options.thing !== undefined) {
      await iot.send(new CreateThingCommand({ thingName: options.thing }));
      await iot.send(new AttachThingPrincipalCommand({ thingName: options.thing, principal: arn }));
    }
    return {
      id: made.certificateId!,
      arn,
      certificatePem: made.certificatePem!,
      privateKeyPem: made.keyPair!.PrivateKey!,
    };
  }

  async function optionsOf(keys: Keys, clientId: string): Promise<IClientOptions> {
    const ca = await readFile(sandbox.caFile);
    return { ca, cert: keys.certificatePem, key: keys.privateKeyPem, clientId, reconnectPeriod: 0 };
  }
  async function open(keys: Keys, clientId: string): Promise<MqttClient> {
    const client = await connectAsync(`mqtts://${sandbox.mqttEndpoint}`, await optionsOf(keys, clientId));
    clients.push(client);
    return client;
  }
  async function refused(keys: Keys, clientId: string): Promise<void> {
    const client = connect(`mqtts://${sandbox.mqttEndpoint}`, await optionsOf(keys, clientId));
    clients.push(client);
    client.on('error', () => undefined);
    let accepted = false;
    client.on('connect', () => (accepted = true));
    await closing(client);
    assert.equal(accepted, false);
  }

  const everything = [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }];

  describe('mosquitto', () => {
    async function argumentsFor(keys: Keys, clientId: string): Promise<string[]> {
      const [cert, key] = [path.join(folder, `${clientId}.crt`), path.join(folder, `${clientId}.key`)];
      await writeFile(cert, keys.certificatePem);
      await writeFile(key, keys.privateKeyPem, { mode: 0o600 });
      const [host = '', port = ''] = sandbox.mqttEndpoint.split(':');
      return [
        '-h',
        host,
        '-p',
        port,
        '--cafile',
        sandbox.caFile,
        '--cert',
        cert,
        '--key',
        key,
        '-i',
        clientId,
        '-q',
        '1',
      ];
    }
    const run = (command: string, args: string[]) =>
      new Promise<{ code: number | string; stderr: string }>((resolve) => {
        execFile(command, args, { timeout: 20_000 }, (error, _stdout, stderr) =>
          resolve({ code: error?.code ?? 0, stderr }),
        );
      });

    before(async function () {
      if ((await run('mosquitto_pub', ['--help'])).code === 'ENOENT') this.skip();
    });

    it('publishes to itself', async () => {
      const device = await makeDevice({ allow: everything });
      const watcher = await open(device, 'watcher');
      await watcher.subscribeAsync('$aws/events/subscriptions/subscribed/reader', { qos: 1 });
      const subscribed = message(watcher);
      const reader = spawn('mosquitto_sub', [
        ...(await argumentsFor(device, 'reader')),
        ...['-t', 'a/+', '-C', '1', '-v'],
      ]);
      const ended = once(reader, 'close');
      let out = '';
      reader.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      await subscribed;
      const args = [...(await argumentsFor(device, 'writer')), '-t', 'a/b', '-m', 'hello'];
      assert.equal((await run('mosquitto_pub', args)).code, 0);
      await ended;
      assert.match(out, /a\/b hello/);
    });

    it('loses the connection when it publishes what the policy forbids', async () => {
      const device = await makeDevice({ allow: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }] });
      const args = [...(await argumentsFor(device, 'writer')), '-t', 'a/b', '-m', 'hello'];
      const { code, stderr } = await run('mosquitto_pub', args);
      assert.deepEqual([code, stderr], [7, 'Error: The connection was lost.\n']);
    });

    it('cannot connect with a client id that is no thing of its certificate', async () => {
      const device = await makeDevice({ thing: 'MOSQUITTO1' });
      const args = ['-t', 'dt/cvra/MOSQUITTO1/event', '-m', '{}'];
      assert.equal(
        (await run('mosquitto_pub', [...(await argumentsFor(device, 'MOSQUITTO1')), ...args])).code,
        0,
      );
      assert.equal((await run('mosquitto_pub', [...(await argumentsFor(device, 'other')), ...args])).code, 7);
    });

    it('cannot connect without a certificate', async () => {
      const [host = '', port = ''] = sandbox.mqttEndpoint.split(':');
      const args = ['-h', host, '-p', port, '--cafile', sandbox.caFile, '-t', 'a', '-m', 'x'];
      assert.notEqual((await run('mosquitto_pub', args)).code, 0);
    });
  });

  describe('openssl s_client', () => {
    async function talk(keys: Keys, version: string): Promise<string> {
      const [cert, key] = [path.join(folder, 's.crt'), path.join(folder, 's.key')];
      await writeFile(cert, keys.certificatePem);
      await writeFile(key, keys.privateKeyPem, { mode: 0o600 });
      const client = spawn('openssl', [
        ...[
          's_client',
          '-connect',
          sandbox.mqttEndpoint,
          '-servername',
          'localhost',
          '-CAfile',
          sandbox.caFile,
        ],
        ...['-verify_return_error', '-cert', cert, '-key', key, version, '-quiet'],
      ]);
      const chunks: Buffer[] = [];
      client.stdout.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        client.kill();
      });
      client.stdin.on('error', () => undefined);
      // CONNECT, MQTT 3.1.1, clean session, keep-alive 60 s, client id "s"
      client.stdin.write(Buffer.from('100d00044d5154540402003c000173', 'hex'));
      await once(client, 'close');
      return Buffer.concat(chunks).toString('hex');
    }

    for (const version of ['-tls1_2', '-tls1_3']) {
      it(`gets a CONNACK with an active certificate, and nothing with an inactive one (${version})`, async () => {
        const device = await makeDevice({ allow: everything });
        assert.equal(await talk(device, version), '20020000');
        await iot.send(new UpdateCertificateCommand({ certificateId: device.id, newStatus: 'INACTIVE' }));
        assert.equal(await talk(device, version), '');
      });
    }
  });

  it('cuts a certificate off when it is deactivated, and refuses it after it is deleted', async () => {
    const device = await makeDevice({ allow: everything });
    const client = await open(device, 'a');
    const closed = closing(client);
    await iot.send(new UpdateCertificateCommand({ certificateId: device.id, newStatus: 'INACTIVE' }));
    await closed;
    await iot.send(new DeleteCertificateCommand({ certificateId: device.id, forceDelete: true }));
    await refused(device, 'b');
  });

  it('shows the cloud what a vehicle published', async () => {
    const client = await open(await makeDevice({ thing: 'MQTTVIN1' }), 'MQTTVIN1');
    const telemetry = { MessageId: 'MQTTVIN1-x#1', VIN: 'MQTTVIN1' };
    await client.publishAsync('dt/cvra/MQTTVIN1/cardata', JSON.stringify(telemetry), { qos: 1 });
    const messages = JSON.stringify(await sandbox.messages('MQTTVIN1'));
    assert.match(messages, /MQTTVIN1-x#1/);
  });

  describe('certificates of a factory', () => {
    async function factory(registration: {
      templateBody?: string;
    }): Promise<(name: string) => Promise<TestPair>> {
      const ca = await makeAuthority(`Factory ${Math.random()}`);
      const { registrationCode = '' } = await iot.send(new GetRegistrationCodeCommand());
      const { certificatePem } = await ca.client(registrationCode);
      await iot.send(
        new RegisterCACertificateCommand({
          caCertificate: ca.rootPem,
          verificationCertificate: certificatePem,
          setAsActive: true,
          allowAutoRegistration: true,
          ...(registration.templateBody === undefined
            ? {}
            : { registrationConfig: { templateBody: registration.templateBody, roleArn: ROLE } }),
        }),
      );
      return (name) => ca.client(name);
    }
    const statusOf = async (certificateId: string) => {
      const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
      return certificateDescription?.status;
    };

    it('register at their first contact and wait for somebody to activate them', async () => {
      const make = await factory({});
      const watcher = await open(await makeDevice({ allow: everything }), 'watcher');
      await watcher.subscribeAsync('$aws/events/certificates/registered/+', { qos: 1 });
      const announced = message(watcher);
      const pair = await make('JITRVIN1');
      await refused(pair, 'JITRVIN1');
      const [, payload] = await announced;
      const { certificateId } = JSON.parse(payload.toString()) as { certificateId: string };
      assert.equal(certificateId, pair.certificateId);
      assert.equal(await statusOf(certificateId), 'PENDING_ACTIVATION');

      const principal = `${ARN}cert/${certificateId}`;
      await iot.send(new CreateThingCommand({ thingName: 'JITRVIN1' }));
      await iot.send(new AttachThingPrincipalCommand({ thingName: 'JITRVIN1', principal }));
      await iot.send(new AttachPolicyCommand({ policyName: 'CvraTcuDevicePolicy', target: principal }));
      await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
      await open(pair, 'JITRVIN1');
    });

    it('provision themselves when their CA has a template', async () => {
      const make = await factory({ templateBody: JITP_TEMPLATE });
      const pair = await make('JITPVIN1');
      await refused(pair, 'JITPVIN1');
      const thing = new DescribeThingCommand({ thingName: 'JITPVIN1' });
      await until('the thing of the template', () => iot.send(thing).catch(() => undefined));
      await until('its active certificate', async () => (await statusOf(pair.certificateId)) === 'ACTIVE');
      await assert.doesNotReject(open(pair, 'JITPVIN1'));
    });
  });

  describe('fleet provisioning', () => {
    /** Asks on a reserved topic and waits for its accepted or rejected answer. */
    async function ask(client: MqttClient, topic: string, body: unknown): Promise<Record<string, string>> {
      await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
      const answered = message(client);
      await client.publishAsync(topic, JSON.stringify(body), { qos: 1 });
      const [at, payload] = await answered;
      const answer = JSON.parse(payload.toString()) as Record<string, string>;
      if (at.endsWith('/rejected')) throw new Error(JSON.stringify(answer));
      return answer;
    }

    before(async () => {
      await iot.send(
        new CreateProvisioningTemplateCommand({
          templateName: 'T',
          templateBody: TEMPLATE,
          provisioningRoleArn: await provisioningRole(sandbox),
          enabled: true,
        }),
      );
    });

    async function claimOfTrustedUser(): Promise<Keys> {
      const claim = await iot.send(new CreateProvisioningClaimCommand({ templateName: 'T' }));
      return { certificatePem: claim.certificatePem!, privateKeyPem: claim.keyPair!.PrivateKey! };
    }

    it('turns a claim into a vehicle that may publish its telemetry @smoke', async () => {
      const claim = await open(await claimOfTrustedUser(), 'CLAIMVIN1');
      const created = await ask(claim, CREATE, {});
      const production = { certificatePem: created.certificatePem!, privateKeyPem: created.privateKey! };
      await refused(production, 'CLAIMVIN1');
      const answer = await ask(claim, '$aws/provisioning-templates/T/provision/json', {
        certificateOwnershipToken: created.certificateOwnershipToken,
        parameters: { SerialNumber: 'CLAIMVIN1' },
      });
      assert.deepEqual(answer, { deviceConfiguration: {}, thingName: 'CLAIMVIN1' });
      const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: 'CLAIMVIN1' }));
      assert.deepEqual(principals, [`${ARN}cert/${created.certificateId}`]);

      const closed = closing(claim);
      const vehicle = await open(production, 'CLAIMVIN1');
      await closed;
      await vehicle.publishAsync('dt/cvra/CLAIMVIN1/cardata', '{}', { qos: 1 });
    });

    it('rejects a registration without its parameter and with a made-up token', async () => {
      const claim = await open(await claimOfTrustedUser(), 'CLAIMVIN2');
      const topic = '$aws/provisioning-templates/T/provision/json';
      const { certificateOwnershipToken } = await ask(claim, CREATE, {});
      await assert.rejects(
        ask(claim, topic, { certificateOwnershipToken, parameters: {} }),
        /"statusCode":400/,
      );
      const forged = { certificateOwnershipToken: 'x', parameters: { SerialNumber: 'CLAIMVIN2' } };
      await assert.rejects(ask(claim, topic, forged), /InvalidCertificateOwnershipToken/);
    });

    it('deletes a certificate whose ownership token was not used within an hour', async () => {
      const device = await makeDevice({ allow: everything });
      const claim = await open(device, 'CLAIMVIN3');
      const { certificateId } = await ask(claim, CREATE, {});
      await iot.send(new DescribeCertificateCommand({ certificateId }));
      await sandbox.advanceClock(3_600_001);
      const topic = '$aws/provisioning-templates/T/provision/json';
      const forged = { certificateOwnershipToken: 'x', parameters: { SerialNumber: 'CLAIMVIN3' } };
      await assert.rejects(ask(claim, topic, forged), /InvalidCertificateOwnershipToken/);
      await assert.rejects(iot.send(new DescribeCertificateCommand({ certificateId })), {
        name: 'ResourceNotFoundException',
      });
    });

    it('refuses the claim of a trusted user after five minutes', async () => {
      const keys = await claimOfTrustedUser();
      await sandbox.advanceClock(300_001);
      await refused(keys, 'CLAIMVIN4');
    });
  });
});
