import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { strangers, type Strangers } from '../support/strangers.ts';
import { until } from '../support/until.ts';

const VIN = 'LSH14J4C4LA046511';
const POLICY = 'CvraTcuDevicePolicy';

/** A factory that has never heard of this project: its PKI is openssl, its cloud the AWS CLI, its vehicles mosquitto. */
describe('just-in-time provisioning and registration with AWS CLI, openssl and mosquitto alone', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let they: Strangers;

  before(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(path.join(os.tmpdir(), 'factory-strangers-'));
    they = strangers(sandbox, folder);
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const file = (name: string): string => path.join(folder, name);
  const pair = (vin: string) => ({ crt: `${vin}.crt`, key: `${vin}.key` });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const sign = (csr: string, crt: string, ca: string) =>
    they.openssl(
      ...['x509', '-req', '-in', csr, '-out', crt, '-days', '30', '-CAcreateserial'],
      ...['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`],
    );

  /** A root, and the proof that its key is held. */
  async function makeCa(name: string): Promise<void> {
    await they.openssl('req', '-x509', ...ec, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, '-days', '60'); // prettier-ignore
    const { registrationCode } = await they.aws('iot', 'get-registration-code');
    await they.openssl('req', '-new', ...ec, '-keyout', 'proof.key', '-out', 'proof.csr', '-subj', `/CN=${String(registrationCode)}`); // prettier-ignore
    await sign('proof.csr', `${name}.proof.crt`, name);
  }
  async function makeVehicle(vin: string, ca: string, subject = `/C=US/serialNumber=${vin}/CN=${vin}`) {
    await they.openssl('req', '-new', ...ec, '-keyout', `${vin}.key`, '-out', `${vin}.csr`, '-subj', subject);
    await sign(`${vin}.csr`, `${vin}.crt`, ca);
    const text = await they.openssl('x509', '-in', `${vin}.crt`, '-noout', '-fingerprint', '-sha256');
    return text.split('=')[1]!.trim().replaceAll(':', '').toLowerCase();
  }
  async function described(certificateId: string): Promise<{ status: string; caCertificateId?: string }> {
    const { certificateDescription } = await they.aws(
      ...['iot', 'describe-certificate', '--certificate-id', certificateId],
    );
    return certificateDescription as { status: string; caCertificateId?: string };
  }

  it('JITP: the first connect registers and provisions, the next one is let in', async () => {
    await makeCa('Jitp');
    await writeFile(
      file('trust.json'),
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' },
      }),
    );
    const { Role } = await they.aws(
      ...['iam', 'create-role', '--role-name', 'Jitp', '--assume-role-policy-document', 'file://trust.json'],
    );
    const name = 'AWS::IoT::Certificate::CommonName';
    const id = 'AWS::IoT::Certificate::Id';
    const body = {
      Parameters: { [name]: { Type: 'String' }, [id]: { Type: 'String' } },
      Resources: {
        thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: name } } },
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: { CertificateId: { Ref: id }, Status: 'ACTIVE' },
        },
        policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: POLICY } },
      },
    };
    await writeFile(
      file('config.json'),
      JSON.stringify({ templateBody: JSON.stringify(body), roleArn: (Role as { Arn: string }).Arn }),
    );
    const { certificateId: caId } = await they.aws(
      ...['iot', 'register-ca-certificate', '--set-as-active', '--allow-auto-registration'],
      ...['--ca-certificate', 'file://Jitp.crt', '--verification-certificate', 'file://Jitp.proof.crt'],
      ...['--registration-config', 'file://config.json'],
    );
    const certificateId = await makeVehicle(VIN, 'Jitp');
    // A handshake alone registers nothing.
    await they
      .openssl(
        ...['s_client', '-connect', sandbox.mqttEndpoint, '-servername', 'localhost'],
        ...['-cert', `${VIN}.crt`, '-key', `${VIN}.key`, '-CAfile', sandbox.caFile],
      ) // prettier-ignore
      .catch(() => undefined);
    await assert.rejects(described(certificateId), /ResourceNotFoundException/);
    assert.equal(await they.send(pair(VIN), VIN), false, 'the first connect is closed');
    await they.sendAgain(pair(VIN), VIN);
    const { status, caCertificateId } = await described(certificateId);
    assert.deepEqual([status, caCertificateId], ['ACTIVE', caId]);
    const { things } = await they.aws(
      ...['iot', 'list-principal-things', '--principal'],
      `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`,
    );
    assert.deepEqual(things, [VIN]);
    assert.equal(
      await they.send(pair(VIN), 'LSH14J4C4LA046522'),
      false,
      'not under the name of another vehicle',
    );
  });

  describe('JITR', () => {
    const late = '1FAHP2E80DG000022';
    let caId: string;
    let certificateId: string;
    let listener: ChildProcess;
    const events: Record<string, unknown>[] = [];

    before(async () => {
      await makeCa('Jitr');
      const answer = await they.aws(
        ...['iot', 'register-ca-certificate', '--set-as-active', '--allow-auto-registration'],
        ...['--ca-certificate', 'file://Jitr.crt', '--verification-certificate', 'file://Jitr.proof.crt'],
      );
      caId = String(answer.certificateId);
      // A watcher with a certificate of its own, as any client of the account.
      const keys = ['--certificate-pem-outfile', 'watcher.crt', '--private-key-outfile', 'watcher.key'];
      const made = await they.aws('iot', 'create-keys-and-certificate', '--set-as-active', ...keys);
      const document = {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
      };
      await they.aws(...['iot', 'create-policy', '--policy-name', 'Watcher'], '--policy-document', JSON.stringify(document)); // prettier-ignore
      await they.aws('iot', 'attach-policy', '--policy-name', 'Watcher', '--target', String(made.certificateArn)); // prettier-ignore
      const port = sandbox.mqttEndpoint.split(':')[1] ?? '';
      listener = spawn(
        'stdbuf',
        [
          ...['-oL', 'mosquitto_sub'],
          ...['-h', 'localhost', '-p', port, '--cafile', sandbox.caFile, '-V', 'mqttv311', '-q', '1', '-d'],
          ...['--cert', 'watcher.crt', '--key', 'watcher.key', '-i', 'watcher'],
          ...['-t', `$aws/events/certificates/registered/${caId}`],
        ],
        { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      let isSubscribed = false;
      createInterface({ input: listener.stdout! }).on('line', (line) => {
        if (line.startsWith('Subscribed')) isSubscribed = true;
        if (line.startsWith('{')) events.push(JSON.parse(line) as Record<string, unknown>);
      });
      await until('the subscription', () => isSubscribed);
      certificateId = await makeVehicle(late, 'Jitr');
    });
    after(() => void listener.kill());

    it('the first connect registers as pending, is closed, and is announced', async () => {
      assert.equal(await they.send(pair(late), late), false);
      const event = await until('the event', () => events.at(0));
      assert.deepEqual(
        [event.certificateId, event.caCertificateId, event.certificateStatus, event.awsAccountId],
        [certificateId, caId, 'PENDING_ACTIVATION', '123456789012'],
      );
      assert.equal((await described(certificateId)).status, 'PENDING_ACTIVATION');
    });

    it('another connect is announced again, and keeps it pending', async () => {
      assert.equal(await they.send(pair(late), late), false);
      await until('the second event', () => events.at(1));
      assert.equal((await described(certificateId)).status, 'PENDING_ACTIVATION');
    });

    it('a thing, a policy and ACTIVE let it in; ACTIVE without a policy does not', async () => {
      const arn = `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`;
      const activate = ['iot', 'update-certificate', '--certificate-id', certificateId, '--new-status'];
      await they.aws(...activate, 'ACTIVE');
      assert.equal(await they.send(pair(late), late), false, 'it has no policy');
      await they.aws('iot', 'create-thing', '--thing-name', late);
      await they.aws('iot', 'attach-thing-principal', '--thing-name', late, '--principal', arn);
      await they.aws('iot', 'attach-policy', '--policy-name', POLICY, '--target', arn);
      assert.equal(await they.send(pair(late), late), true);
      await they.aws(...activate, 'REVOKED');
      assert.equal(await they.send(pair(late), late), false, 'it is revoked');
    });

    it('a CA that is ACTIVE is not deleted; one that is INACTIVE registers nobody', async () => {
      const remove = ['iot', 'delete-ca-certificate', '--certificate-id', caId];
      await assert.rejects(they.aws(...remove), /CertificateStateException/);
      await they.aws('iot', 'update-ca-certificate', '--certificate-id', caId, '--new-status', 'INACTIVE');
      const next = '1FAHP2E80DG000033';
      const id = await makeVehicle(next, 'Jitr');
      assert.equal(await they.send(pair(next), next), false);
      await assert.rejects(described(id), /ResourceNotFoundException/);
      await they.aws(...remove);
      await assert.rejects(
        they.aws('iot', 'describe-ca-certificate', '--certificate-id', caId),
        /ResourceNotFoundException/,
      );
    });
  });

  it('no private key left the factory', async () => {
    const state = await readFile(path.join(sandbox.stateFolder, 'state.json'), 'utf8');
    const key = (await readFile(file(`${VIN}.key`), 'utf8')).split('\n')[1] ?? '';
    assert.ok(key.length > 40);
    assert.ok(!state.includes(key));
  });
});
