import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as aws from '@aws-sdk/client-iot';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { provisioningRole } from '../support/sandboxRole.ts';

const run = promisify(execFile);
const VIN = 'LSH14J4C4LA046511';
const ALLOW = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
});
const TEMPLATE = JSON.stringify({
  Parameters: { SerialNumber: { Type: 'String' } },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'SerialNumber' }, ThingTypeName: 'tcu' },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
  },
});

describe('the IoT control plane of the sandbox', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits'] });
    folder = await mkdtemp(path.join(os.tmpdir(), 'iot-wire-'));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => sandbox.reset());

  describe('with the AWS SDK for JavaScript', () => {
    let iot: aws.IoTClient;
    before(() => {
      iot = new aws.IoTClient({
        endpoint: sandbox.endpoint,
        region: sandbox.ready.region,
        credentials: testCredentials,
      });
    });
    after(() => iot.destroy());

    it('finds the message broker', async () => {
      const { endpointAddress } = await iot.send(
        new aws.DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }),
      );
      assert.equal(endpointAddress, sandbox.mqttEndpoint);
    });

    it('brings a vehicle into being and takes it apart again @smoke', async () => {
      const made = await iot.send(new aws.CreateKeysAndCertificateCommand({ setAsActive: true }));
      const { certificateArn: arn, certificateId, certificatePem = '', keyPair } = made;
      assert.equal(
        new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPair?.PrivateKey ?? '')),
        true,
      );
      const principal = arn;
      await iot.send(new aws.CreateThingCommand({ thingName: VIN, thingTypeName: 'tcu' }));
      await iot.send(new aws.AttachThingPrincipalCommand({ thingName: VIN, principal }));
      await iot.send(new aws.AttachPolicyCommand({ policyName: 'CvraTcuDevicePolicy', target: arn }));
      const shown = await iot.send(new aws.DescribeThingCommand({ thingName: VIN }));
      assert.deepEqual([shown.thingTypeName, shown.version, shown.attributes], ['tcu', 1, {}]);
      const { principals } = await iot.send(new aws.ListThingPrincipalsCommand({ thingName: VIN }));
      assert.deepEqual(principals, [arn]);
      const { things } = await iot.send(new aws.ListPrincipalThingsCommand({ principal }));
      assert.deepEqual(things, [VIN]);
      const { policies } = await iot.send(new aws.ListAttachedPoliciesCommand({ target: arn }));
      assert.deepEqual(
        policies?.map(({ policyName }) => policyName),
        ['CvraTcuDevicePolicy'],
      );

      await assert.rejects(
        iot.send(new aws.DeleteThingCommand({ thingName: VIN })),
        aws.InvalidRequestException,
      );
      await assert.rejects(
        iot.send(new aws.DeleteCertificateCommand({ certificateId })),
        aws.CertificateStateException,
      );
      await iot.send(new aws.UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
      await assert.rejects(
        iot.send(new aws.DeleteCertificateCommand({ certificateId })),
        aws.DeleteConflictException,
      );
      await iot.send(new aws.DetachThingPrincipalCommand({ thingName: VIN, principal }));
      await iot.send(new aws.DetachPolicyCommand({ policyName: 'CvraTcuDevicePolicy', target: arn }));
      await iot.send(new aws.DeleteCertificateCommand({ certificateId }));
      await iot.send(new aws.DeleteThingCommand({ thingName: VIN }));
      await assert.rejects(
        iot.send(new aws.DescribeCertificateCommand({ certificateId })),
        aws.ResourceNotFoundException,
      );
    });

    it('gets dates as dates', async () => {
      const { certificateId } = await iot.send(new aws.CreateKeysAndCertificateCommand({}));
      const { certificateDescription } = await iot.send(
        new aws.DescribeCertificateCommand({ certificateId }),
      );
      assert.ok(certificateDescription?.creationDate instanceof Date);
      assert.ok(Math.abs(certificateDescription.creationDate.getTime() - Date.now()) < 600_000);
      assert.equal(certificateDescription.validity?.notAfter?.toISOString(), '2049-12-31T23:59:59.000Z');
    });

    it('gets errors with their own members', async () => {
      const { thingArn } = await iot.send(new aws.CreateThingCommand({ thingName: VIN }));
      const other = { thingName: VIN, attributePayload: { attributes: { a: 'b' } } };
      await assert.rejects(iot.send(new aws.CreateThingCommand(other)), (error) => {
        assert.ok(error instanceof aws.ResourceAlreadyExistsException);
        assert.equal(error.resourceArn, thingArn);
        assert.equal(error.$metadata.httpStatusCode, 409);
        return true;
      });
    });

    it('pages through everything with its paginators', async () => {
      for (let i = 0; i < 5; i++) await iot.send(new aws.CreateThingCommand({ thingName: `t${i}` }));
      const things: unknown[] = [];
      for await (const page of aws.paginateListThings({ client: iot, pageSize: 2 }, {})) {
        things.push(...(page.things ?? []).map(({ thingName }) => thingName));
      }
      assert.deepEqual(things, ['t0', 't1', 't2', 't3', 't4']);
      for (const name of ['p', 'q']) {
        await iot.send(new aws.CreatePolicyCommand({ policyName: name, policyDocument: ALLOW }));
      }
      const policies: unknown[] = [];
      for await (const page of aws.paginateListPolicies(
        { client: iot, pageSize: 1 },
        { ascendingOrder: true },
      )) {
        policies.push(...(page.policies ?? []).map(({ policyName }) => policyName));
      }
      assert.deepEqual(policies, ['CvraTcuDevicePolicy', 'p', 'q']);
    });

    it('keeps versions of a policy', async () => {
      const policyName = 'claim+=,.@-policy';
      await iot.send(new aws.CreatePolicyCommand({ policyName, policyDocument: ALLOW }));
      const version = { policyName, policyDocument: ALLOW.replace('Allow', 'Deny'), setAsDefault: true };
      for (let i = 0; i < 4; i++) await iot.send(new aws.CreatePolicyVersionCommand(version));
      await assert.rejects(
        iot.send(new aws.CreatePolicyVersionCommand(version)),
        aws.VersionsLimitExceededException,
      );
      const { policyVersions } = await iot.send(new aws.ListPolicyVersionsCommand({ policyName }));
      assert.deepEqual(
        policyVersions?.map(({ versionId, isDefaultVersion }) => [versionId, isDefaultVersion]),
        [
          ['1', false],
          ['2', false],
          ['3', false],
          ['4', false],
          ['5', true],
        ],
      );
      await assert.rejects(
        iot.send(new aws.DeletePolicyVersionCommand({ policyName, policyVersionId: '5' })),
        aws.DeleteConflictException,
      );
      await iot.send(new aws.SetDefaultPolicyVersionCommand({ policyName, policyVersionId: '1' }));
      assert.equal((await iot.send(new aws.GetPolicyCommand({ policyName }))).policyDocument, ALLOW);
      await assert.rejects(
        iot.send(new aws.CreatePolicyCommand({ policyName: 'bad', policyDocument: '{' })),
        aws.MalformedPolicyException,
      );
    });

    it('keeps provisioning templates and makes claims for them', async () => {
      const templateName = 'CMSFleetProvisioningTemplate';
      const make = (provisioningRoleArn: string) =>
        iot.send(
          new aws.CreateProvisioningTemplateCommand({
            templateName,
            templateBody: TEMPLATE,
            provisioningRoleArn,
            enabled: true,
          }),
        );
      await assert.rejects(make('arn:aws:iam::123456789012:role/IotCMSRole'), {
        name: 'InvalidRequestException',
        message: 'The provisioning role cannot be assumed by AWS IoT',
      });
      await make(await provisioningRole(sandbox));
      const shown = await iot.send(new aws.DescribeProvisioningTemplateCommand({ templateName }));
      assert.deepEqual(
        [shown.templateBody, shown.enabled, shown.type],
        [TEMPLATE, true, 'FLEET_PROVISIONING'],
      );
      const claim = await iot.send(new aws.CreateProvisioningClaimCommand({ templateName }));
      const life = (claim.expiration?.getTime() ?? 0) - Date.now();
      assert.ok(life > 200_000 && life <= 300_000, `${life} ms`);
      const { certificates } = await iot.send(new aws.ListCertificatesCommand({}));
      assert.ok(!certificates?.some(({ certificateId }) => certificateId === claim.certificateId));
    });

    it('registers a thing from a template', async () => {
      const { certificateId = '' } = await iot.send(new aws.CreateKeysAndCertificateCommand({}));
      const parameters = { SerialNumber: VIN, 'AWS::IoT::Certificate::Id': certificateId };
      const made = await iot.send(new aws.RegisterThingCommand({ templateBody: TEMPLATE, parameters }));
      assert.equal(made.resourceArns?.thing, `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`);
      const { certificateDescription } = await iot.send(
        new aws.DescribeCertificateCommand({ certificateId }),
      );
      assert.equal(certificateDescription?.status, 'ACTIVE');
      await assert.rejects(
        iot.send(new aws.RegisterThingCommand({ templateBody: TEMPLATE, parameters: { SerialNumber: VIN } })),
        aws.InvalidRequestException,
      );
    });
  });

  describe('with the AWS CLI', () => {
    /** Runs `aws iot …`; the JSON it prints. */
    async function cli(...args: string[]): Promise<Record<string, unknown>> {
      const { stdout } = await run(
        '/usr/bin/aws',
        ['iot', ...args, '--endpoint-url', sandbox.endpoint, '--region', sandbox.ready.region],
        { cwd: folder, env: cliEnvironment(), timeout: 60_000 },
      );
      return (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
    }
    function cliEnvironment(): NodeJS.ProcessEnv {
      return {
        PATH: process.env.PATH,
        HOME: folder,
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_PAGER: '',
        AWS_DEFAULT_OUTPUT: 'json',
      };
    }
    const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });

    it('makes keys and certificate as files that openssl verifies against the root', async () => {
      const made = await cli(
        ...['create-keys-and-certificate', '--set-as-active', '--certificate-pem-outfile', 'device.pem'],
        ...['--public-key-outfile', 'public.key', '--private-key-outfile', 'private.key'],
      );
      await openssl('verify', '-CAfile', sandbox.caFile, 'device.pem');
      await openssl('rsa', '-in', 'private.key', '-check', '-noout');
      assert.equal(await readFile(path.join(folder, 'device.pem'), 'utf8'), made.certificatePem);
      const target = String(made.certificateArn);
      await cli('attach-policy', '--policy-name', 'CvraTcuDevicePolicy', '--target', target);
      const { policies } = await cli('list-attached-policies', '--target', target);
      assert.deepEqual(policies, [
        {
          policyName: 'CvraTcuDevicePolicy',
          policyArn: 'arn:aws:iot:us-west-2:123456789012:policy/CvraTcuDevicePolicy',
        },
      ]);
      await cli('create-thing', '--thing-name', VIN);
      await cli('attach-thing-principal', '--thing-name', VIN, '--principal', target);
      assert.deepEqual(await cli('list-principal-things', '--principal', target), { things: [VIN] });
    });

    it('certifies a signing request from a file', async () => {
      await openssl(
        ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
        ...['-keyout', 'csr.key', '-out', 'device.csr', '-subj', `/CN=${VIN}`],
      );
      const made = await cli(
        'create-certificate-from-csr',
        '--certificate-signing-request',
        'file://device.csr',
      );
      await writeFile(path.join(folder, 'csr.pem'), String(made.certificatePem));
      await openssl('verify', '-CAfile', sandbox.caFile, 'csr.pem');
      const key = await readFile(path.join(folder, 'csr.key'), 'utf8');
      assert.equal(
        new X509Certificate(String(made.certificatePem)).checkPrivateKey(createPrivateKey(key)),
        true,
      );
    });

    it('registers a CA the way the AWS guide tells it, and a certificate of it', async () => {
      const { registrationCode } = await cli('get-registration-code');
      const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      const sign = (csr: string, out: string): Promise<unknown> =>
        openssl(
          ...['x509', '-req', '-in', csr, '-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial'],
          ...['-out', out, '-days', '500', '-sha256'],
        );
      await openssl('req', '-x509', ...ec, '-keyout', 'root.key', '-out', 'root.pem', '-subj', '/CN=Factory');
      await openssl(
        ...['req', '-new', ...ec, '-keyout', 'v.key', '-out', 'v.csr', '-subj'],
        `/CN=${String(registrationCode)}`,
      );
      await sign('v.csr', 'v.pem');
      const made = await cli(
        ...['register-ca-certificate', '--ca-certificate', 'file://root.pem'],
        ...['--verification-cert', 'file://v.pem', '--set-as-active', '--allow-auto-registration'],
      );
      const { certificateDescription } = await cli(
        'describe-ca-certificate',
        '--certificate-id',
        String(made.certificateId),
      );
      assert.equal((certificateDescription as Record<string, unknown>).autoRegistrationStatus, 'ENABLE');
      await openssl('req', '-new', ...ec, '-keyout', 'd.key', '-out', 'd.csr', '-subj', `/CN=${VIN}`);
      await sign('d.csr', 'd.pem');
      await cli(
        ...['register-certificate', '--certificate-pem', 'file://d.pem'],
        ...['--ca-certificate-pem', 'file://root.pem', '--set-as-active'],
      );
      const { certificates } = await cli(
        'list-certificates-by-ca',
        '--ca-certificate-id',
        String(made.certificateId),
      );
      assert.equal((certificates as unknown[]).length, 1);
    });

    it('pages by itself', async () => {
      for (const name of ['a', 'b', 'c']) await cli('create-thing-type', '--thing-type-name', name);
      const { thingTypes } = await cli('list-thing-types', '--page-size', '1');
      assert.deepEqual(
        (thingTypes as { thingTypeName: string }[]).map(({ thingTypeName }) => thingTypeName),
        ['tcu', 'a', 'b', 'c'],
      );
    });

    it('reports errors by their names', async () => {
      await assert.rejects(
        cli('describe-thing', '--thing-name', 'nope'),
        (error: { code?: number; stderr?: string }) => {
          assert.equal(error.code, 254);
          assert.match(
            error.stderr ?? '',
            /\(ResourceNotFoundException\) when calling the DescribeThing operation/,
          );
          return true;
        },
      );
      await assert.rejects(
        cli('create-policy', '--policy-name', 'p', '--policy-document', '{}'),
        /MalformedPolicyException/,
      );
    });
  });

  it('keeps registry and root when it is stopped and started again', async () => {
    const stateFolder = path.join(folder, 'state');
    const first = await startSandbox({ stateFolder, args: ['--no-limits'] });
    const client = (endpoint: string): aws.IoTClient =>
      new aws.IoTClient({ endpoint, region: 'us-west-2', credentials: testCredentials });
    const before = client(first.endpoint);
    const { certificateArn: principal } = await before.send(new aws.CreateKeysAndCertificateCommand({}));
    await before.send(new aws.CreateThingCommand({ thingName: VIN }));
    await before.send(new aws.AttachThingPrincipalCommand({ thingName: VIN, principal }));
    const root = await readFile(first.caFile, 'utf8');
    before.destroy();
    await first.stop();
    const second = await startSandbox({ stateFolder });
    try {
      const after = client(second.endpoint);
      const { principals } = await after.send(new aws.ListThingPrincipalsCommand({ thingName: VIN }));
      assert.deepEqual(principals, [principal]);
      assert.equal(await readFile(second.caFile, 'utf8'), root);
      after.destroy();
    } finally {
      await second.kill();
    }
  });
});
