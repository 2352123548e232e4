import assert from 'node:assert/strict';
import {
  attachCertificate,
  certificateIdOf,
  findAttachedCertificate,
  findCertificate,
  otherActiveCertificates,
} from '../../../../src/aws/iot/certificates.ts';
import { findPolicy } from '../../../../src/aws/iot/policies.ts';
import { deleteCertificate, retireCertificate } from '../../../../src/aws/iot/retireCertificate.ts';
import { findTemplate } from '../../../../src/aws/iot/templates.ts';
import { isThingName } from '../../../../src/aws/iot/thingName.ts';
import { deleteThing, findThing, principalsOf } from '../../../../src/aws/iot/things.ts';
import { createFakeClock } from '../../core/fakeClock.ts';
import { awsError, createFakeIot, type Answer } from './fakeIot.ts';

const ID = 'ab'.repeat(32);
const arnOf = (id: string) => `arn:aws:iot:eu-west-1:123456789012:cert/${id}`;
const ARN = arnOf(ID);
const { signal } = new AbortController();
const missing = awsError('ResourceNotFoundException');

function working(abort = signal) {
  const clock = createFakeClock();
  return { clock, work: { signal: abort, clock, random: () => 0.5 } };
}

const described = (status = 'ACTIVE', more = {}) => ({
  certificateDescription: { certificateId: ID, certificateArn: ARN, status, ...more },
});
const attached: Record<string, Answer[]> = {
  ListPrincipalThings: [{ things: ['A'], nextToken: 'n' }, { things: ['B'] }],
  ListAttachedPolicies: [{ policies: [{ policyName: 'P' }] }],
};
/** The commands by name only. */
const names = (sent: string[]) => sent.map((line) => line.split(' ')[0]);

describe('the name of a thing', () => {
  it('has 1 to 128 letters, digits and : _ -', () => {
    for (const name of ['a', 'LSH14J4C4KA097044', 'a:b_c-d', 'x'.repeat(128)])
      assert.ok(isThingName(name), name);
    for (const name of ['', ' ', 'a.b', '../a', 'a/b', 'a+', '#', 'Ä', '𝒜', 'x'.repeat(129)]) {
      assert.ok(!isThingName(name), name);
    }
  });
});

