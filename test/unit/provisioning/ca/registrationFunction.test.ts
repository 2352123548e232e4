import assert from 'node:assert/strict';
import { CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import type { Connection } from '../../../../src/aws/connection.ts';
import {
  ensureFunction,
  type FunctionWish,
  whatIsReplaced,
} from '../../../../src/provisioning/ca/function/registrationFunction.ts';
import type { Allowed } from '../../../../src/provisioning/ca/judge.ts';
import { testWork } from '../../../support/works.ts';

const CA = 'ab'.repeat(32);
const VIN = '1FAHP2E80DG000011';

type Input = Record<string, unknown> & { Parameters?: Stack['Parameters'] };
interface Sent {
  constructor: { name: string };
  input: Input;
}

/** An account with one stack, which is in the state that a test gives it; `done` has what changed it, in order. */
class Account {
  readonly done: string[] = [];
  stack: Stack | undefined;
  /** The vehicles in the table; undefined: there is no table. */
  list: readonly string[] | undefined = [];

  constructor(stack?: Partial<Stack>) {
    this.stack = stack && ({ StackName: 'stack', CreationTime: new Date(0), ...(stack as object) } as Stack);
  }

  readonly answer = (command: Sent): Promise<object> => {
    const { input } = command;
    switch (command.constructor.name) {
      case 'DescribeStacksCommand':
        if (this.stack !== undefined) return Promise.resolve({ Stacks: [this.stack] });
        return Promise.reject(
          Object.assign(new Error('Stack with id stack does not exist'), { name: 'ValidationError' }),
        );
      case 'DeleteStackCommand':
        this.stack = undefined;
        return Promise.resolve({});
      case 'CreateStackCommand':
        return this.#deploy('CREATE_COMPLETE', input);
      case 'UpdateStackCommand':
        return this.#deploy('UPDATE_COMPLETE', input);
      case 'ScanCommand':
        if (this.list !== undefined) {
          return Promise.resolve({
            Items: this.list.map((vin) => ({ thingName: { S: vin }, vin: { S: vin } })),
          });
        }
        return Promise.reject(
          Object.assign(new Error('no table'), { name: 'ResourceNotFoundException', $metadata: {} }),
        );
      case 'UpdateItemCommand':
        this.done.push('list');
        return Promise.resolve({});
      case 'DescribeCACertificateCommand':
        return Promise.resolve({
          certificateDescription: {
            ...{ certificateArn: 'arn', status: 'ACTIVE', autoRegistrationStatus: 'ENABLE' },
          },
        });
      case 'ListCertificatesByCACommand':
        return Promise.resolve({ certificates: [] });
      default:
        return Promise.reject(new Error(`unexpected ${command.constructor.name}`));
    }
  };

  #deploy(StackStatus: Stack['StackStatus'], { Parameters }: Input): Promise<object> {
    const others = Parameters?.find(({ ParameterKey }) => ParameterKey === 'Others')?.ParameterValue;
    this.done.push(String(others));
    this.stack = {
      ...{ StackName: 'stack', CreationTime: new Date(0), StackStatus, Parameters },
      Outputs: [{ OutputKey: 'TableName', OutputValue: 'table' }],
    };
    return Promise.resolve({});
  }

  get connection(): Connection {
    const client = <T extends object>(made: T): (() => Promise<T>) => {
      const whole = Object.assign(made, { send: this.answer });
      return () => Promise.resolve(whole);
    };
    const region = 'us-west-2';
    return {
      region,
      cloudFormation: client(new CloudFormationClient({ region })),
      dynamoDb: client(new DynamoDBClient({ region })),
      iot: client(new IoTClient({ region })),
    } as unknown as Connection;
  }
}

const allowed: Allowed = {
  ...{ vin: VIN, thingName: VIN, certificateId: undefined, serialNumber: undefined, publicKey: undefined },
};
const wish: FunctionWish = {
  ...{ caId: CA, list: new Map([[VIN, allowed]]), revoke: true, code: '' },
  setup: { roleName: 'role', templateName: 'template', devicePolicy: 'policy', thingType: 'type' },
};
const revoking = (StackStatus: Stack['StackStatus']): Account =>
  new Account({
    StackStatus,
    Parameters: [{ ParameterKey: 'Others', ParameterValue: 'revoke' }],
    Outputs: [{ OutputKey: 'TableName', OutputValue: 'table' }],
  });

describe('the function that lets vehicles in', () => {
  for (const status of ['DELETE_FAILED', 'ROLLBACK_COMPLETE', 'CREATE_FAILED'] as const) {
    it(`revokes nothing before it has its list when its stack was ${status}`, async () => {
      const account = revoking(status);
      await ensureFunction(wish, account.connection, testWork());
      assert.deepEqual(account.done, ['leave', 'list', 'revoke']);
    });
  }

  it('keeps revoking while it is given another list when its stack is whole', async () => {
    const account = revoking('UPDATE_COMPLETE');
    await ensureFunction(wish, account.connection, testWork());
    assert.deepEqual(account.done, ['revoke', 'list']);
  });

  it('says that the answer is not what AWS gives when the stack names no table', async () => {
    const account = revoking('UPDATE_COMPLETE');
    const { answer } = account;
    const without = (command: Sent): Promise<object> =>
      answer(command).then((found) => {
        if (account.stack !== undefined) account.stack.Outputs = [];
        return found;
      });
    Object.assign(account, { answer: without });
    await assert.rejects(ensureFunction(wish, account.connection, testWork()), /has no TableName/);
    assert.ok(!account.done.includes('list'));
  });

  const replacedIn = (account: Account) =>
    whatIsReplaced(wish, account.connection, new AbortController().signal);

  it('is told with what its list has and loses before it is replaced', async () => {
    const account = revoking('UPDATE_COMPLETE');
    account.list = [VIN, '1FAHP2E80DG000022', '1FAHP2E80DG000033'];
    const replaced = await replacedIn(account);
    assert.deepEqual([replaced?.listed, replaced?.removed], [3, 2]);
    assert.equal(replaced?.found.parameters.Others, 'revoke');
    assert.deepEqual(account.done, []);
  });

  it('has no list when its stack failed and its table is gone', async () => {
    const account = revoking('DELETE_FAILED');
    account.list = undefined;
    const replaced = await replacedIn(account);
    assert.deepEqual([replaced?.listed, replaced?.removed], [0, 0]);
  });

  it('replaces nothing when there is none', async () => {
    assert.equal(await replacedIn(new Account()), undefined);
  });
});
