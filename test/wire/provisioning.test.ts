import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreatePolicyCommand as CreateManagedPolicyCommand,
  CreateRoleCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
} from '@aws-sdk/client-iam';
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateProvisioningTemplateCommand,
  DeleteProvisioningTemplateCommand,
  DescribeThingCommand,
  GetPolicyCommand,
  type IoTClient,
  ListCertificatesCommand,
  ListPolicyVersionsCommand,
  UpdateCertificateCommand,
  UpdateProvisioningTemplateCommand,
} from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import { createConnection } from '../../src/aws/createConnection.ts';
import type { Deployment } from '../../src/cms/contract/deployment.ts';
import type { MintedProvisioner } from '../../src/cms/contract/provisioner.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { CmsError } from '../../src/core/errors.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import type { CertificateStore } from '../../src/provisioning/certificates.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { findAttachedCertificate } from '../../src/aws/iot/certificates.ts';
import { retireCertificate } from '../../src/aws/iot/retireCertificate.ts';
import type { Device } from '../../src/provisioning/device.ts';
import { nodeFiles } from '../../src/provisioning/fileOperations.ts';
import type { ProvisionDeps, ProvisionRequest } from '../../src/provisioning/contract.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { rotate } from '../../src/provisioning/rotate.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import {
  CLAIM_POLICY as claimPolicyName,
  TEMPLATE as defaultTemplateName,
} from '../../src/cms/cdf/provisioner.ts';
import { undoSetup } from '../../src/provisioning/undoSetup.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { encodeCarData } from '../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../src/telemetry/restingSample.ts';
import { makePair } from '../support/pairs.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { type TestWork, testWork } from '../support/works.ts';
import { english } from '../../src/core/wording.ts';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import { nobody } from '../support/cms.ts';

const VIN = 'LSH14J4C4LA046511';
const never = new AbortController().signal;

