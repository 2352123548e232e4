import assert from 'node:assert/strict';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import type { CloudCa } from '../../../src/aws/iot/caCertificates.ts';
import { createProvisioner } from '../../../src/cms/cdf/provisioner.ts';
import type { CheckInput } from '../../../src/cms/contract/checks.ts';
import { english } from '../../../src/core/wording.ts';
import { functionChecks } from '../../../src/onboarding/functionChecks.ts';
import { awsError } from '../../support/functionAccount.ts';
import { createWorld } from './world.ts';

const setup = createProvisioner('cms-dev1').ownCa!;
const ID = '0123456789ab'.padEnd(64, '0');
const STACK = 'cms-enablement-registrations-0123456789ab';
const CERTIFICATE = 'ce'.repeat(32);
const FAILED = JSON.stringify({ certificateId: CERTIFICATE, result: 'failed', why: 'Policy not found' });

interface State {
  cas?: Partial<CloudCa>[];
  /** Undefined: there is no stack. */
  stack?: string | undefined;
  rule?: 'enabled' | 'disabled' | 'missing';
  /** VINs in the list; an error that reading it gives. */
  list?: readonly string[] | Error;
  /** Lines of the function's log. */
  log?: readonly string[];
  /** Of the certificate that a line of the log names. */
  certificate?: string;
  deniesLog?: boolean;
}

interface Sent {
  constructor: { name: string };
  input: Record<string, unknown>;
}

async function look(state: State) {
  const { cas = [{}], stack, rule = 'enabled', list = ['V'], log = [], certificate = 'ACTIVE' } = state;
  const world = createWorld();
  const work = world.work();
  const enabled: string[] = [];
  const answer = ({ constructor: { name }, input }: Sent): object => {
    switch (name) {
      case 'DescribeStacksCommand':
        if (stack === undefined) throw awsError('ValidationError', 'Stack with id x does not exist');
        return {
          Stacks: [
            {
              ...{ StackName: STACK, StackStatus: stack },
              Outputs: Object.entries({ TableName: 'T', RuleName: 'R', LogGroupName: 'L' }).map(
                ([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }),
              ),
            },
          ],
        };
      case 'GetTopicRuleCommand':
        // AWS IoT says so of a rule that does not exist.
        if (rule === 'missing') throw awsError('UnauthorizedException');
        return { rule: { ruleName: 'R', ruleDisabled: rule === 'disabled' } };
      case 'EnableTopicRuleCommand':
        enabled.push(String(input.ruleName));
        return {};
      case 'ScanCommand':
        if (list instanceof Error) throw list;
        return {
          Items: [
            ...list.map((vin) => ({ thingName: { S: vin }, vin: { S: vin } })),
            // A line of the function's own, which is no vehicle.
            { thingName: { S: 'key:0' }, admitted: { S: 'V' } },
          ],
        };
      case 'DescribeCertificateCommand':
        return {
          certificateDescription: {
            ...{ certificateId: CERTIFICATE, certificateArn: `arn:${CERTIFICATE}`, status: certificate },
          },
        };
      default:
        throw new Error(name);
    }
  };
  const region = 'us-west-2';
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = <T extends object>(made: T) => {
    const whole = Object.assign(made, {
      send: async (sent: Sent) => Promise.resolve().then(() => answer(sent)),
    });
    return () => Promise.resolve(whole);
  };
  const events = log.map((message, index) => ({ timestamp: Date.UTC(2026, 0, 1) + index, message }));
  const connection = {
    region,
    clock: work.clock,
    cloudFormation: client(new CloudFormationClient({ region, credentials })),
    dynamoDb: client(new DynamoDBClient({ region, credentials })),
    iot: client(new IoTClient({ region, credentials })),
    http: () => ({
      send: () =>
        Promise.resolve(
          state.deniesLog === true
            ? {
                status: 400,
                headers: {},
                text: JSON.stringify({ __type: 'AccessDeniedException', message: 'not the log' }),
              }
            : { status: 200, headers: {}, text: JSON.stringify({ events }) },
        ),
    }),
  };
  const ca: CloudCa = {
    ...{ id: ID, arn: `arn:${ID}`, status: 'ACTIVE', autoRegistration: true, mode: 'DEFAULT' },
    ...{ notAfter: undefined, templateName: undefined, templateBody: undefined, roleArn: undefined },
  };
  const input = {
    request: { vin: 'V', publish: false, position: { latitude: 0, longitude: 0 } },
    tools: {
      certificateHere: () => Promise.resolve(undefined),
      cloud: { ...world.cloud, cas: () => Promise.resolve(cas.map((each) => ({ ...ca, ...each }))) },
      connection,
    },
  } as unknown as CheckInput;
  const [check] = functionChecks(setup);
  const verdict = await check!.run(input, work);
  const { status, message, remedy, fix } = verdict!.finding;
  return { status, text: english(message), remedy: remedy && english(remedy), fix, enabled, work };
}

