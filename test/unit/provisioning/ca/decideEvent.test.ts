import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { createDecider } from '../../../../src/provisioning/ca/function/decideEvent.ts';
import { awsError, FunctionAccount } from '../../../support/functionAccount.ts';
import { makeCa, signedBy } from '../../sandbox/iot/openssl.ts';

const [VIN, OTHER] = ['1FAHP2E80DG000011', '1FAHP2E80DG000022'];
const CA = 'ca'.repeat(32);
const ca = makeCa();
const SERIAL = 7;

interface Made {
  id: string;
  pem: string;
}
function made(vin: string, serial?: number): Made {
  const pem = signedBy(ca, `/CN=${vin}`, serial).certificatePem;
  return { id: createHash('sha256').update(new X509Certificate(pem).raw).digest('hex'), pem };
}
const first = made(VIN, SERIAL);
const twin = made(VIN, SERIAL);
const stranger = made(OTHER);

type Others = 'leave' | 'revoke';

/** One process of the function: what it kept in memory is gone with it. */
function process(account: FunctionAccount, others: Others = 'leave') {
  const lines: string[] = [];
  const decide = createDecider({
    ...{ iot: account.iot, dynamoDb: account.dynamoDb },
    clock: { now: Date.now, sleep: () => Promise.resolve() },
    environment: { TABLE: 'TABLE', CA, POLICY: 'POLICY', THING_TYPE: 'TYPE', OTHERS: others },
    write: (line) => lines.push(line),
  });
  return { decide, lines };
}

/** The event as AWS IoT sends it; its time may be null. */
const eventOf = ({ id }: Made) => ({
  ...{ certificateId: id, caCertificateId: CA, timestamp: 1_700_000_000_000, awsAccountId: '123456789012' },
  ...{ certificateStatus: 'PENDING_ACTIVATION', certificateRegistrationTimestamp: null },
});

function accountWith(allowed: Record<string, string> | undefined, ...certificates: Made[]): FunctionAccount {
  const account = new FunctionAccount(CA);
  for (const { id, pem } of certificates) account.add(id, pem);
  if (allowed !== undefined) account.allow(allowed);
  return account;
}
const statusOf = (account: FunctionAccount, { id }: Made) => account.certificates.get(id)?.status;
const byVin = { thingName: VIN, vin: VIN };
const byCertificate = { ...byVin, certificateId: first.id };

/** A certificate in service has all that it needs: ACTIVE comes last. */
function assertSound(account: FunctionAccount): void {
  for (const [id, { status }] of account.certificates) {
    if (status === 'ACTIVE') assert.deepEqual(account.inService(VIN), [id], 'ACTIVE without all it needs');
  }
}

