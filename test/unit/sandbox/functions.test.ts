import assert from 'node:assert/strict';
import { createFunctions, functionNameOf } from '../../../src/sandbox/services/lambda/functions.ts';
import { createLambda } from '../../../src/sandbox/services/lambda/lambda.ts';
import type { Fault } from '../../../src/sandbox/kernel/faults.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';
import { until } from '../../support/until.ts';

function setUp() {
  const context = createTestContext();
  const pauses: number[] = [];
  const functions = createFunctions(context, (ms) => {
    pauses.push(ms);
    return Promise.resolve();
  });
  const seen: unknown[] = [];
  functions.put('hook', (payload) => {
    seen.push(payload);
    if (payload === 'bad') throw new TypeError('missing');
    return { allow: true };
  });
  const fault = (action: Fault['action']) =>
    context.faults.add({ operation: 'lambda:hook', count: 1, action });
  const invoke = (payload: unknown = 'p') => functions.invoke('hook', payload, 5000);
  return { context, functions, pauses, seen, fault, invoke };
}

describe('functions of the sandbox', () => {
  it('do their work', async () => {
    const { invoke, seen } = setUp();
    assert.deepEqual(await invoke(), { allow: true });
    assert.deepEqual(seen, ['p']);
  });

  it('fail with what they throw', async () => {
    const { invoke, context } = setUp();
    await assert.rejects(invoke('bad'), { message: 'missing', type: 'TypeError' });
    assert.ok(context.lines.some((line) => line.includes('hook failed: TypeError: missing')));
  });

  it('do nothing when they are made to fail, throttled or hang', async () => {
    const { fault, invoke, seen, pauses } = setUp();
    fault({ kind: 'error', code: 'Crash', message: 'gone' });
    await assert.rejects(invoke(), { type: 'Crash', message: 'gone' });
    fault({ kind: 'throttle' });
    await assert.rejects(invoke(), { type: 'TooManyRequestsException' });
    fault({ kind: 'reset', when: 'before' });
    await assert.rejects(invoke(), { type: 'Unhandled' });
    fault({ kind: 'hang' });
    await assert.rejects(invoke(), { type: 'Timeout' });
    assert.deepEqual([seen, pauses], [[], [5000]]);
  });

  it('that are too slow are not waited for, and do their work all the same', async () => {
    const { fault, invoke, seen, pauses } = setUp();
    fault({ kind: 'delay', ms: 6000 });
    await assert.rejects(invoke(), { type: 'Timeout' });
    await until('the late work', () => seen.length === 1);
    assert.deepEqual(pauses.sort(), [5000, 6000]);
    fault({ kind: 'delay', ms: 4000 });
    assert.deepEqual(await invoke(), { allow: true });
  });

  it('do their work when only the answer is lost', async () => {
    const { fault, invoke, seen } = setUp();
    fault({ kind: 'swallow' });
    await assert.rejects(invoke(), { type: 'Timeout' });
    fault({ kind: 'reset', when: 'after' });
    await assert.rejects(invoke(), { type: 'Unhandled' });
    assert.equal(seen.length, 2);
  });

  it('are named in several ways', () => {
    const arn = 'arn:aws:lambda:us-west-2:123456789012:function:hook';
    assert.deepEqual([arn, `${arn}:live`, 'hook', 'hook:1'].map(functionNameOf), Array(4).fill('hook'));
  });
});

describe('Lambda of the sandbox', () => {
  async function invoke(name: string, body: string, type = 'RequestResponse') {
    const { context, functions, seen } = setUp();
    const { service } = createLambda(context, functions);
    const request = {
      method: 'POST',
      path: `/2015-03-31/functions/${name}/invocations`,
      query: new URLSearchParams(),
      headers: { 'x-amz-invocation-type': type },
      body: Buffer.from(body),
      requestId: 'r',
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    assert.ok(service.claims(request));
    return { reply: await answered(service, 'Invoke', request), seen };
  }

  it('calls a function and gives its answer', async () => {
    const { reply, seen } = await invoke('hook', '{"a":1}');
    assert.deepEqual([reply.status, reply.body], [200, '{"allow":true}']);
    assert.deepEqual(seen, [{ a: 1 }]);
  });

  it('says that a function failed', async () => {
    const { reply } = await invoke('hook', '"bad"');
    assert.equal(reply.headers?.['x-amz-function-error'], 'Unhandled');
    assert.deepEqual(JSON.parse(String(reply.body)), { errorMessage: 'missing', errorType: 'TypeError' });
  });

  it('does not wait for an event, and calls nothing in a dry run', async () => {
    const event = await invoke('hook', '{}', 'Event');
    assert.equal(event.reply.status, 202);
    const dry = await invoke('hook', '{}', 'DryRun');
    assert.deepEqual([dry.reply.status, dry.seen], [204, []]);
  });

  it('knows no function that is not deployed', async () => {
    const { reply } = await invoke('other', '{}');
    assert.equal(reply.status, 404);
    assert.match(
      String(reply.body),
      /Function not found: arn:aws:lambda:us-west-2:123456789012:function:other/,
    );
  });
});
