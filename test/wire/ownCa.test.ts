import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateProvisioningTemplateCommand,
  DeletePolicyCommand,
  DescribeCACertificateCommand,
  DescribeProvisioningTemplateCommand,
  DetachPolicyCommand,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsCommand,
  RegisterCertificateWithoutCACommand,
  UpdateCACertificateCommand,
  UpdateCertificateCommand,
  UpdateProvisioningTemplateCommand,
} from '@aws-sdk/client-iot';
import { activateCertificate, attachThing } from '../../src/aws/iot/certificates.ts';
import { ensureThing } from '../../src/aws/iot/things.ts';
import { JITP_TEMPLATE } from '../../src/cms/cdf/provisioner.ts';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import type { VehicleRef } from '../../src/core/vehicleRef.ts';
import { CmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import { readAllowList } from '../../src/provisioning/ca/allowList.ts';
import { issueBatch } from '../../src/provisioning/ca/batch.ts';
import { createCaFolder, openCaFolder, signingIn } from '../../src/provisioning/ca/caFolder.ts';
import { ensureCa, ownCaOf } from '../../src/provisioning/ca/ensureOwnCa.ts';
import { issuePair } from '../../src/provisioning/ca/signingCa.ts';
import { subjectOf } from '../../src/provisioning/ca/subject.ts';
import type { Newcomer } from '../../src/provisioning/ca/decideNewcomer.ts';
import { watchRegistrations } from '../../src/provisioning/ca/watchRegistrations.ts';
import { connectAs } from '../../src/provisioning/connectAs.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { rotate } from '../../src/provisioning/rotate.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { type CliStart, runCli } from '../support/cli.ts';
import { startSandbox, testCredentials } from '../support/sandbox.ts';
import { never, useFactory, VIN } from '../support/ownCa.ts';
import { until } from '../support/until.ts';
import { testWork } from '../support/works.ts';

const PASSPHRASE = 'Zq8-passphrase-x';

describe('certificates of one’s own CA', () => {
  const factory = useFactory({ passphrase: PASSPHRASE, rule: { organization: 'Acme' }, age: 0 });
  let { sandbox, connection, iot, folder, certificates, ca, deps } = factory;
  let { hurried, request, statusOf } = factory;
  beforeEach(() => {
    ({ sandbox, connection, iot, folder, certificates, ca, deps } = factory);
    ({ hurried, request, statusOf } = factory);
  });

  const opening = { now: Date.now(), passphrase: () => Promise.resolve(PASSPHRASE) };
  const bring = async (way: 'jitp' | 'jitr', vehicle: VehicleRef = refOf(VIN)) => {
    await ensureSetup(request(way), deps, hurried());
    return provision(request(way, { vehicle }), deps, hurried());
  };
  const thingsCertificates = async (thingName: string) =>
    (await iot.send(new ListThingPrincipalsCommand({ thingName }))).principals ?? [];
  const refused =
    (words: RegExp, code = 'CERTIFICATE_NOT_REGISTERED') =>
    (error: unknown) => {
      assert.ok(error instanceof CmsError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(`${error.message} ${english(error.remedy ?? '')}`, words);
      return true;
    };

  describe('the CA', () => {
    it('is one that OpenSSL takes, with its key encrypted', async () => {
      const at = join(folder, 'ca');
      assert.match(await readFile(join(at, 'ca.key'), 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
      assert.equal(statSync(join(at, 'ca.key')).mode & 0o777, 0o600);
      assert.match(await readFile(join(at, '.gitignore'), 'utf8'), /^\*\.key$/m);
      const text = execFileSync('openssl', ['x509', '-in', join(at, 'ca.crt'), '-noout', '-text'], {
        encoding: 'utf8',
      });
      assert.match(text, /CA:TRUE/);
      assert.match(text, /Certificate Sign, CRL Sign/);
      const [issued] = await issueBatch([refOf(VIN)], { ca, certificates }, testWork());
      assert.equal(issued?.result, 'issued');
      const leaf = usablePair(await certificates.production(VIN))!.files.certificate;
      const verified = execFileSync(
        'openssl',
        ['verify', '-CAfile', join(at, 'ca.crt'), '-purpose', 'sslclient', leaf],
        {
          encoding: 'utf8',
        },
      );
      assert.match(verified, /: OK$/m);
      const subject = execFileSync(
        'openssl',
        ['x509', '-in', leaf, '-noout', '-subject', '-nameopt', 'RFC2253'],
        {
          encoding: 'utf8',
        },
      );
      assert.equal(subject.trim(), `subject=CN=${VIN},serialNumber=${VIN},O=Acme`);
    });

    it('is never overwritten, and opens with its passphrase only', async () => {
      const at = join(folder, 'ca');
      const key = readFileSync(join(at, 'ca.key'));
      const wish = {
        commonName: 'Other',
        rule: {},
        days: 1,
        passphrase: undefined,
        now: Date.now(),
        deviceDays: 1,
      };
      await assert.rejects(
        createCaFolder(at, wish),
        refused(/There is already a CA in/, 'CERTIFICATE_EXISTS'),
      );
      assert.deepEqual(readFileSync(join(at, 'ca.key')), key);
      const wrong = { ...opening, passphrase: () => Promise.resolve('Xq8-another-one') };
      await assert.rejects(
        openCaFolder(at, wrong),
        refused(/does not open with this passphrase/, 'CERTIFICATE_UNUSABLE'),
      );
    });

    it('may be an intermediate of a PKI that OpenSSL made, with an RSA key; vehicles send the chain', async () => {
      const at = join(folder, 'pki');
      await mkdir(at, { mode: 0o700 });
      const run = (...args: string[]) => execFileSync('openssl', args, { cwd: at, stdio: 'pipe' });
      await writeFile(
        join(at, 'v3.cnf'),
        'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n',
      );
      run(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'root.key',
        '-out',
        'root.crt',
        '-subj',
        '/O=Acme/CN=Acme Root',
        '-days',
        '30',
      );
      run(
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'ca.key',
        '-out',
        'ca.csr',
        '-subj',
        '/O=Acmé Ünit/CN=Vehicles',
      );
      run(
        'x509',
        '-req',
        '-in',
        'ca.csr',
        '-CA',
        'root.crt',
        '-CAkey',
        'root.key',
        '-CAcreateserial',
        '-out',
        'own.crt',
        '-days',
        '20',
        '-extfile',
        'v3.cnf',
      );
      await writeFile(
        join(at, 'ca.crt'),
        (await readFile(join(at, 'own.crt'), 'utf8')) + (await readFile(join(at, 'root.crt'), 'utf8')),
      );
      const own = signingIn(at, await openCaFolder(at, opening));
      deps.ca = () => Promise.resolve(own);
      const { identity } = await bring('jitp');
      const chain = identity.identity.certificatePem.match(/BEGIN CERTIFICATE/g) ?? [];
      assert.equal(chain.length, 2);
      run('verify', '-CAfile', 'root.crt', '-untrusted', 'own.crt', identity.files.certificate);
      assert.equal(await statusOf(identity.certificateId), 'ACTIVE');
    });

    it('that another account setting stands in the way of is said, not changed', async () => {
      await bring('jitp');
      const certificateId = ca.signing.id;
      await iot.send(
        new UpdateCACertificateCommand({
          certificateId,
          newStatus: 'INACTIVE',
          newAutoRegistrationStatus: 'DISABLE',
        }),
      );
      const problem =
        /is registered, but it is switched off and its vehicles may not register themselves\..*ca register --provisioner jitp --yes --ca-folder \S+\/ca$/;
      await assert.rejects(ensureSetup(request('jitp'), deps, hurried()), refused(problem, 'CA_CONFLICT'));
      const wish = { way: 'jitp' as const, templateName: JITP_TEMPLATE, change: true };
      const done = await ensureCa(wish, ca.signing, ownCaOf(deps), deps, hurried());
      assert.equal(done.result, 'repaired');
      const { certificateDescription: now } = await iot.send(
        new DescribeCACertificateCommand({ certificateId }),
      );
      assert.deepEqual([now?.status, now?.autoRegistrationStatus], ['ACTIVE', 'ENABLE']);
      await assert.rejects(
        ensureSetup(request('jitr'), deps, hurried()),
        refused(/provisions its vehicles itself/, 'CA_CONFLICT'),
      );
    });
  });

  describe('just-in-time provisioning', () => {
    it('lets a vehicle in at its first connects, and finds it done when run again', async () => {
      const { result, identity } = await bring('jitp');
      assert.equal(result, 'created');
      assert.equal(await statusOf(identity.certificateId), 'ACTIVE');
      assert.deepEqual(await thingsCertificates(VIN), [
        `arn:aws:iot:us-west-2:123456789012:cert/${identity.certificateId}`,
      ]);
      const { way, caCertificateId, claim } = (await certificates.facts(VIN))!;
      assert.deepEqual([way, caCertificateId, claim], ['jitp', ca.signing.id, undefined]);
      const again = await bring('jitp');
      assert.deepEqual([again.result, again.identity.certificateId], ['found', identity.certificateId]);
    });

    it('goes on with the same key when a run ended before the first connect', async () => {
      await issueBatch([refOf(VIN)], { ca, certificates }, testWork());
      const before = usablePair(await certificates.production(VIN))!;
      const { result, identity } = await bring('jitp');
      assert.deepEqual([result, identity.certificateId], ['created', before.certificateId]);
      assert.equal(identity.identity.privateKeyPem, before.identity.privateKeyPem);
    });

    it('rotates: the new certificate is proved, then the old one ends', async () => {
      const { identity: old } = await bring('jitp');
      const { identity, previous } = await rotate(request('jitp'), deps, hurried());
      assert.notEqual(identity.certificateId, old.certificateId);
      assert.equal(previous.status, 'inactive');
      assert.deepEqual(
        [await statusOf(identity.certificateId), await statusOf(old.certificateId)],
        ['ACTIVE', 'INACTIVE'],
      );
    });

    it('a rotation that ended before the first connect of its new pair goes on with that', async () => {
      const { identity: old } = await bring('jitp');
      const order = { subject: subjectOf(refOf(VIN), ca.rule), days: 9, now: Date.now() };
      const pair = await issuePair(ca.signing, order);
      await certificates.saveCandidate(VIN, pair);
      const { identity } = await rotate(request('jitp'), deps, hurried());
      assert.equal(identity.certificateId, pair.certificateId);
      assert.deepEqual(
        [await statusOf(pair.certificateId), await statusOf(old.certificateId)],
        ['ACTIVE', 'INACTIVE'],
      );
    });

    it('a pair of a factory is kept by who provisions in another way, also while it is pending', async () => {
      await ensureSetup(request('jitr'), deps, hurried());
      await issueBatch([refOf(VIN)], { ca, certificates }, testWork());
      const { certificateId, identity } = usablePair(await certificates.production(VIN))!;
      const words = /has a certificate on disk that O=Acme, CN=Acme ca made.*jitp or jitr/;
      const byClaim = request('jitr', { way: undefined });
      await assert.rejects(provision(byClaim, deps, hurried()), refused(words, 'CERTIFICATE_EXISTS'));
      await assert.rejects(connectAs(identity, { vehicle: refOf(VIN), timeoutMs: 8000 }, deps, testWork()));
      await until('it to be pending', async () => (await statusOf(certificateId)) === 'PENDING_ACTIVATION');
      await assert.rejects(provision(byClaim, deps, hurried()), refused(words, 'CERTIFICATE_EXISTS'));
      assert.equal(await statusOf(certificateId), 'PENDING_ACTIVATION');
      assert.equal(usablePair(await certificates.production(VIN))?.certificateId, certificateId);
      const { identity: came } = await bring('jitr');
      assert.equal(came.certificateId, certificateId);
    });

    it('comes in by a template of another name that does the same; what conflicts is said before anything is made', async () => {
      const described = (templateName: string) =>
        iot.send(new DescribeProvisioningTemplateCommand({ templateName }));
      const named = ['--ca-folder', 'ca'];
      const registered = await run([
        'ca',
        'register',
        '--provisioner',
        'jitp',
        '--template-name',
        'Own',
        ...named,
      ]);
      assert.equal(registered.code, 0, registered.stderr);
      const { identity } = await bring('jitp');
      assert.equal(await statusOf(identity.certificateId), 'ACTIVE');
      await assert.rejects(described(JITP_TEMPLATE), { name: 'ResourceNotFoundException' });
      await iot.send(new UpdateProvisioningTemplateCommand({ templateName: 'Own', enabled: false }));
      const problem = /it has Own, not CMSJustInTimeTemplate \(it is disabled\)/;
      await assert.rejects(ensureSetup(request('jitp'), deps, hurried()), refused(problem, 'CA_CONFLICT'));
      await assert.rejects(described(JITP_TEMPLATE), { name: 'ResourceNotFoundException' });
    });

    const keepsKey = async (words: RegExp): Promise<void> => {
      await assert.rejects(provision(request('jitp'), deps, hurried()), refused(words));
      const pair = usablePair(await certificates.production(VIN));
      assert.ok(pair, 'the key is kept');
    };

    it('says that the CA is not registered', () =>
      keepsKey(/the CA [0-9a-f]{64} is not registered in us-west-2\..*ca register/));

    it('says that the CA is switched off', async () => {
      await ensureSetup(request('jitp'), deps, hurried());
      await iot.send(new UpdateCACertificateCommand({ certificateId: ca.signing.id, newStatus: 'INACTIVE' }));
      await keepsKey(/the CA [0-9a-f]{64} is switched off\..*ca on/);
    });

    it('says that the template is disabled; once it is enabled, the same key comes in', async () => {
      await ensureSetup(request('jitp'), deps, hurried());
      await iot.send(new UpdateProvisioningTemplateCommand({ templateName: JITP_TEMPLATE, enabled: false }));
      await keepsKey(/the template CMSJustInTimeTemplate of its CA is disabled\..*--enabled/);
      const before = usablePair(await certificates.production(VIN))!;
      await iot.send(new UpdateProvisioningTemplateCommand({ templateName: JITP_TEMPLATE, enabled: true }));
      const { identity } = await bring('jitp');
      assert.equal(identity.certificateId, before.certificateId);
    });

    it('says which part of the subject the template misses', async () => {
      const { roleArn } = await ensureSetup(request('jitp'), deps, hurried());
      const country = 'AWS::IoT::Certificate::Country';
      const name = 'AWS::IoT::Certificate::CommonName';
      const id = 'AWS::IoT::Certificate::Id';
      const type = { Type: 'String' };
      const body = {
        Parameters: { [country]: type, [name]: type, [id]: type },
        Resources: {
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: id }, Status: 'ACTIVE' },
          },
          policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
          thing: {
            Type: 'AWS::IoT::Thing',
            Properties: { ThingName: { Ref: name }, AttributePayload: { country: { Ref: country } } },
          },
        },
      };
      await iot.send(
        new CreateProvisioningTemplateCommand({
          templateName: 'WithCountry',
          templateBody: JSON.stringify(body),
          provisioningRoleArn: roleArn,
          enabled: true,
          type: 'JITP',
        }),
      );
      const registrationConfig = { templateName: 'WithCountry' };
      await iot.send(new UpdateCACertificateCommand({ certificateId: ca.signing.id, registrationConfig }));
      const words = /the template asks for Country, which the subject of its certificate does not have/;
      await keepsKey(words);
      const before = usablePair(await certificates.production(VIN))!;
      ca = factory.ca = { ...ca, rule: { country: 'US' } };
      // The certificate is the same as before, whatever the rule says now.
      await keepsKey(words);
      const { identity } = await provision(request('jitp', { replace: true }), deps, hurried());
      assert.notEqual(identity.certificateId, before.certificateId);
      assert.equal(await statusOf(identity.certificateId), 'ACTIVE');
    });

    it('says that the policy of the vehicles is missing', async () => {
      await ensureSetup(request('jitp'), deps, hurried());
      const policyName = 'CvraTcuDevicePolicy';
      const { targets = [] } = await iot.send(new ListTargetsForPolicyCommand({ policyName }));
      for (const target of targets) await iot.send(new DetachPolicyCommand({ policyName, target }));
      await iot.send(new DeletePolicyCommand({ policyName }));
      await keepsKey(/the policy CvraTcuDevicePolicy, which its certificate is to get, is missing/);
    });

    it('a revoked certificate is set aside, and the vehicle gets another', async () => {
      const { identity } = await bring('jitp');
      await iot.send(
        new UpdateCertificateCommand({ certificateId: identity.certificateId, newStatus: 'REVOKED' }),
      );
      const work = testWork();
      const { identity: next } = await provision(request('jitp'), deps, {
        ...hurried(),
        progress: work.progress,
      });
      assert.notEqual(next.certificateId, identity.certificateId);
      const warnings = work.events
        .filter(({ level }) => level === 'warn')
        .map(({ message }) => english(message));
      assert.match(
        warnings.join('\n'),
        new RegExp(`${identity.certificateId} on disk is REVOKED; it was set aside in`),
      );
    });
  });

  describe('just-in-time registration', () => {
    it('from here: the vehicle is let in by whoever provisions it', async () => {
      const { identity } = await bring('jitr');
      assert.equal(await statusOf(identity.certificateId), 'ACTIVE');
      assert.equal((await certificates.facts(VIN))?.way, 'jitr');
    });

    it('by somebody who watches: what the list allows and nothing else, and what came before the watch', async () => {
      await ensureSetup(request('jitr'), deps, hurried());
      const [early, late, stranger, twin] = [
        '1FAHP2E80DG000011',
        '1FAHP2E80DG000022',
        '1FAHP2E80DG000033',
        '1FAHP2E80DG000044',
      ].map(refOf);
      const issued = await issueBatch([early!, late!, stranger!, twin!], { ca, certificates }, testWork());
      const idOf = (index: number) => {
        const each = issued[index];
        assert.ok(each !== undefined && each.result !== 'failed');
        return each.vehicle.certificateId;
      };
      /** A vehicle without any credentials of AWS: it connects until it is in. */
      const knock = async (vehicle: VehicleRef) => {
        const { identity } = usablePair(await certificates.production(vehicle.id))!;
        return connectAs(identity, { vehicle, timeoutMs: 8000 }, deps, testWork());
      };
      await assert.rejects(knock(early!));
      await until(
        'the first certificate to be pending',
        async () => (await statusOf(idOf(0))) === 'PENDING_ACTIVATION',
      );

      const list = readAllowList(
        `vin,certificateId\n${early!.vin},${idOf(0)}\n${late!.vin},${idOf(1)}\n${twin!.vin},${'0'.repeat(64)}\n`,
        (vin) => refOf(vin).thingName,
      );
      const seen: Newcomer[] = [];
      const watch = testWork();
      const states: string[] = [];
      const watching = watchRegistrations(
        { caId: ca.signing.id, list, setup: ownCaOf(deps), revoke: true },
        connection,
        { newcomer: (newcomer) => seen.push(newcomer), state: (state) => states.push(state) },
        watch,
      ).catch((error: unknown) => error);
      const outcome = (index: number) => seen.find(({ certificateId }) => certificateId === idOf(index));
      await until('the early vehicle to be let in', () => outcome(0), { seen: () => seen });
      await until('the watch to hear', () => states.includes('online'));
      for (const vehicle of [late!, stranger!, twin!]) await assert.rejects(knock(vehicle));
      await until('all to be decided', () => seen.length === 4, { seen: () => seen });
      watch.cancel();
      const end = await watching;
      assert.ok(end instanceof CmsError && end.code === 'CANCELLED', String(end));

      assert.deepEqual(
        [0, 1, 2, 3].map((index) => outcome(index)?.result),
        ['admitted', 'admitted', 'revoked', 'revoked'],
      );
      const why = [2, 3].map((index) => {
        const each = outcome(index);
        return each !== undefined && 'why' in each ? english(each.why) : '';
      });
      assert.deepEqual(why, [
        `${stranger!.vin} is not in the list`,
        `${twin!.vin} is in the list with another certificate`,
      ]);
      assert.deepEqual(await Promise.all([0, 1, 2, 3].map((index) => statusOf(idOf(index)))), [
        'ACTIVE',
        'ACTIVE',
        'REVOKED',
        'REVOKED',
      ]);
      await knock(early!);
      await knock(late!);
      await assert.rejects(knock(stranger!));
    });

    /** Pairs of one vehicle, as two factories may make them, and connections with them. */
    const twins = async () => {
      await ensureSetup(request('jitr'), deps, hurried());
      const order = { subject: subjectOf(refOf(VIN), {}), days: 9, now: Date.now() };
      const pairs = [await issuePair(ca.signing, order), await issuePair(ca.signing, order)];
      for (const pair of pairs) {
        await assert.rejects(connectAs(pair, { vehicle: refOf(VIN), timeoutMs: 8000 }, deps, testWork()));
        await until(
          'the certificate to be pending',
          async () => (await statusOf(pair.certificateId)) === 'PENDING_ACTIVATION',
        );
      }
      return pairs.map(({ certificateId }) => certificateId);
    };
    /** Watches until it was decided about so many. */
    const watchFor = async (count: number, text: string) => {
      const work = testWork();
      const seen: Newcomer[] = [];
      const newcomer = (each: Newcomer): void => {
        if (seen.push(each) === count) work.cancel();
      };
      const list = readAllowList(text, (vin) => refOf(vin).thingName);
      const wish = { caId: ca.signing.id, list, setup: ownCaOf(deps), revoke: true };
      await assert.rejects(
        watchRegistrations(wish, connection, { newcomer, state: () => undefined }, work),
        refused(/./, 'CANCELLED'),
      );
      const warnings = work.events
        .filter(({ level }) => level === 'warn')
        .map(({ message }) => english(message));
      return { seen, warnings };
    };

    it('of two certificates of one vehicle, a list of VINs lets one in; the other stays pending', async () => {
      const ids = await twins();
      const { seen, warnings } = await watchFor(2, `vin\n${VIN}\n`);
      assert.deepEqual(seen.map(({ result }) => result).sort(), ['admitted', 'refused']);
      const [second] = seen.flatMap((each) => (each.result === 'refused' ? [english(each.why)] : []));
      assert.match(
        second ?? '',
        /has a certificate in service, [0-9a-f]{64}, and the list does not name another/,
      );
      assert.deepEqual((await Promise.all(ids.map(statusOf))).sort(), ['ACTIVE', 'PENDING_ACTIVATION']);
      assert.match(warnings.join('\n'), /1 vehicle on the list is allowed by VIN alone/);
    });

    it('one that the list names comes in beside another, and that is said', async () => {
      const [first, second] = await twins();
      const arn = `arn:aws:iot:us-west-2:123456789012:cert/${first}`;
      await ensureThing(connection, { name: VIN, type: ownCaOf(deps).thingType }, never);
      await attachThing(connection, { thingName: VIN, arn }, never);
      await activateCertificate(connection, first!, never);
      const { seen, warnings } = await watchFor(1, `vin,certificateId\n${VIN},${second}\n`);
      assert.deepEqual(
        seen.map(({ result, certificateId }) => [result, certificateId]),
        [['admitted', second]],
      );
      assert.deepEqual(warnings, [
        `Certificate ${first} of ${VIN} is also ACTIVE: delete it if nothing uses it anymore.`,
      ]);
    });

    it('with an empty list, none is revoked', async () => {
      const [id] = await twins();
      const wish = { caId: ca.signing.id, list: new Map(), setup: ownCaOf(deps), revoke: true };
      const listener = { newcomer: () => undefined, state: () => undefined };
      await assert.rejects(
        watchRegistrations(wish, connection, listener, testWork()),
        refused(/The list is empty/, 'REQUEST_INVALID'),
      );
      assert.equal(await statusOf(id!), 'PENDING_ACTIVATION');
    });

    it('a watch needs no passphrase, says its counts when it is ended, and options without it are refused', async () => {
      await ensureSetup(request('jitr'), deps, hurried());
      await writeFile(join(folder, 'allow.csv'), `vin\n${VIN}\n`);
      const watch = [
        'provision',
        '--watch-registrations',
        '--allow',
        'allow.csv',
        '--ca-folder',
        'ca',
        '--json',
      ];
      let isEnded = false;
      const ended = await run(
        watch,
        (child, text) => {
          if (isEnded || !text.includes('Watching for vehicles')) return;
          isEnded = true;
          child.kill('SIGINT');
        },
        { CMS_CA_PASSPHRASE: undefined },
      );
      assert.equal(ended.code, 130, ended.stderr);
      const result = ended.objects().find(({ type }) => type === 'result');
      assert.deepEqual(
        [result?.admitted, result?.refused, result?.revoked, result?.failed],
        [0, 0, 0, 0],
        ended.stdout,
      );
      for (const args of [
        ['--vin', VIN, '--allow', 'allow.csv'],
        ['--vin', VIN, '--revoke-others'],
        ['--vin', VIN, '--duration', '5'],
        ['--watch-registrations', '--allow', 'allow.csv', '--vin', VIN],
      ]) {
        const done = await run(['provision', ...args]);
        assert.equal(done.code, 2, done.stderr);
        assert.match(done.stderr, /(?:only|cannot) be used with --watch-registrations/);
      }
    });
  });

  it('certificates that somebody else signed are registered from a list, those that it allows', async () => {
    const vins = ['1FAHP2E80DG000055', '1FAHP2E80DG000066'];
    const pems = vins.map((vin) => {
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-keyout',
          `${vin}.key`,
          '-out',
          `${vin}.crt`,
          '-subj',
          `/CN=${vin}`,
          '-days',
          '9',
        ],
        { cwd: folder, stdio: 'pipe' },
      );
      return readFileSync(join(folder, `${vin}.crt`), 'utf8');
    });
    await writeFile(join(folder, 'factory.pem'), pems.join(''));
    await writeFile(join(folder, 'allow.csv'), `vin\n${vins[0]}\n`);
    const args = ['certificates', 'register', '--file', 'factory.pem', '--allow', 'allow.csv', '--json'];
    for (const expected of ['registered', 'found']) {
      const done = await run(args);
      assert.equal(done.code, 3, done.stderr);
      const vehicles = done.objects().filter(({ type }) => type === 'vehicle');
      assert.deepEqual(
        vehicles.map(({ result }) => result),
        [expected, 'refused'],
      );
      assert.equal(vehicles[1]?.why, `${vins[1]} is not in the list`);
      assert.equal(vehicles[1].line, (pems[0] ?? '').split('\n').length);
    }
    const id = new X509Certificate(pems[0]!).fingerprint256.replaceAll(':', '').toLowerCase();
    const target = `arn:aws:iot:us-west-2:123456789012:cert/${id}`;
    const again = async () => {
      const done = await run(args);
      return done.objects().filter(({ type }) => type === 'vehicle');
    };
    await iot.send(new DetachPolicyCommand({ policyName: 'CvraTcuDevicePolicy', target }));
    assert.equal((await again())[0]?.result, 'registered', 'one that lacks its policy gets it');

    const connect = (index: number) =>
      connectAs(
        {
          certificatePem: pems[index]!,
          privateKeyPem: readFileSync(join(folder, `${vins[index]}.key`), 'utf8'),
        },
        { vehicle: refOf(vins[index]!), timeoutMs: 8000 },
        deps,
        testWork(),
      );
    await connect(0);
    await assert.rejects(connect(1));

    // A second certificate of the vehicle, and one that cannot be read: neither ends the others.
    const more = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'];
    const named = ['-keyout', 'twin.key', '-out', 'twin.crt', '-subj', `/CN=${vins[0]}`];
    execFileSync('openssl', ['req', '-x509', ...more, ...named], { cwd: folder, stdio: 'pipe' });
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const twin = await readFile(join(folder, 'twin.crt'), 'utf8');
    await writeFile(join(folder, 'factory.pem'), broken + twin + pems[0]!);
    const three = await again();
    assert.deepEqual(
      three.map(({ line, result }) => [line, result]),
      [
        [1, 'failed'],
        [4, 'refused'],
        [4 + twin.split('\n').length - 1, 'found'],
      ],
    );
    assert.match(String(three[1]?.why), /has a certificate in service/);

    await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' }));
    const off = (await again()).at(-1);
    assert.deepEqual([off?.result, off?.why], ['refused', 'it was switched off']);
    assert.equal(await statusOf(id), 'INACTIVE');
  });

  it('a certificate that a run left as it was registered is finished by the next', async () => {
    const vin = '1FAHP2E80DG000077';
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9'];
    const named = ['-keyout', 'left.key', '-out', 'left.crt', '-subj', `/CN=${vin}`];
    execFileSync('openssl', ['req', '-x509', ...key, ...named], { cwd: folder, stdio: 'pipe' });
    const certificatePem = await readFile(join(folder, 'left.crt'), 'utf8');
    await iot.send(new RegisterCertificateWithoutCACommand({ certificatePem, status: 'INACTIVE' }));
    await writeFile(join(folder, 'allow.csv'), `vin\n${vin}\n`);
    const done = await run([
      'certificates',
      'register',
      '--file',
      'left.crt',
      '--allow',
      'allow.csv',
      '--json',
    ]);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.objects().find(({ type }) => type === 'vehicle')?.result, 'registered');
  });

  it('fifty vehicles come in by themselves, at the rates of AWS', async () => {
    const limited = await startSandbox({ args: ['--event-delay-ms', '100'] });
    try {
      const vins = Array.from(
        { length: 50 },
        (_, index) => `1FAHP2E80DG0002${String(index).padStart(2, '0')}`,
      );
      // One of them by claim, which needs a setup of its own.
      const wayOf = (index: number) => (index === 0 ? 'claim' : 'jitp');
      const rows = vins.map((vin, index) => `${vin},true,${wayOf(index)},fleet,Test,User`);
      const fleet = join(folder, 'fleet.csv');
      await writeFile(fleet, ['vin,allowAnyVin,provisioner,username,firstName,lastName', ...rows].join('\n'));
      const args = ['onboard', '--fleet', fleet, '--ca-folder', 'ca', '--concurrency', '12', '--json'];
      const done = await runCli([...args, '--endpoint', limited.endpoint, '--ca', limited.caFile], {
        cwd: folder,
        env: {
          AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
          AWS_REGION: limited.ready.region,
          CMS_CA_PASSPHRASE: PASSPHRASE,
          CMS_PASSWORD: 'Factory-pass1!',
        },
      });
      assert.equal(done.code, 0, done.stderr + done.stdout.slice(-2000));
      const outcomes = done.objects().filter(({ type }) => type === 'vehicle');
      assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(['onboarded']));
      assert.equal(outcomes.length, 50);
    } finally {
      await limited.stop();
    }
  });

  it('a factory makes a fleet offline: in order, resumable, with no call to AWS', async () => {
    const vehicles = Array.from({ length: 20 }, (_, index) =>
      refOf(`1FAHP2E80DG0001${String(index).padStart(2, '0')}`),
    );
    const work = testWork();
    let count = 0;
    const half = issueBatch(vehicles, { ca, certificates }, work, () => {
      if (++count === 8) work.cancel();
    });
    await assert.rejects(half);
    const made = (await certificates.ids()).length;
    assert.ok(made >= 8 && made < 20, `${made} were made before the end`);
    const all = await issueBatch(vehicles, { ca, certificates }, testWork());
    assert.deepEqual(
      all.map((each) => each.result !== 'failed' && each.vehicle.vin),
      vehicles.map(({ vin }) => vin),
    );
    assert.equal(all.filter(({ result }) => result === 'found').length, made);
    assert.equal(new Set(all.map((each) => each.result !== 'failed' && each.vehicle.serialNumber)).size, 20);
  });

  it('the list of a batch keeps the vehicles of the batches before', async () => {
    for (const vin of [VIN, '1FAHP2E80DG000088', VIN]) {
      await writeFile(join(folder, 'fleet.csv'), `vin,allowAnyVin\n${vin},true\n`);
      const done = await run(
        ['certificates', 'issue', '--fleet', 'fleet.csv', '--ca-folder', 'ca'],
        undefined,
        {},
        [],
      );
      assert.equal(done.code, 0, done.stderr);
    }
    const list = readAllowList(await readFile(join(folder, 'certs/manifest.csv'), 'utf8'), (vin) => vin);
    assert.deepEqual([...list.keys()].sort(), ['1FAHP2E80DG000088', VIN].sort());
    const other = await run(
      ['certificates', 'issue', '--fleet', 'fleet.csv', '--ca-folder', 'ca', '--manifest', 'fleet.csv'],
      undefined,
      {},
      [],
    );
    assert.equal(other.code, 2, other.stderr);
    assert.match(await readFile(join(folder, 'fleet.csv'), 'utf8'), /^vin,allowAnyVin\n/);
  });

  const run = (
    args: string[],
    onOutput?: CliStart['onOutput'],
    env: CliStart['env'] = {},
    to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile],
  ) =>
    runCli([...args, ...to], {
      cwd: folder,
      env: {
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
        AWS_REGION: sandbox.ready.region,
        CMS_CA_PASSPHRASE: PASSPHRASE,
        ...env,
      },
      ...(onOutput && { onOutput }),
    });

  it('the command line does the same, and no passphrase is shown', async () => {
    const made = await runCli(
      ['ca', 'create', '--common-name', 'Acme CLI', '--ca-folder', 'cli', '--country', 'US'],
      { cwd: folder, env: { CMS_CA_PASSPHRASE: PASSPHRASE } },
    );
    assert.equal(made.code, 0, made.stderr);
    // A folder that has a CA is said before a passphrase is asked for, and so is a passphrase that is too short.
    const create = ['ca', 'create', '--common-name', 'Acme', '--ca-folder'];
    const taken = await runCli([...create, 'cli'], { cwd: folder });
    assert.match(taken.stderr, /There is already a CA in/);
    const short = await runCli([...create, 'short'], { cwd: folder, env: { CMS_CA_PASSPHRASE: 'Zq8-pas' } });
    assert.equal(short.code, 2, short.stderr);
    assert.match(short.stderr, /passphrase of the CA is too short/);
    const provisioned = await run([
      'provision',
      '--vin',
      '1FAHP2E88DG000011',
      '--provisioner',
      'jitp',
      '--ca-folder',
      'cli',
      '--json',
      '--allow-any-vin',
    ]);
    assert.equal(provisioned.code, 0, provisioned.stdout + provisioned.stderr);
    const [ca] = (await run(['ca', 'list', '--json'])).objects().filter(({ type }) => type === 'ca');
    assert.deepEqual([ca?.status, ca?.way, ca?.templateName], ['ACTIVE', 'jitp', JITP_TEMPLATE]);
    for (const [name, status] of [
      ['off', 'INACTIVE'],
      ['on', 'ACTIVE'],
    ] as const) {
      const keyless = { CMS_CA_PASSPHRASE: undefined };
      const done = await run(['ca', name, '--ca-folder', 'cli'], undefined, keyless);
      assert.match(done.stdout, new RegExp(`is ${status}`), done.stderr);
    }
    const asked = await run(['ca', 'remove', '--ca-folder', 'cli']);
    assert.equal(asked.code, 2, asked.stderr);
    assert.match(asked.stderr, /has signed 1 registered certificates?, 1 of them ACTIVE/);
    const removed = await run(['ca', 'remove', '--ca-folder', 'cli', '--yes']);
    assert.equal(removed.code, 0, removed.stderr);
    for (const { stdout, stderr } of [made, provisioned, asked, removed]) {
      assert.ok(!`${stdout}${stderr}`.includes(PASSPHRASE));
    }
  });
});