describe('the function of just-in-time registration', () => {
  /** What ends a call; `kills`: no code of that process runs after it. */
  const ENDS = [
    { what: 'killed before', when: 'before', kills: true, error: () => new Error('killed') },
    { what: 'killed after', when: 'after', kills: true, error: () => new Error('killed') },
    { what: 'throttled at', when: 'before', kills: false, error: () => awsError('ThrottlingException') },
    { what: 'without the answer of', when: 'after', kills: false, error: () => awsError('TimeoutError') },
    { what: 'refused at', when: 'before', kills: false, error: () => awsError('AccessDeniedException') },
  ] as const;
  const CASES = [
    { what: 'a list of VINs', list: byVin, others: 'leave', newcomer: first, status: 'ACTIVE' },
    {
      what: 'a list of certificates',
      list: byCertificate,
      others: 'leave',
      newcomer: first,
      status: 'ACTIVE',
    },
    {
      what: 'no place in the list',
      list: byVin,
      others: 'leave',
      newcomer: stranger,
      status: 'PENDING_ACTIVATION',
    },
    { what: 'no place in the list', list: byVin, others: 'revoke', newcomer: stranger, status: 'REVOKED' },
  ] as const;

  for (const { what, list, others, newcomer, status } of CASES) {
    const clean = async (): Promise<number> => {
      const account = accountWith(list, newcomer);
      await process(account, others).decide(eventOf(newcomer));
      return account.calls.length;
    };
    for (const end of ENDS) {
      it(`ends the same with ${what} (${others}) when it is ${end.what} any one call, and the event comes again`, async () => {
        const calls = await clean();
        assert.ok(calls >= 2, 'it asks AWS');
        for (let at = 1; at <= calls; at += 1) {
          const account = accountWith(list, newcomer);
          let isDead = false;
          account.interfere = ({ number, when }) => {
            assert.equal(isDead, false, `it goes on after call ${at}`);
            if (number !== at || when !== end.when) return;
            isDead = end.kills;
            throw end.error();
          };
          await process(account, others)
            .decide(eventOf(newcomer))
            .catch(() => undefined);
          assertSound(account);
          account.interfere = () => undefined;
          await process(account, others).decide(eventOf(newcomer));
          assert.equal(
            statusOf(account, newcomer),
            status,
            `after call ${at}, ${account.calls[at - 1] ?? ''}`,
          );
          assert.deepEqual(account.inService(VIN), status === 'ACTIVE' ? [newcomer.id] : []);
        }
      });
    }
  }

  for (const [what, name] of [
    ['is missing', 'ResourceNotFoundException'],
    ['may not be read', 'AccessDeniedException'],
  ] as const) {
    it(`lets nobody in and revokes nobody while its table ${what}, and says so`, async () => {
      const account = accountWith(byVin, first);
      account.interfere = (call) => {
        if (call.name === 'GetItem') throw awsError(name, 'the table');
      };
      const { decide, lines } = process(account, 'revoke');
      await assert.rejects(decide(eventOf(first)), { name });
      assert.equal(statusOf(account, first), 'PENDING_ACTIVATION');
      assert.deepEqual(JSON.parse(lines[0] ?? ''), {
        certificateId: first.id,
        result: 'failed',
        why: 'the table',
      });
    });
  }

  it('of two certificates with one serial number, a list of serial numbers lets one in', async () => {
    const account = accountWith({ ...byVin, serialNumber: SERIAL.toString(16) }, first, twin);
    await process(account).decide(eventOf(first));
    const second = await process(account).decide(eventOf(twin));
    assert.equal(second.result, 'refused');
    assert.deepEqual(account.inService(VIN), [first.id]);
    assert.equal(statusOf(account, twin), 'PENDING_ACTIVATION');
  });

  for (const status of ['ACTIVE', 'INACTIVE', 'REVOKED']) {
    it(`leaves a certificate alone that is ${status} when its event comes`, async () => {
      const account = accountWith(byVin);
      account.add(first.id, first.pem, status);
      const answer = await process(account, 'revoke').decide(eventOf(first));
      assert.equal(answer.result, 'decided already');
      assert.deepEqual(account.calls, ['DescribeCertificate']);
    });
  }

  for (const status of ['REVOKED', 'INACTIVE']) {
    it(`does not activate a certificate that becomes ${status} while it is let in`, async () => {
      const account = accountWith(byVin, first);
      account.interfere = ({ name, when }) => {
        const found = account.certificates.get(first.id);
        if (name === 'AttachThingPrincipal' && when === 'after' && found) found.status = status;
      };
      await assert.rejects(process(account).decide(eventOf(first)), /is not activated/);
      assert.equal(statusOf(account, first), status);
      assert.equal((await process(account).decide(eventOf(first))).result, 'decided already');
    });
  }

  it('leaves a certificate pending whose policy is missing, and lets it in once it is there', async () => {
    const account = accountWith(byVin, first);
    account.hasPolicy = false;
    await assert.rejects(process(account, 'revoke').decide(eventOf(first)));
    assert.equal(statusOf(account, first), 'PENDING_ACTIVATION');
    account.hasPolicy = true;
    assert.equal((await process(account, 'revoke').decide(eventOf(first))).result, 'admitted');
    assert.deepEqual(account.inService(VIN), [first.id]);
  });

  it('lets one in when two events of two certificates of a vehicle run side by side', async () => {
    const account = accountWith(byVin, first, twin);
    const answers = await Promise.all([first, twin].map((each) => process(account).decide(eventOf(each))));
    assert.deepEqual(answers.map(({ result }) => result).sort(), ['admitted', 'refused']);
    assert.equal(account.inService(VIN).length, 1);
  });

  it('ends the same when one event comes twice, side by side', async () => {
    const account = accountWith(byVin, first);
    await Promise.all([1, 2].map(() => process(account).decide(eventOf(first))));
    assert.deepEqual(account.inService(VIN), [first.id]);
  });

  for (const event of [null, {}, { certificateId: 'no id' }]) {
    it(`refuses ${JSON.stringify(event)} as an event, and asks AWS nothing`, async () => {
      const account = accountWith(byVin, first);
      await assert.rejects(process(account).decide(event), /names no certificate/);
      assert.deepEqual(account.calls, []);
    });
  }
});
