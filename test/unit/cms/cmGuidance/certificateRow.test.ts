import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import { namesOf } from '../../../../src/cms/cmGuidance/names.ts';
import { createProvisioner } from '../../../../src/cms/cmGuidance/provisioner.ts';
import { createStore } from '../../../../src/cms/cmGuidance/store.ts';
import { isCmsError } from '../../../../src/core/errors.ts';
import { createDynamoDb } from '../../../../src/sandbox/services/dynamodb/dynamodb.ts';
import { answered } from '../../../support/answered.ts';
import { makePair, type TestPair } from '../../../support/pairs.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';
import { testWork } from '../../../support/works.ts';
import { awsError, createFakeIot } from '../../aws/iot/fakeIot.ts';

const VEHICLE = { vin: 'LSH14J4C4LA046511', id: 'VEH-1790000000', thingName: 'LSH14J4C4LA046511' };
const TABLE = 'cms-dev-storage-vehicle-certificates';
const NOBODY = () => undefined;

describe('The row of a certificate that the Guidance keeps', () => {
  let pair: TestPair;
  before(async () => {
    pair = await makePair();
  });

  /** Takes the certificate of `pair` in with `before` in the table; `meanwhile` runs right before each write. */
  async function admit(
    before: Record<string, string> | undefined,
    meanwhile: (put: (fields: Record<string, string>) => void) => void = NOBODY,
    losesAnswer = false,
  ) {
    const { service, tables } = createDynamoDb(createTestContext());
    tables.ensure({ name: TABLE, hash: { name: 'vehicleId', type: 'S' } });
    const put = (fields: Record<string, string>) =>
      tables
        .find(TABLE)
        .put(
          Object.fromEntries(
            Object.entries({ vehicleId: VEHICLE.id, ...fields }).map(([name, S]) => [name, { S }]),
          ),
        );
    if (before !== undefined) put(before);
    const ask = async (operation: string, input: object): Promise<object> => {
      const { status, body } = await answered(service, operation, {
        ...{ method: 'POST', path: '/', query: new URLSearchParams() },
        headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
        body: Buffer.from(JSON.stringify(input)),
        ...{ requestId: 'request', region: 'us-west-2', signed: true, trusted: false },
      });
      const answer = JSON.parse(String(body)) as { __type?: string };
      if (status !== 200) throw awsError(answer.__type?.split('#').at(-1) ?? 'Unknown');
      return answer;
    };
    const dynamoDb = {
      async send(command: { constructor: { name: string }; input: object }) {
        const operation = command.constructor.name.replace(/Command$/, '');
        if (operation === 'PutItem') {
          meanwhile(put);
          // As the SDK does it when the first answer is lost.
          if (losesAnswer) await ask(operation, command.input);
        }
        return ask(operation, command.input);
      },
    };
    const certificateArn = `arn:aws:iot:us-west-2:123456789012:cert/${pair.certificateId}`;
    const { connection } = createFakeIot({
      DescribeCertificate: [{ certificateDescription: { certificateArn, status: 'INACTIVE' } }],
      DescribeThing: [{ thingArn: 'arn:aws:iot:us-west-2:123456789012:thing/x' }],
      GetPolicy: [{ policyDocument: '{}', defaultVersionId: '1' }],
    });
    const all = { ...connection, dynamoDb: () => Promise.resolve(dynamoDb) } as unknown as Connection;
    const names = namesOf('dev');
    const store = createStore(all, names);
    const { ownKey } = createProvisioner({ connection: all, names, store });
    assert.ok(ownKey);
    const error = await ownKey.admit(VEHICLE, pair.certificatePem, testWork()).catch((why: unknown) => why);
    const kept = tables.find(TABLE).get({ vehicleId: { S: VEHICLE.id } })?.certificateId;
    return {
      error: isCmsError(error) ? error.code : error,
      certificateId: kept !== undefined && 'S' in kept ? kept.S : undefined,
    };
  }

  const OLD = { certificateId: 'old', certificatePem: 'old', privateKey: 'old' };

  it('is written where there was none, or half a one', async () => {
    const written = { error: undefined, certificateId: pair.certificateId };
    assert.deepEqual(await admit(undefined), written);
    assert.deepEqual(await admit({ certificateId: 'old' }), written);
    assert.deepEqual(await admit({ certificateId: 'old', certificatePem: '' }), written);
  });

  it('takes the place of the one that was read', async () => {
    assert.deepEqual(await admit(OLD), { error: undefined, certificateId: pair.certificateId });
  });

  it('takes the place of no other that was written meanwhile', async () => {
    const theirs = { certificateId: 'theirs', certificatePem: 'theirs' };
    const refused = { error: 'CERTIFICATE_UNUSABLE', certificateId: 'theirs' };
    assert.deepEqual(await admit(OLD, (put) => put(theirs)), refused);
    assert.deepEqual(await admit(undefined, (put) => put(theirs)), refused);
  });

  it('is written when only the answer is lost', async () => {
    const written = { error: undefined, certificateId: pair.certificateId };
    assert.deepEqual(await admit(OLD, NOBODY, true), written);
    assert.deepEqual(await admit(undefined, NOBODY, true), written);
  });
});
