import assert from 'node:assert/strict';
import { ListCertificatesByCACommand, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import { CmsError } from '../../src/core/errors.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { useFactory, VIN } from '../support/ownCa.ts';

const refused = { kind: 'error', code: 'AccessDeniedException', message: 'not you', status: 403 };
const broken = { kind: 'error', code: 'InternalFailure', message: 'no luck', status: 500 };
const lostAnswer = { kind: 'reset', when: 'after' };
const lostCall = { kind: 'reset', when: 'before' };

type Row = readonly [operation: string, action: Record<string, unknown>, count?: number];

/** What both ways do. */
const BOTH: readonly Row[] = [
  ['iot:DescribeCACertificate', refused],
  ['iot:GetRegistrationCode', broken, 50],
  ['iot:RegisterCACertificate', lostAnswer],
  ['iot:RegisterCACertificate', lostCall],
  ['iot:RegisterCACertificate', broken, 50],
  ['iot:DescribeEndpoint', refused],
  ['iot:DescribeCertificate', refused],
  ['iot:DescribeCertificate', broken, 50],
  ['mqtt:connect', { kind: 'drop', when: 'before-ack' }],
  ['mqtt:connect', { kind: 'drop', when: 'before-ack' }, 50],
];
const FAULTS: Record<'jitp' | 'jitr', readonly Row[]> = {
  jitp: [
    ...BOTH,
    ['iam:GetRole', refused],
    ['iam:CreateRole', lostAnswer],
    ['iam:AttachRolePolicy', broken, 50],
    ['iot:DescribeProvisioningTemplate', refused],
    ['iot:CreateProvisioningTemplate', lostAnswer],
    ['iot:CreateProvisioningTemplate', broken, 50],
  ],
  jitr: [
    ...BOTH,
    ['iot:DescribeThing', refused],
    ['iot:CreateThing', lostAnswer],
    ['iot:AttachPolicy', broken, 50],
    ['iot:AttachPolicy', lostAnswer],
    ['iot:AttachThingPrincipal', refused],
    ['iot:AttachThingPrincipal', lostAnswer],
    ['iot:UpdateCertificate', broken, 50],
    ['iot:UpdateCertificate', lostAnswer],
  ],
};

describe('certificates of one’s own CA while something breaks', function () {
  this.timeout(90_000);
  const factory = useFactory();

  /** One whole run. Gives what it threw, which has to be an error with a code. */
  async function run(way: 'jitp' | 'jitr'): Promise<CmsError | undefined> {
    const { request, deps, hurried } = factory;
    try {
      await ensureSetup(request(way), deps, hurried());
      await provision(request(way), deps, hurried());
      return undefined;
    } catch (error) {
      assert.ok(error instanceof CmsError, String(error));
      assert.notEqual(error.code, 'INTERNAL', error.message);
      return error;
    }
  }
  const pair = async () => usablePair(await factory.certificates.production(VIN));

  for (const way of ['jitp', 'jitr'] as const) {
    for (const [operation, action, count = 1] of FAULTS[way]) {
      const what = `${operation} ${JSON.stringify(action)} ×${count}`;
      it(`${way}: after ${what} the next run ends with one certificate, and the same key`, async () => {
        const { sandbox, iot, ca, statusOf } = factory;
        await sandbox.fault({ operation, action, count });
        await run(way);
        const saved = await pair();
        await sandbox.ask('DELETE', 'faults');
        assert.equal(await run(way), undefined);
        const now = await pair();
        assert.ok(now, 'it has a pair');
        if (saved !== undefined) assert.equal(now.identity.privateKeyPem, saved.identity.privateKeyPem);
        assert.equal(await statusOf(now.certificateId), 'ACTIVE');
        const { certificates = [] } = await iot.send(
          new ListCertificatesByCACommand({ caCertificateId: ca.signing.id }),
        );
        assert.deepEqual(
          certificates.map(({ certificateId }) => certificateId),
          [now.certificateId],
        );
        const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: VIN }));
        assert.equal(principals?.length, 1);
      });
    }
  }
});
