import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ListCertificatesCommand } from '@aws-sdk/client-iot';
import type { CmsError } from '../../src/core/errors.ts';
import { onboard, type OnboardingResult } from '../../src/onboarding/onboard.ts';
import { parseRequest } from '../../src/cms/cdf/onboarding/request.ts';
import { person } from '../support/cms.ts';
import { openBench, type Bench } from '../support/onboarding.ts';

const VIN = 'LSH14J4C4LA046511';

const refused = { kind: 'error', code: 'AccessDeniedException', message: 'not you', status: 403 };
const broken = { kind: 'error', code: 'InternalFailure', message: 'no luck', status: 500 };
const lostAnswer = { kind: 'reset', when: 'after' };
const lostCall = { kind: 'reset', when: 'before' };

/** Each operation onboarding uses, with what hurts it most: a change of which nobody tells, a look that fails. */
const FAULTS: readonly [operation: string, action: Record<string, unknown>, count?: number][] = [
  ['sts:GetCallerIdentity', refused],
  ['cloudformation:DescribeStacks', broken, 50],
  ['cognito-idp:AdminGetUser', lostCall],
  ['cognito-idp:DescribeUserPool', refused],
  ['cognito-idp:AdminCreateUser', lostAnswer],
  ['cognito-idp:AdminSetUserPassword', broken, 50],
  ['cognito-idp:InitiateAuth', lostAnswer],
  ['cognito-idp:RespondToAuthChallenge', lostAnswer],
  ['iam:GetRole', refused],
  ['iam:CreateRole', lostAnswer],
  ['iam:AttachRolePolicy', broken, 50],
  ['iot:CreatePolicy', lostAnswer],
  ['iot:CreateProvisioningTemplate', lostAnswer],
  ['iot:DescribeEndpoint', refused],
  ['iot:CreateCertificateFromCsr', lostAnswer],
  ['iot:AttachPolicy', broken, 50],
  ['iot:UpdateCertificate', lostAnswer],
  ['iot:UpdateCertificate', refused],
  ['iot:DeleteCertificate', broken, 50],
  ['iot:DescribeCertificate', refused],
  ['mqtt:connect', { kind: 'drop', when: 'before-ack' }],
  ['mqtt:subscribe', broken, 2],
  ['mqtt:claim:create', { kind: 'drop', when: 'after-ack' }],
  ['mqtt:claim:create', lostAnswer],
  ['mqtt:claim:provision', lostAnswer],
  ['mqtt:claim:provision', lostCall],
  ['mqtt:publish', { kind: 'drop', when: 'before-ack' }, 50],
  ['assetlibrary:POST /groups', lostAnswer],
  ['assetlibrary:GET /groups/{path}', broken],
  ['assetlibrary:PATCH /groups/{path}', broken],
  ['assetlibrary:GET /devices/{id}', broken],
  ['facade:POST /users', lostAnswer],
  ['facade:register:d', lostCall],
  ['facade:register:e', broken],
  ['facade:POST /suppliers/{externalId}/devices/{deviceId}/register', lostAnswer],
  ['facade:POST /suppliers/{externalId}/devices/{deviceId}/activate', lostAnswer],
  ['facade:activate:publish', broken],
  ['facade:POST /vehicles/{vin}/owners/{user}', lostAnswer],
  ['fleetmanager:*', broken],
];

describe('Onboarding while something breaks', () => {
  let bench: Bench;
  let seeded: string[];
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(async () => {
    await bench.reset();
    seeded = [];
    seeded = await active();
  });

  /** Certificates that are ACTIVE since the test began. */
  async function active(): Promise<string[]> {
    const client = await bench.connection.iot();
    const { certificates = [] } = await client.send(new ListCertificatesCommand({ pageSize: 250 }));
    return certificates
      .filter(({ status }) => status === 'ACTIVE')
      .map(({ certificateId = '' }) => certificateId)
      .filter((id) => !seeded.includes(id));
  }
  function run(): Promise<OnboardingResult> {
    const owner = { username: person.username, firstName: 'Test', lastName: 'User' };
    const { request } = parseRequest({ vin: VIN, ...owner, countryCode: 'DE' }, Date.now());
    return onboard(request, bench.deps(), bench.work());
  }

  for (const [operation, action, count = 1] of FAULTS) {
    const how = [action.kind, action.when, action.status].filter(Boolean).join(' ');
    it(`ends well or says why, and the next run completes it: ${operation}, ${how}, ${count} times`, async () => {
      await bench.sandbox.fault({ operation, count, action });
      const error = await run().then(
        () => undefined,
        (thrown: unknown) => thrown as CmsError,
      );
      await bench.sandbox.ask('DELETE', 'faults');
      if (error !== undefined) {
        assert.equal(error.name, 'CmsError', String(error));
        assert.notEqual(error.code, 'INTERNAL', error.message);
        assert.ok(error.step !== undefined && error.remedy !== undefined, error.message);
        assert.ok((await active()).length <= 1, 'a certificate nobody knows of is ACTIVE');
      }

      const { certificateId, live } = await run();
      assert.equal(live?.make, 'Acme');
      assert.deepEqual(await active(), [certificateId]);
      const signal = AbortSignal.timeout(20_000);
      const attached = await bench.cloud.principalsOf(VIN, signal);
      assert.deepEqual(
        attached.map((arn) => arn.split('/').at(-1)),
        [certificateId],
      );
      const deployment = await bench.openApi();
      await deployment.signIn(person, { create: false }, signal);
      const vehicle = await deployment.vehicle(VIN, signal);
      assert.deepEqual([vehicle?.owners, vehicle?.attributes.countryCode], [[person.username], 'DE']);
      assert.equal((await deployment.device(VIN, signal))?.status, 'installed');
      const files = await readdir(path.join(bench.folder, VIN));
      assert.deepEqual(
        files.filter((name) => name.startsWith('.') || name === 'next'),
        [],
      );
    });
  }
});
