import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import { lookAtFunction } from '../../../../src/provisioning/ca/function/functionState.ts';
import { functionStackName } from '../../../../src/provisioning/ca/function/registrationFunction.ts';
import { createLogs } from '../../../../src/sandbox/services/logs/logs.ts';
import { answered } from '../../../support/answered.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';

const CA = 'c'.repeat(64);
const GROUP = '/aws/lambda/registrations';
const CALL = 'RequestId: 8f5a';
const around = (...lines: string[]) => [
  `START ${CALL} Version: $LATEST`,
  ...lines,
  `END ${CALL}`,
  `REPORT ${CALL}\tDuration: 12.00 ms\tMemory Size: 256 MB`,
];
const result = (of: string, more: object = {}) => JSON.stringify({ certificateId: 'a', result: of, ...more });

/** What is said of a function whose log has these lines, and whose vehicles' certificates are `certificate`. */
async function lastErrorAfter(lines: readonly string[], certificate = 'PENDING_ACTIVATION') {
  const context = createTestContext();
  const logs = createLogs(context);
  logs.ensure(GROUP);
  for (const line of lines) {
    logs.put(GROUP, 'stream', line);
    context.clock.advance(1);
  }
  const connection = {
    region: 'us-west-2',
    clock: context.clock,
    cloudFormation: () =>
      Promise.resolve({
        send: () =>
          Promise.resolve({
            Stacks: [
              {
                ...{ StackName: functionStackName(CA), StackStatus: 'CREATE_COMPLETE' },
                Outputs: [
                  { OutputKey: 'TableName', OutputValue: 'list' },
                  { OutputKey: 'LogGroupName', OutputValue: GROUP },
                ],
              },
            ],
          }),
      }),
    dynamoDb: () => Promise.resolve({ send: () => Promise.resolve({ Items: [] }) }),
    iot: () =>
      Promise.resolve({
        config: {
          credentials: () => Promise.resolve({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
          systemClockOffset: 0,
        },
        send: () =>
          Promise.resolve({
            certificateDescription: { certificateId: 'a', certificateArn: 'arn:a', status: certificate },
          }),
      }),
    http: () => ({
      async send({ headers, body }: { headers: Record<string, string>; body: string }) {
        const request = {
          ...{ method: 'POST', path: '/', query: new URLSearchParams(), headers, body: Buffer.from(body) },
          ...{ requestId: 'r', region: 'us-west-2', signed: true, trusted: false },
        };
        const reply = await answered(logs.service, 'FilterLogEvents', request);
        return { status: reply.status, headers: {}, text: String(reply.body) };
      },
    }),
  } as unknown as Connection;
  const { signal } = new AbortController();
  return (await lookAtFunction(CA, connection, { signal, clock: context.clock as never }))?.lastError?.why;
}

describe('The last error of a registration function', () => {
  it('is none where all calls went well, whatever AWS Lambda writes around them', async () => {
    assert.equal(await lastErrorAfter(around(result('admitted', { vin: 'V1' }))), undefined);
    const refused = result('refused', { why: 'The check of its key failed.' });
    assert.equal(await lastErrorAfter(around(refused)), undefined);
  });

  it('is why the function could not decide, while the vehicle is out', async () => {
    const thrown = '2026-12-01T10:00:00Z\t8f5a\tERROR\tInvoke Error\t{"errorMessage":"failed"}';
    const lines = around(result('failed', { why: 'Throttled.' }), thrown);
    assert.equal(await lastErrorAfter(lines), 'Throttled.');
    assert.equal(await lastErrorAfter(lines, 'ACTIVE'), undefined);
  });

  it('is what AWS Lambda ended it by, until a call goes well', async () => {
    const ended = '8f5a Task timed out after 60.00 seconds';
    assert.equal(await lastErrorAfter(around(ended)), ended);
    assert.equal(await lastErrorAfter([...around(ended), ...around(result('admitted'))]), undefined);
  });
});