describe('reading from AWS IoT', () => {
  it('knows the id in the ARN of a certificate, and that other principals have none', () => {
    assert.equal(certificateIdOf(ARN), ID);
    assert.equal(certificateIdOf('arn:aws:iot:eu-west-1:123456789012:thing/A'), undefined);
    assert.equal(certificateIdOf('eu-west-1:0000-identity'), undefined);
  });

  it('gives a certificate with all pages of what is attached to it', async () => {
    const notAfter = new Date('2050-01-01');
    const { connection } = createFakeIot({
      DescribeCertificate: [described('ACTIVE', { validity: { notAfter } })],
      ...structuredClone(attached),
    });
    assert.deepEqual(await findAttachedCertificate(connection, ID, signal), {
      id: ID,
      arn: ARN,
      status: 'ACTIVE',
      notAfter,
      // It says nothing of when it was made and changed.
      isUnchanged: false,
      things: ['A', 'B'],
      policies: ['P'],
    });
  });

  it('gives undefined for what does not exist', async () => {
    const { connection } = createFakeIot({
      DescribeCertificate: [missing],
      DescribeThing: [missing],
      ListThingPrincipals: [missing],
      GetPolicy: [missing],
      DescribeProvisioningTemplate: [missing],
    });
    assert.equal(await findCertificate(connection, ID, signal), undefined);
    assert.equal(await findAttachedCertificate(connection, ID, signal), undefined);
    assert.equal(await findThing(connection, 'A', signal), undefined);
    assert.equal(await principalsOf(connection, 'A', signal), undefined);
    assert.equal(await findPolicy(connection, 'P', signal), undefined);
    assert.equal(await findTemplate(connection, 'T', signal), undefined);
  });

  it('refuses an answer without its ARN, its document or its body, instead of going on with an empty one', async () => {
    const { connection } = createFakeIot({
      DescribeCertificate: [{ certificateDescription: { status: 'ACTIVE' } }],
      DescribeThing: [{ thingName: 'A' }],
      GetPolicy: [{ policyName: 'P', defaultVersionId: '1' }],
      DescribeProvisioningTemplate: [{ templateName: 'T', enabled: true }],
    });
    const unexpected = (field: string) => ({
      code: 'AWS_ANSWER_UNEXPECTED',
      message: new RegExp(`has no ${field}`),
    });
    await assert.rejects(findCertificate(connection, ID, signal), unexpected('certificateArn'));
    await assert.rejects(findThing(connection, 'A', signal), unexpected('thingArn'));
    await assert.rejects(findPolicy(connection, 'P', signal), unexpected('policyDocument'));
    await assert.rejects(findTemplate(connection, 'T', signal), unexpected('templateBody'));
  });

  it('says what it was doing when AWS refuses', async () => {
    const { connection } = createFakeIot({ DescribeThing: [awsError('AccessDeniedException', 'No.')] });
    await assert.rejects(findThing(connection, 'A', signal), {
      code: 'ACCESS_DENIED',
      message: 'Reading thing A failed: No.',
    });
  });

  it('lists the other certificates of a thing that are ACTIVE', async () => {
    const [idle, active, gone] = ['1', '2', '3'].map((digit) => digit.repeat(64));
    const { connection } = createFakeIot({
      ListThingPrincipals: [
        { principals: [ARN, arnOf(idle!), 'an-identity', arnOf(active!)], nextToken: 'n' },
        { principals: [arnOf(gone!)] },
      ],
      DescribeCertificate: [described('INACTIVE'), described('ACTIVE'), missing],
    });
    assert.deepEqual(await otherActiveCertificates(connection, 'A', ARN, signal), [active]);
  });
});

describe('attaching a certificate', () => {
  it('gives it the policy, then the thing', async () => {
    const { connection, sent } = createFakeIot({ DescribeCertificate: [described()] });
    await attachCertificate(connection, { certificateId: ID, thingName: 'A', policyName: 'P' }, signal);
    assert.deepEqual(sent, [
      `DescribeCertificate {"certificateId":"${ID}"}`,
      `AttachPolicy {"policyName":"P","target":"${ARN}"}`,
      `AttachThingPrincipal {"thingName":"A","principal":"${ARN}"}`,
    ]);
  });

  it('fails for a certificate that is gone', async () => {
    const { connection } = createFakeIot({ DescribeCertificate: [missing] });
    const link = { certificateId: ID, thingName: 'A', policyName: 'P' };
    await assert.rejects(attachCertificate(connection, link, signal), {
      message: /^Attaching the certificate to thing A failed/,
    });
  });
});