describe('certificates just in time', () => {
  let sandbox: SandboxProcess;
  let connection: Connection;
  let deployment: Deployment;
  let device: Device;
  let iot: IoTClient;
  let folder: string;
  let certificates: CertificateStore;
  let deps: ProvisionDeps;

  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits'] });
    device = await startDevice({ command: join(import.meta.dirname, '../../dist/device.js') });
  });
  after(async () => {
    device.dispose();
    await sandbox.stop();
  });
  beforeEach(async () => {
    await sandbox.reset();
    const { endpoint, caFile, ready } = sandbox;
    connection = await createConnection(
      {
        endpoint,
        caFile,
        region: ready.region,
        credentials: testCredentials,
      },
      testWork(),
    );
    deployment = await openDeployment(connection, {}, nobody, never);
    iot = await connection.iot();
    folder = mkdtempSync(join(tmpdir(), 'provisioning-'));
    certificates = createCertificateStore(folder);
    deps = { connection, provisioner: deployment.certificates!, certificates, device };
  });
  afterEach(async () => {
    connection.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const request = (more: Partial<ProvisionRequest> = {}): ProvisionRequest => ({
    vehicle: refOf(VIN),
    claim: { kind: 'per-vehicle' },
    keys: 'keys',
    templateName: defaultTemplateName,
    timeoutMs: 4000,
    ...more,
  });
  const setup = (templateName = defaultTemplateName) => ensureSetup({ templateName }, deps, testWork());
  const warningsOf = ({ events }: TestWork) =>
    events.filter(({ level }) => level === 'warn').map(({ message }) => english(message));
  const reject = (code: string, words: RegExp) => (error: unknown) => {
    assert.ok(error instanceof CmsError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(`${error.step ?? ''} ${error.message} ${english(error.remedy ?? '')}`, words);
    return true;
  };

  /** A run that hangs stands for one that was killed: its lock tells of a process that is gone. */
  const bury = () => writeFile(join(folder, `.lock-${VIN}`), `${hostname()} 99999999 1`);

  /** Certificates of the account that could be used, besides the one given. */
  async function otherActive(certificateId?: string): Promise<string[]> {
    const { certificates: all = [] } = await iot.send(new ListCertificatesCommand({ pageSize: 250 }));
    return all
      .filter(
        (each) =>
          each.status === 'ACTIVE' && each.certificateId !== certificateId && !seeded.has(each.certificateId),
      )
      .map((each) => each.certificateId ?? '');
  }
  let seeded = new Set<string | undefined>();
  beforeEach(async () => {
    const { certificates: all = [] } = await iot.send(new ListCertificatesCommand({ pageSize: 250 }));
    seeded = new Set(all.map((each) => each.certificateId));
  });

  async function sharedClaim(): Promise<{
    kind: 'shared';
    certificateFile: string;
    privateKeyFile: string;
    id: string;
  }> {
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    await iot.send(new AttachPolicyCommand({ policyName: claimPolicyName, target: made.certificateArn }));
    const files = { certificateFile: join(folder, 'claim.crt'), privateKeyFile: join(folder, 'claim.key') };
    await writeFile(files.certificateFile, made.certificatePem!);
    await writeFile(files.privateKeyFile, made.keyPair!.PrivateKey!);
    return { kind: 'shared', ...files, id: made.certificateId! };
  }

  describe('setup', () => {
    it('makes role, claim policy and template once, and finds them ever after', async () => {
      const first = await setup();
      assert.equal(first.result, 'created');
      assert.deepEqual(
        first.made.map((made) => made.kind),
        ['role', 'role-policy', 'policy', 'template'],
      );
      assert.equal((await setup()).result, 'found');
    });

    it('two at the same time both succeed', async () => {
      const results = await Promise.all([setup(), setup()]);
      assert.equal(new Set(results.map((result) => result.roleArn)).size, 1);
    });

    it('undoing removes what this run made, and only that', async () => {
      const first = await setup();
      await undoSetup(await setup(), connection, testWork());
      assert.equal((await setup()).result, 'found');
      const removed = await undoSetup(first, connection, testWork());
      assert.equal(removed.length, 4);
      assert.equal((await setup()).result, 'created');
    });

    it('completes a policy that lacks the CSR subscription without taking anything away', async () => {
      const before = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['iot:Connect'], Resource: ['*'] }],
      };
      await iot.send(
        new CreatePolicyCommand({ policyName: claimPolicyName, policyDocument: JSON.stringify(before) }),
      );
      const result = await setup();
      assert.equal(result.result, 'created');
      const { policyDocument, defaultVersionId } = await iot.send(
        new GetPolicyCommand({ policyName: claimPolicyName }),
      );
      assert.equal(defaultVersionId, '2');
      const { Statement } = JSON.parse(policyDocument!) as typeof before;
      assert.deepEqual(Statement[0], before.Statement[0]);
      assert.match(policyDocument!, /topicfilter\/\$aws\/certificates\/create-from-csr\/\*/);
      assert.equal((await setup()).result, 'found');

      await undoSetup(result, connection, testWork());
      const after = await iot.send(new GetPolicyCommand({ policyName: claimPolicyName }));
      assert.equal(after.defaultVersionId, '1');
    });

    async function fivePolicyVersions(document: (n: number) => object): Promise<void> {
      for (let n = 1; n <= 5; n++) {
        const version = { policyName: claimPolicyName, policyDocument: JSON.stringify(document(n)) };
        await iot.send(
          n === 1
            ? new CreatePolicyCommand(version)
            : new CreatePolicyVersionCommand({ ...version, setAsDefault: true }),
        );
      }
    }
    const connectOnly = (n: number) => ({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'iot:Connect',
          Resource: `arn:aws:iot:us-west-2:123456789012:client/${n}`,
        },
      ],
    });

    it('five versions that others made are not touched: POLICY_VERSION_LIMIT says how to go on', async () => {
      await fivePolicyVersions(connectOnly);
      await assert.rejects(setup(), reject('POLICY_VERSION_LIMIT', /5 versions.*delete-policy-version/s));
      const { policyVersions } = await iot.send(
        new ListPolicyVersionsCommand({ policyName: claimPolicyName }),
      );
      assert.equal(policyVersions?.length, 5);
    });

    it('of five versions the oldest one made here makes room', async () => {
      await setup();
      const { policyDocument } = await iot.send(new GetPolicyCommand({ policyName: claimPolicyName }));
      for (let n = 2; n <= 5; n++) {
        const version = {
          policyName: claimPolicyName,
          policyDocument: JSON.stringify(connectOnly(n)),
          setAsDefault: true,
        };
        await iot.send(new CreatePolicyVersionCommand(version));
      }
      assert.ok(policyDocument);
      assert.equal((await setup()).result, 'repaired');
      const { policyVersions } = await iot.send(
        new ListPolicyVersionsCommand({ policyName: claimPolicyName }),
      );
      assert.deepEqual(policyVersions?.map((version) => version.versionId).sort(), ['2', '3', '4', '5', '6']);
    });

    it('a template of that name that does something else is left alone, and the difference is named', async () => {
      const { roleArn } = await setup();
      const body = {
        Parameters: {
          SerialNumber: { Type: 'String' },
          Plant: { Type: 'String' },
          'AWS::IoT::Certificate::Id': { Type: 'String' },
        },
        Resources: {
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
          },
          thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'Plant' } } },
        },
      };
      const templateBody = JSON.stringify(body);
      await iot.send(
        new CreateProvisioningTemplateCommand({
          templateName: 'Other',
          templateBody,
          provisioningRoleArn: roleArn,
          enabled: true,
        }),
      );
      await assert.rejects(
        setup('Other'),
        reject(
          'TEMPLATE_CONFLICT',
          /parameter Plant.*no policy instead of CvraTcuDevicePolicy.*--template-name NAME/s,
        ),
      );
    });

    it('a template that is only disabled is called that, with the command that enables it', async () => {
      await setup();
      await iot.send(
        new UpdateProvisioningTemplateCommand({ templateName: defaultTemplateName, enabled: false }),
      );
      const command = `aws iot update-provisioning-template --template-name ${defaultTemplateName} --enabled`;
      await assert.rejects(
        setup(),
        reject(
          'TEMPLATE_CONFLICT',
          new RegExp(`${defaultTemplateName} is disabled\\. Enable it: ${command}`),
        ),
      );
    });

    it("the ancestor's template, which does the same in other words, is good enough", async () => {
      const { roleArn } = await setup();
      const templateBody = JSON.stringify({
        Parameters: {
          SerialNumber: { Type: 'String' },
          ModelType: { Type: 'String' },
          'AWS::IoT::Certificate::Id': { Type: 'String' },
        },
        Resources: {
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
          },
          policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
          thing: {
            Type: 'AWS::IoT::Thing',
            OverrideSettings: {
              AttributePayload: 'MERGE',
              ThingGroups: 'DO_NOTHING',
              ThingTypeName: 'REPLACE',
            },
            Properties: { ThingGroups: [], ThingName: { Ref: 'SerialNumber' } },
          },
        },
      });
      await iot.send(
        new CreateProvisioningTemplateCommand({
          templateName: 'Ancestor',
          templateBody,
          provisioningRoleArn: roleArn,
          enabled: true,
        }),
      );
      assert.equal((await setup('Ancestor')).result, 'created', 'only its claim policy was missing');
      const done = await provision(request({ templateName: 'Ancestor' }), deps, testWork());
      assert.equal(done.result, 'created');
    });

    it('a role of that name that AWS IoT may not assume is left alone', async () => {
      const trust = {
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: 'sts:AssumeRole',
      };
      const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
      const iam = await connection.iam();
      await iam.send(new CreateRoleCommand({ RoleName: 'IotCMSRole', AssumeRolePolicyDocument }));
      await assert.rejects(setup(), reject('ROLE_CONFLICT', /IotCMSRole.*iot\.amazonaws\.com/s));
    });

    it('a role gets the permissions boundary that is wished for, and keeps it', async () => {
      const iam = await connection.iam();
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
      });
      const company = { PolicyName: 'boundary', Path: '/company/', PolicyDocument };
      const { Policy } = await iam.send(new CreateManagedPolicyCommand(company));
      const roleBoundary = Policy!.Arn!;
      const work = testWork();
      await ensureSetup({ templateName: defaultTemplateName }, { ...deps, roleBoundary }, work);
      const boundary = async () =>
        (await iam.send(new GetRoleCommand({ RoleName: 'IotCMSRole' }))).Role?.PermissionsBoundary;
      const wanted = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: roleBoundary };
      assert.deepEqual(await boundary(), wanted);
      assert.equal((await setup()).result, 'found');
      assert.deepEqual(await boundary(), wanted);
      assert.deepEqual(warningsOf(work), []);
    });

    it('a role that is there without that boundary is left alone, and said so', async () => {
      await setup();
      const roleBoundary = 'arn:aws:iam::aws:policy/AWSIoTConfigAccess';
      const work = testWork();
      await ensureSetup({ templateName: defaultTemplateName }, { ...deps, roleBoundary }, work);
      assert.deepEqual(warningsOf(work), [
        `Role IotCMSRole exists without the permissions boundary ${roleBoundary}; it is left unchanged.`,
      ]);
      const iam = await connection.iam();
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'IotCMSRole' }));
      assert.equal(Role?.PermissionsBoundary, undefined);
    });

    it('a boundary that is no policy is refused before anything is made', async () => {
      const work = ensureSetup(
        { templateName: defaultTemplateName },
        { ...deps, roleBoundary: 'my-boundary' },
        testWork(),
      );
      await assert.rejects(work, reject('REQUEST_INVALID', /"my-boundary" is not the ARN of a policy/));
      const iam = await connection.iam();
      await assert.rejects(iam.send(new GetRoleCommand({ RoleName: 'IotCMSRole' })), {
        name: 'NoSuchEntityException',
      });
    });

    it('who may not make a role is told of the boundary', async () => {
      await sandbox.fault({
        operation: 'iam:CreateRole',
        action: { kind: 'error', code: 'AccessDenied', message: 'not authorized', status: 403 },
      });
      await assert.rejects(setup(), reject('ACCESS_DENIED', /--role-boundary/));
    });

    it('a role that lost its policy gets it back', async () => {
      const { made } = await setup();
      const iam = await connection.iam();
      const attached = made.find((each) => each.kind === 'role-policy');
      await iam.send(new DetachRolePolicyCommand({ RoleName: 'IotCMSRole', PolicyArn: attached?.policyArn }));
      assert.equal((await setup()).result, 'repaired');
    });

    it('a role that AWS IoT does not know yet is waited for', async () => {
      await sandbox.fault({
        operation: 'iot:CreateProvisioningTemplate',
        count: 2,
        action: {
          kind: 'error',
          code: 'InvalidRequestException',
          message: 'The role cannot be assumed',
          status: 400,
        },
      });
      assert.equal((await setup()).result, 'created');
    });
  });

  describe('provisioning', () => {
    beforeEach(() => setup());

    for (const kind of ['per-vehicle', 'temporary', 'shared'] as const) {
      for (const keys of ['keys', 'csr-rsa', 'csr-ec'] as const) {
        it(`a ${kind} claim with ${keys} gives a certificate that publishes the first telemetry`, async () => {
          const claim = kind === 'shared' ? await sharedClaim() : { kind };
          const work = testWork();
          const done = await provision(request({ claim, keys }), deps, work);
          assert.equal(done.result, 'created');
          const { identity, certificateId, facts } = done.identity;
          const cloud = await findAttachedCertificate(connection, certificateId, never);
          assert.equal(cloud?.status, 'ACTIVE');
          assert.deepEqual([cloud.things, cloud.policies], [[VIN], ['CvraTcuDevicePolicy']]);
          assert.equal(done.certificateArn, cloud.arn);
          const thing = await iot.send(new DescribeThingCommand({ thingName: VIN }));
          assert.equal(thing.thingTypeName, 'tcu');
          assert.deepEqual([facts?.claim?.kind, facts?.claim?.used], [kind, true]);
          assert.equal(facts?.stackName, 'cms-dev1');
          assert.equal(facts.thingName, VIN);

          const expected = kind === 'shared' ? [claim as { id?: string }].map((each) => each.id) : [];
          assert.deepEqual(await otherActive(certificateId), expected, 'no claim made here stays active');
          const files = await readdir(join(folder, VIN));
          assert.equal(files.includes('bootstrap-private.pem.key'), kind === 'per-vehicle');

          const message = encodeCarData(restingSample({ latitude: 33.7, longitude: -84.3 }, work.clock), {
            vin: VIN,
            id: VIN,
            thingName: VIN,
            tripId: 't',
            simulationId: 's',
            serial: 1,
          });
          const broker = { ...(await connection.mqttEndpoint()), rootCaPem: await connection.rootCa() };
          await device.publish({ broker, identity, clientId: VIN, messages: [message] }, work);
          assert.match(JSON.stringify(await sandbox.messages(VIN)), /#1/);
          assert.doesNotMatch(JSON.stringify(work.events), /PRIVATE KEY|BEGIN/);
        });
      }
    }

    it('a registration that a hook denies names the hook', async () => {
      const { roleArn } = await setup();
      assert.ok(roleArn);
      const targetArn = `arn:aws:lambda:${sandbox.ready.region}:123456789012:function:only-our-vehicles`;
      const preProvisioningHook = { payloadVersion: '2020-04-01', targetArn };
      await iot.send(
        new UpdateProvisioningTemplateCommand({ templateName: defaultTemplateName, preProvisioningHook }),
      );
      const message = 'Pre-provisioning hook denied provisioning.';
      const action = { kind: 'error', code: 'AccessDenied', status: 403, message };
      await sandbox.fault({ operation: 'mqtt:claim:provision', action });
      await assert.rejects(
        provision(request({ keys: 'csr-ec' }), deps, testWork()),
        reject(
          'CLAIM_REJECTED',
          new RegExp(`denied provisioning.*hook of template ${defaultTemplateName}, ${targetArn},`),
        ),
      );
    });

    it('finds the certificate on a rerun and asks for no new one', async () => {
      const first = await provision(request(), deps, testWork());
      const again = await provision(request(), deps, testWork());
      assert.equal(again.result, 'found');
      assert.equal(again.identity.certificateId, first.identity.certificateId);
      assert.deepEqual(await otherActive(first.identity.certificateId), []);
    });

    it('keeps what is known of the vehicle beside the certificate: over reruns, new certificates and rotations', async () => {
      const known = async () => {
        const { tags, fuelType } = (await certificates.facts(VIN)) ?? {};
        return { tags, fuelType };
      };
      const van = { tags: ['van', 'night'], fuelType: 'EV' };
      const first = await provision(request(van), deps, testWork());
      assert.deepEqual(await known(), van);
      await provision(request(), deps, testWork());
      assert.deepEqual(await known(), van);
      await provision(request({ tags: ['day'] }), deps, testWork());
      assert.deepEqual(await known(), { tags: ['day'], fuelType: 'EV' });
      const rotated = await rotate(request(), deps, testWork());
      assert.deepEqual(await known(), { tags: ['day'], fuelType: 'EV' });
      // The cloud takes the certificate away: the next run sets it aside with its facts.
      const { certificateId } = rotated.identity;
      await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
      const again = await provision(request(), deps, testWork());
      assert.notEqual(again.identity.certificateId, first.identity.certificateId);
      assert.deepEqual(await known(), { tags: ['day'], fuelType: 'EV' });
    });

    it('removes the used claim files if told to', async () => {
      await provision(request({ claim: { kind: 'per-vehicle', keepFiles: false } }), deps, testWork());
      const files = await readdir(join(folder, VIN));
      assert.deepEqual(
        files.filter((name) => name.startsWith('bootstrap')),
        [],
      );
    });

    it('openssl agrees that the files on disk belong together', async () => {
      const { files } = await provision(request({ keys: 'csr-ec' }), deps, testWork());
      const of = (...args: string[]) => spawnSync('openssl', args, { encoding: 'utf8' }).stdout;
      const fromCertificate = of('x509', '-in', files[0]!, '-noout', '-pubkey');
      const fromKey = of('pkey', '-in', files[1]!, '-pubout');
      assert.ok(fromKey.includes('PUBLIC KEY'));
      assert.equal(fromCertificate, fromKey);
    });

    it('a certificate the cloud forgot is set aside, with its key, and a new one made', async () => {
      const first = await provision(request(), deps, testWork());
      const id = first.identity.certificateId;
      await retireCertificate(connection, id, { remove: true }, testWork());
      const work = testWork();
      const again = await provision(request(), deps, work);
      assert.equal(again.result, 'created');
      const kept = await readFile(join(folder, VIN, 'previous', id, 'production-private.pem.key'), 'utf8');
      assert.equal(kept, first.identity.identity.privateKeyPem);
      assert.ok(
        work.events.some((event) => event.level === 'warn' && english(event.message).includes('unknown')),
      );
    });

    it('an INACTIVE certificate is set aside and a new one made', async () => {
      const { identity } = await provision(request(), deps, testWork());
      const { certificateId } = identity;
      await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }));
      assert.equal((await provision(request(), deps, testWork())).result, 'created');
      assert.equal((await findAttachedCertificate(connection, certificateId, never))?.status, 'INACTIVE');
    });

    it('a pair that does not belong together is an error, unless it may be replaced', async () => {
      const { identity } = await provision(request(), deps, testWork());
      await writeFile(identity.files.privateKey, (await makePair()).privateKeyPem);
      await assert.rejects(
        provision(request(), deps, testWork()),
        reject('CERTIFICATE_UNUSABLE', /another certificate/),
      );
      assert.equal((await provision(request({ replace: true }), deps, testWork())).result, 'created');
    });

    it('two runs for one vehicle at the same time share one certificate', async () => {
      const other = createCertificateStore(folder);
      const [one, two] = await Promise.all([
        provision(request(), deps, testWork()),
        provision(request(), { ...deps, certificates: other }, testWork()),
      ]);
      assert.deepEqual([one.result, two.result].sort(), ['created', 'found']);
      assert.equal(one.identity.certificateId, two.identity.certificateId);
      assert.deepEqual(await otherActive(one.identity.certificateId), []);
    });

    it('another certificate of the vehicle that is still ACTIVE is named', async () => {
      const first = await provision(request(), deps, testWork());
      await rm(join(folder, VIN), { recursive: true });
      const work = testWork();
      const again = await provision(request(), deps, work);
      assert.notEqual(again.identity.certificateId, first.identity.certificateId);
      const warnings = work.events.filter(({ level }) => level === 'warn').map(({ message }) => message);
      assert.ok(warnings.some((message) => english(message).includes(first.identity.certificateId)));
    });

    it('a folder that cannot be written is found out before the cloud is asked for anything', async () => {
      const files = {
        ...nodeFiles,
        create: () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })),
      };
      const readOnly = { ...deps, certificates: createCertificateStore(folder, { files }) };
      await assert.rejects(
        provision(request(), readOnly, testWork()),
        reject('CERTIFICATE_STORE_FAILED', /read-only/),
      );
      const { certificates: all } = await iot.send(new ListCertificatesCommand({ pageSize: 250 }));
      assert.equal(all?.length, seeded.size);
    });

    it('a disk without room for a vehicle is found out before the cloud is asked for anything', async () => {
      const files = {
        ...nodeFiles,
        create: (path: string, content: string, mode: number) =>
          content.length > 20_000
            ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
            : nodeFiles.create(path, content, mode),
      };
      const full = { ...deps, certificates: createCertificateStore(folder, { files }) };
      await assert.rejects(
        provision(request(), full, testWork()),
        reject('CERTIFICATE_STORE_FAILED', /disk is full/),
      );
      const { certificates: all } = await iot.send(new ListCertificatesCommand({ pageSize: 250 }));
      assert.equal(all?.length, seeded.size);
      assert.deepEqual(await readdir(folder), ['.gitignore'], 'what was tried is removed');
    });

    it('a disk that fills up when the certificate is there names it, and the next run goes on', async () => {
      const files = {
        ...nodeFiles,
        create: (path: string, content: string, mode: number) =>
          content.includes('"provisionedAt"')
            ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
            : nodeFiles.create(path, content, mode),
      };
      const full = { ...deps, certificates: createCertificateStore(folder, { files }) };
      const work = testWork();
      await assert.rejects(provision(request(), full, work), { code: 'CERTIFICATE_STORE_FAILED' });
      const [active = '?', ...others] = await otherActive();
      assert.deepEqual(others, []);
      const said = work.events.filter(({ level }) => level === 'warn').map(({ message }) => english(message));
      assert.ok(
        said.some((message) => message.includes(`Certificate ${active} of ${VIN} is ACTIVE`)),
        said.join('\n'),
      );
      const done = await provision(request(), deps, testWork());
      assert.deepEqual([done.result, done.identity.certificateId], ['found', active]);
    });

    it('a pair that the CMS minted and that cannot be saved is taken out of service', async () => {
      const files = {
        ...nodeFiles,
        create: (path: string, content: string, mode: number) =>
          path.includes('production')
            ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
            : nodeFiles.create(path, content, mode),
      };
      let minted: string | undefined;
      const provisioner: MintedProvisioner = {
        ...deps.provisioner,
        kind: 'minted',
        async mint() {
          const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
          minted = made.certificateId;
          return {
            certificatePem: made.certificatePem ?? '',
            privateKeyPem: made.keyPair?.PrivateKey ?? '',
          };
        },
      };
      const full = { ...deps, provisioner, certificates: createCertificateStore(folder, { files }) };
      await assert.rejects(
        provision(request(), full, testWork()),
        reject('CERTIFICATE_STORE_FAILED', /disk is full/),
      );
      assert.ok(minted);
      assert.equal(await findAttachedCertificate(connection, minted, never), undefined);
    });

    it('a disk that fills up while the key is saved leaves no certificate and no half pair', async () => {
      let writes = 0;
      const files = {
        ...nodeFiles,
        create: (path: string, content: string, mode: number) => {
          // The claim's files are written, the new certificate's are not.
          if (path.includes('production')) {
            writes += 1;
            return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
          }
          return nodeFiles.create(path, content, mode);
        },
      };
      const full = { ...deps, certificates: createCertificateStore(folder, { files }) };
      await assert.rejects(
        provision(request(), full, testWork()),
        reject('CERTIFICATE_STORE_FAILED', /disk is full/),
      );
      assert.equal(writes, 1);
      const { certificates: all = [] } = await iot.send(new ListCertificatesCommand({ pageSize: 250 }));
      assert.deepEqual(
        all.map((each) => each.certificateId).filter((id) => !seeded.has(id)),
        [],
        'nor one that waits to be activated',
      );
      assert.deepEqual(await certificates.production(VIN), { kind: 'none' });
      assert.equal((await provision(request(), deps, testWork())).result, 'created');
    });
  });

  describe('claims that do not work', () => {
    beforeEach(() => setup());

    it('an inactive claim is refused with the likely cause', async () => {
      const claim = await sharedClaim();
      await iot.send(new UpdateCertificateCommand({ certificateId: claim.id, newStatus: 'INACTIVE' }));
      await assert.rejects(
        provision(request({ claim }), deps, testWork()),
        reject('MQTT_CONNECT_REFUSED', /claim certificate is not ACTIVE/),
      );
      assert.deepEqual(await certificates.production(VIN), { kind: 'none' });
    });

    it('claim files that do not belong together, or are none, are refused before anything is asked', async () => {
      const claim = await sharedClaim();
      await writeFile(claim.privateKeyFile, (await makePair()).privateKeyPem);
      await assert.rejects(
        provision(request({ claim }), deps, testWork()),
        reject('CERTIFICATE_UNUSABLE', /another certificate/),
      );
      await rm(claim.certificateFile);
      await assert.rejects(
        provision(request({ claim }), deps, testWork()),
        reject('CERTIFICATE_UNUSABLE', /cannot be read/),
      );
    });

    it('a missing template is a rejected claim that names it, and the claim is taken back', async () => {
      await iot.send(new DeleteProvisioningTemplateCommand({ templateName: defaultTemplateName }));
      await assert.rejects(
        provision(request(), deps, testWork()),
        reject('CLAIM_REJECTED', new RegExp(`register-thing.*${defaultTemplateName}`, 's')),
      );
      assert.deepEqual(await otherActive(), []);
      assert.deepEqual(await certificates.bootstrap(VIN), { kind: 'none' });
      await setup();
      assert.equal((await provision(request(), deps, testWork())).result, 'created');
    });

    it('an expired ownership token is named as such; the rerun works', async () => {
      const slow = createCertificateStore(folder);
      const late: CertificateStore = {
        ...slow,
        saveProduction: async (vin, pair) => {
          const files = await slow.saveProduction(vin, pair);
          await sandbox.advanceClock(61 * 60_000);
          return files;
        },
      };
      await assert.rejects(
        provision(request(), { ...deps, certificates: late }, testWork()),
        reject('CLAIM_REJECTED', /OwnershipToken.*one hour/s),
      );
      assert.deepEqual(await otherActive(), []);
      assert.equal((await provision(request(), deps, testWork())).result, 'created');
    });
  });

  describe('a bad line', () => {
    beforeEach(() => setup());

    const fault = (operation: string, action: Record<string, unknown>) =>
      sandbox.fault({ operation, count: 1, action });

    it('no answer to the certificate request ends in bounded time; the rerun works', async () => {
      await fault('mqtt:claim', { kind: 'swallow' });
      await assert.rejects(
        provision(request({ timeoutMs: 700 }), deps, testWork()),
        reject('CLAIM_TIMEOUT', /create-certificate/),
      );
      assert.deepEqual(await otherActive(), []);
      assert.equal((await provision(request(), deps, testWork())).result, 'created');
    });

    it('answers that come twice do no harm', async () => {
      await sandbox.fault({ operation: 'mqtt:claim', count: 2, action: { kind: 'twice' } });
      const done = await provision(request(), deps, testWork());
      assert.deepEqual(await otherActive(done.identity.certificateId), []);
    });

    for (const operation of ['mqtt:connect', 'mqtt:subscribe', 'mqtt:claim:create']) {
      it(`a connection that drops at ${operation}, before there is a certificate, is tried again`, async () => {
        await fault(operation, { kind: 'drop', when: 'before-ack' });
        const work = testWork();
        const done = await provision(request(), deps, work);
        assert.equal(done.result, 'created');
        assert.ok(work.events.some((event) => english(event.message).startsWith('Trying again')));
        assert.deepEqual(await otherActive(done.identity.certificateId), []);
      });
    }

    it('a connection that drops between the certificate and its being saved is tried again', async () => {
      await fault('mqtt:claim:create', { kind: 'drop', when: 'after-ack' });
      const done = await provision(request(), deps, testWork()).catch((error: unknown) => {
        assert.ok(reject('MQTT_CONNECTION_LOST', /save-certificate|register-thing/)(error));
        return undefined;
      });
      const { identity } = done ?? (await provision(request(), deps, testWork()));
      assert.deepEqual(await otherActive(identity.certificateId), []);
    });

    it('a vehicle that was registered although the connection dropped before the answer is taken as registered', async () => {
      await fault('mqtt:claim:provision', { kind: 'drop', when: 'before-ack' });
      const work = testWork();
      const done = await provision(request(), deps, work);
      assert.equal(done.result, 'created');
      assert.ok(
        work.events.some(
          (event) => event.level === 'warn' && english(event.message).includes('answer was lost'),
        ),
      );
      assert.deepEqual(await otherActive(done.identity.certificateId), []);
    });

    for (const [action, code, words] of [
      [{ kind: 'swallow' }, 'CLAIM_TIMEOUT', /register-thing/],
      [
        { kind: 'error', code: 'InternalError', message: 'no', status: 500 },
        'CLAIM_REJECTED',
        /register-thing.*InternalError/s,
      ],
    ] as const) {
      it(`a registration that ends in ${action.kind} leaves no pair in use and keeps the key aside`, async () => {
        await fault('mqtt:claim:provision', action);
        await assert.rejects(provision(request({ timeoutMs: 1000 }), deps, testWork()), reject(code, words));
        assert.deepEqual(await otherActive(), []);
        assert.deepEqual(await certificates.production(VIN), { kind: 'none' });
        assert.equal((await readdir(join(folder, VIN, 'previous'))).length, 1);
      });
    }

    it('cancelled at each step it ends at once, leaves nothing active, and the rerun works', async () => {
      const steps = new Set<string>();
      const dry = testWork((event) => steps.add(event.step));
      await provision(request({ vehicle: refOf('DRYRUN') }), deps, dry);
      for (const step of steps) {
        const vin = `V-${step.toUpperCase()}`;
        const work = testWork((event) => {
          if (event.step === step) work.cancel();
        });
        const known = new Set(await otherActive());
        await assert.rejects(
          provision(request({ vehicle: refOf(vin) }), deps, work),
          { code: 'CANCELLED' },
          step,
        );
        const left = (await otherActive()).filter((id) => !known.has(id));
        const stored = usablePair(await certificates.production(vin));
        const allowed = [stored?.certificateId, usablePair(await certificates.bootstrap(vin))?.certificateId];
        for (const id of left)
          assert.ok(allowed.includes(id), `${step}: what is active is on disk, for the next run`);
        const done = await provision(request({ vehicle: refOf(vin) }), deps, testWork());
        const after = (await otherActive(done.identity.certificateId)).filter((id) => !known.has(id));
        assert.deepEqual(after, [], `${step}: the rerun leaves one certificate`);
      }
    });
  });

  describe('a run that was killed', () => {
    beforeEach(() => setup());

    it('after the claim was armed: the next run goes on with it and leaves none active', async () => {
      const killed: Device = { ...device, claim: () => new Promise(() => undefined) };
      const work = testWork();
      let armed = false;
      const seen = new Promise<void>((resolve) => {
        killed.claim = () => {
          armed = true;
          resolve();
          return new Promise(() => undefined);
        };
      });
      void provision(request(), { ...deps, device: killed }, work).catch(() => undefined);
      await seen;
      await bury();
      assert.ok(armed);
      const bootstrap = usablePair(await certificates.bootstrap(VIN));
      assert.deepEqual(await otherActive(), [bootstrap?.certificateId]);

      const done = await provision(request(), deps, testWork());
      assert.equal(done.result, 'created');
      assert.equal(done.identity.facts?.claim?.certificateId, bootstrap?.certificateId);
      assert.deepEqual(await otherActive(done.identity.certificateId), []);
    });

    it('after the pair was saved but before it was registered: the next run sets it aside', async () => {
      const reached = new Promise<void>((resolve) => {
        const stuck: CertificateStore = {
          ...certificates,
          saveProduction: async (vin, pair) => {
            await certificates.saveProduction(vin, pair);
            resolve();
            return new Promise(() => undefined);
          },
        };
        const endless = request({ timeoutMs: 600_000 });
        void provision(endless, { ...deps, certificates: stuck }, testWork()).catch(() => undefined);
      });
      await reached;
      await bury();
      const left = usablePair(await certificates.production(VIN));
      const cloud = await findAttachedCertificate(connection, left!.certificateId, never);
      assert.equal(cloud?.status, 'PENDING_ACTIVATION');

      const done = await provision(request(), deps, testWork());
      assert.equal(done.result, 'created');
      assert.notEqual(done.identity.certificateId, left!.certificateId);
      assert.deepEqual(await readdir(join(folder, VIN, 'previous')), [left!.certificateId]);
      assert.equal(await findAttachedCertificate(connection, left!.certificateId, never), undefined);
      assert.deepEqual(await otherActive(done.identity.certificateId), []);
    });

    it('after it was registered but before the facts were written: the next run finds it and retires the claim', async () => {
      const reached = new Promise<void>((resolve) => {
        const stuck: CertificateStore = {
          ...certificates,
          saveFacts: () => {
            resolve();
            return new Promise(() => undefined);
          },
        };
        void provision(request({ timeoutMs: 600_000 }), { ...deps, certificates: stuck }, testWork());
      });
      await reached;
      await bury();
      const done = await provision(request(), deps, testWork());
      assert.equal(done.result, 'found');
      assert.equal(done.identity.facts?.claim?.used, true);
      assert.deepEqual(await otherActive(done.identity.certificateId), []);
    });
  });

  describe('rotation', () => {
    beforeEach(() => setup());

    for (const deleteOld of [false, true]) {
      it(`puts a new certificate in use and ${deleteOld ? 'deletes' : 'deactivates'} the old one, keeping its files`, async () => {
        const old = await provision(request(), deps, testWork());
        const done = await rotate({ ...request({ keys: 'csr-ec' }), deleteOld }, deps, testWork());
        const oldId = old.identity.certificateId;
        assert.notEqual(done.identity.certificateId, oldId);
        assert.deepEqual(done.previous, { certificateId: oldId, status: deleteOld ? 'deleted' : 'inactive' });
        const oldCloud = await findAttachedCertificate(connection, oldId, never);
        assert.equal(oldCloud?.status, deleteOld ? undefined : 'INACTIVE');
        const cloud = await findAttachedCertificate(connection, done.identity.certificateId, never);
        assert.deepEqual([cloud?.status, cloud?.things], ['ACTIVE', [VIN]]);
        assert.deepEqual(await otherActive(done.identity.certificateId), []);
        assert.equal(
          usablePair(await certificates.production(VIN))?.certificateId,
          done.identity.certificateId,
        );
        const kept = await readFile(
          join(folder, VIN, 'previous', oldId, 'production-private.pem.key'),
          'utf8',
        );
        assert.equal(kept, old.identity.identity.privateKeyPem);
        assert.equal((await provision(request(), deps, testWork())).result, 'found');
      });
    }

    it('without a certificate there is nothing to rotate', async () => {
      await assert.rejects(
        rotate(request(), deps, testWork()),
        reject('VEHICLE_NOT_FOUND', /Provision the vehicle first/),
      );
    });

    it('a rotation that fails leaves the old certificate in use', async () => {
      const old = await provision(request(), deps, testWork());
      await sandbox.fault({ operation: 'mqtt:claim', count: 1, action: { kind: 'swallow' } });
      await assert.rejects(rotate(request({ timeoutMs: 700 }), deps, testWork()), { code: 'CLAIM_TIMEOUT' });
      assert.equal((await provision(request(), deps, testWork())).result, 'found');
      assert.equal(usablePair(await certificates.production(VIN))?.certificateId, old.identity.certificateId);
      assert.deepEqual(await otherActive(old.identity.certificateId), []);
    });

    it('a rotation that was killed before the change-over is finished by the next one', async () => {
      const old = await provision(request(), deps, testWork());
      const reached = new Promise<void>((resolve) => {
        const stuck: CertificateStore = {
          ...certificates,
          promoteCandidate: () => {
            resolve();
            return new Promise(() => undefined);
          },
        };
        void rotate(request(), { ...deps, certificates: stuck }, testWork());
      });
      await reached;
      await bury();
      const waiting = usablePair(await certificates.candidate(VIN));
      assert.equal(usablePair(await certificates.production(VIN))?.certificateId, old.identity.certificateId);
      const done = await rotate(request(), deps, testWork());
      assert.equal(done.identity.certificateId, waiting?.certificateId);
      assert.deepEqual(await otherActive(done.identity.certificateId), []);
    });
  });
});