describe('what the doctor says of functions that let vehicles in', () => {
  it('is that none is needed without a CA for jitr', async () => {
    const { status, text } = await look({ cas: [{ templateName: 'T' }, { status: 'INACTIVE' }] });
    assert.deepEqual([status, text], ['ok', 'No CA is registered for jitr, so none is needed.']);
  });

  it('is that vehicles wait where none is deployed', async () => {
    const { status, text } = await look({});
    assert.equal(status, 'ok');
    assert.match(text, /^None is deployed: vehicles wait/);
  });

  it('is that one decides when all of it is there', async () => {
    const { status, text } = await look({ stack: 'UPDATE_COMPLETE' });
    assert.deepEqual([status, text], ['ok', '1 is deployed; it decides on new vehicles.']);
  });

  const whole = { stack: 'CREATE_COMPLETE' } as const;
  for (const [what, state, words, helps] of [
    [
      'its stack failed',
      { stack: 'ROLLBACK_COMPLETE' },
      /is ROLLBACK_COMPLETE: its function/,
      /ca function setup/,
    ],
    ['its stack is under way', { stack: 'UPDATE_IN_PROGRESS' }, /is UPDATE_IN_PROGRESS/, /Wait until/],
    [
      'its rule is missing',
      { ...whole, rule: 'missing' },
      /There is no topic rule R, or/,
      /ca function remove/,
    ],
    [
      'its list is gone',
      { ...whole, list: awsError('ResourceNotFoundException') },
      /The list of the function in stack .* is gone/,
      /ca function remove/,
    ],
    ['its list is empty', { ...whole, list: [] }, /is empty: it lets nobody in/, /ca function setup/],
    [
      'it failed, and the vehicle still waits',
      { ...whole, log: [FAILED], certificate: 'PENDING_ACTIVATION' },
      /^The function failed at 2026-01-01T00:00:00\.000Z: Policy not found$/,
      /reconnects/,
    ],
    [
      'its process ended',
      { ...whole, log: [FAILED, 'Task timed out after 30.00 seconds'] },
      /Task timed out after 30\.00 seconds/,
      /reconnects/,
    ],
  ] satisfies [string, State, RegExp, RegExp][]) {
    it(`is a warning when ${what}, with what helps`, async () => {
      const { status, text, remedy = '' } = await look(state);
      assert.equal(status, 'warn');
      assert.match(text, words);
      assert.match(remedy, helps);
    });
  }

  it('is a warning when its rule is disabled, and the fix enables it', async () => {
    const { status, fix, enabled, work } = await look({ ...whole, rule: 'disabled' });
    assert.equal(status, 'warn');
    assert.equal(english(fix!.title), 'Enable the topic rule R');
    await fix!.run(work);
    assert.deepEqual(enabled, ['R']);
  });

  it('forgets a failure once the vehicle is in', async () => {
    const { status } = await look({ ...whole, log: [FAILED], certificate: 'ACTIVE' });
    assert.equal(status, 'ok');
  });

  for (const [what, state] of [
    ['list', { ...whole, list: awsError('AccessDeniedException', 'not the list') }],
    ['log', { ...whole, deniesLog: true }],
  ] satisfies [string, State][]) {
    it(`says that its ${what} may not be read, and nothing worse`, async () => {
      const { status, text } = await look(state);
      assert.equal(status, 'skip');
      assert.ok(text.includes(what), text);
    });
  }
});