describe('retiring a certificate', () => {
  it('deactivates it before anything else, then detaches and deletes it', async () => {
    const { connection, sent } = createFakeIot({
      DescribeCertificate: [described()],
      ...structuredClone(attached),
    });
    await retireCertificate(connection, ID, { remove: true }, working().work);
    assert.deepEqual(sent.slice(-5), [
      `UpdateCertificate {"certificateId":"${ID}","newStatus":"INACTIVE"}`,
      `DetachPolicy {"policyName":"P","target":"${ARN}"}`,
      `DetachThingPrincipal {"thingName":"A","principal":"${ARN}"}`,
      `DetachThingPrincipal {"thingName":"B","principal":"${ARN}"}`,
      `DeleteCertificate {"certificateId":"${ID}"}`,
    ]);
  });

  it('only deactivates it unless it is to be removed', async () => {
    const { connection, sent } = createFakeIot({ DescribeCertificate: [described()] });
    await retireCertificate(connection, ID, { remove: false }, working().work);
    assert.equal(sent.at(-1), `UpdateCertificate {"certificateId":"${ID}","newStatus":"INACTIVE"}`);
  });

  it('deletes one that never was in service as it is', async () => {
    for (const status of ['PENDING_ACTIVATION', 'INACTIVE']) {
      const { connection, sent } = createFakeIot({ DescribeCertificate: [described(status)] });
      await retireCertificate(connection, ID, { remove: true }, working().work);
      assert.ok(!names(sent).includes('UpdateCertificate'), status);
      assert.equal(names(sent).at(-1), 'DeleteCertificate');
    }
  });

  it('does nothing for one that is gone', async () => {
    const { connection, sent } = createFakeIot({ DescribeCertificate: [missing] });
    await retireCertificate(connection, ID, { remove: true }, working().work);
    assert.deepEqual(names(sent), ['DescribeCertificate']);
  });

  const known = { id: ID, arn: ARN, things: ['A'], policies: ['P'] };

  it('goes on where an earlier run stopped, and says whether anything was left to delete', async () => {
    const half = createFakeIot({ DetachPolicy: [missing], DetachThingPrincipal: [missing] });
    assert.equal(await deleteCertificate(half.connection, known, working().work), true);
    assert.equal(names(half.sent).at(-1), 'DeleteCertificate');
    const gone = createFakeIot({
      UpdateCertificate: [missing],
      DetachPolicy: [missing],
      DetachThingPrincipal: [missing],
      DeleteCertificate: [missing],
    });
    assert.equal(await deleteCertificate(gone.connection, known, working().work), false);
  });

  it('waits while AWS IoT still detaches', async () => {
    const conflict = awsError('DeleteConflictException');
    const { connection, sent } = createFakeIot({ DeleteCertificate: [conflict, conflict, {}] });
    const { clock, work } = working();
    assert.equal(await deleteCertificate(connection, known, work), true);
    assert.equal(names(sent).filter((name) => name === 'DeleteCertificate').length, 3);
    assert.deepEqual(clock.slept, [250, 500]);
  });

  it('gives up after a while, with what AWS said', async () => {
    const { connection } = createFakeIot({
      DeleteCertificate: [awsError('DeleteConflictException', 'Attached.')],
    });
    const { clock, work } = working();
    await assert.rejects(deleteCertificate(connection, known, work), {
      message: `Deleting certificate ${ID} failed: Attached.`,
    });
    assert.equal(clock.slept.length, 7);
  });

  it('does not repeat what is refused for another reason, and ends when it is cancelled', async () => {
    const { connection } = createFakeIot({ DeleteCertificate: [awsError('AccessDeniedException')] });
    const { clock, work } = working();
    await assert.rejects(deleteCertificate(connection, known, work), { code: 'ACCESS_DENIED' });
    assert.deepEqual(clock.slept, []);

    const abort = new AbortController();
    const conflict = createFakeIot({ DeleteCertificate: [awsError('DeleteConflictException')] });
    const cancelled = working(abort.signal);
    cancelled.clock.sleeping = () => {
      abort.abort();
    };
    await assert.rejects(deleteCertificate(conflict.connection, known, cancelled.work), {
      code: 'CANCELLED',
    });
  });
});

describe('deleting a thing', () => {
  it('says whether there was one, which AWS does not', async () => {
    const there = createFakeIot();
    assert.equal(await deleteThing(there.connection, 'A', working().work), true);
    assert.deepEqual(names(there.sent), ['DescribeThing', 'DeleteThing']);
    const gone = createFakeIot({ DescribeThing: [missing] });
    assert.equal(await deleteThing(gone.connection, 'A', working().work), false);
    assert.deepEqual(names(gone.sent), ['DescribeThing']);
  });

  it('waits while AWS IoT still detaches', async () => {
    const conflict = awsError('InvalidRequestException', 'Principals are attached.');
    const { connection } = createFakeIot({ DeleteThing: [conflict, conflict, conflict, {}] });
    const { clock, work } = working();
    assert.equal(await deleteThing(connection, 'A', work), true);
    assert.deepEqual(clock.slept, [250, 500, 1000]);
  });
});
