import assert from 'node:assert/strict';
import { createDeviceShadows } from '../../../../src/sandbox/services/iot/shadows/deviceShadows.ts';
import { createShadows } from '../../../../src/sandbox/services/iot/shadows/shadows.ts';
import type { ThingService } from '../../../../src/sandbox/services/iot/contract.ts';
import { createTestContext, type TestContext } from '../../../support/sandboxContext.ts';

type Body = Record<string, unknown>;

describe('device shadows', () => {
  let context: TestContext;
  let service: ThingService;
  beforeEach(() => {
    context = createTestContext();
    service = createDeviceShadows(createShadows(context), () => context.clock.now());
  });

  const now = () => Math.floor(context.clock.now() / 1000);
  /** What is said on a request, by the last part of its topic. */
  function ask(rest: string, body: unknown = ''): Record<string, Body> {
    const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const answers = service.handle('car', rest, payload);
    assert.ok(answers.every(({ to }) => to === 'subscribers'));
    return Object.fromEntries(
      answers.map((answer) => [
        answer.rest.slice(rest.length + 1),
        JSON.parse(JSON.stringify(answer.body)) as Body,
      ]),
    );
  }
  const update = (state: unknown, more: object = {}) => ask('update', { state, ...more });
  const state = () => ask('get').accepted?.state;
  const refusal = (answers: Record<string, Body>) => [answers.rejected?.code, answers.rejected?.message];

  it('accepts what is new, with the sections of the request only, and tells the whole document', () => {
    update({ reported: { locked: true } });
    const { accepted, documents, delta } = update({ desired: { locked: false } }, { clientToken: 't' });
    assert.deepEqual(accepted, {
      state: { desired: { locked: false } },
      metadata: { desired: { locked: { timestamp: now() } } },
      version: 2,
      timestamp: now(),
      clientToken: 't',
    });
    assert.deepEqual(delta, {
      state: { locked: false },
      metadata: { locked: { timestamp: now() } },
      version: 2,
      timestamp: now(),
      clientToken: 't',
    });
    const at = { timestamp: now() };
    assert.deepEqual(documents, {
      previous: { state: { reported: { locked: true } }, metadata: { reported: { locked: at } }, version: 1 },
      current: {
        state: { reported: { locked: true }, desired: { locked: false } },
        metadata: { reported: { locked: at }, desired: { locked: at } },
        version: 2,
      },
      timestamp: now(),
      clientToken: 't',
    });
  });

  it('tells no delta when what is desired is reported', () => {
    update({ desired: { a: { b: 1 }, list: [1, { c: 2 }] } });
    assert.deepEqual(Object.keys(update({ reported: { a: { b: 1 }, list: [1, { c: 2 }], more: 1 } })), [
      'accepted',
      'documents',
    ]);
  });

  it('tells all that differs, whether this update touched it or not', () => {
    update({ desired: { a: { b: 1, c: 2 }, d: [1] }, reported: { a: { b: 1 }, d: [2] } });
    assert.deepEqual(update({ reported: { e: 1 } }).delta?.state, { a: { c: 2 }, d: [1] });
  });

  it('merges objects, replaces lists, and null takes away', () => {
    update({ reported: { a: { b: 1, c: 2 }, list: [1, 2], gone: 1 } });
    update({ reported: { a: { b: 3 }, list: [3], gone: null } });
    assert.deepEqual(state(), { reported: { a: { b: 3, c: 2 }, list: [3] } });
    update({ desired: { x: 1 } });
    update({ desired: null });
    assert.deepEqual(Object.keys(state() as Body), ['reported']);
    update(null);
    assert.deepEqual(state(), {});
  });

  // Measured by the authors of moto.
  it('echoes a state of null, with a time for its metadata, and goes on counting', () => {
    update({ desired: { a: 1 }, reported: { b: 2 } });
    const answers = update(null);
    assert.deepEqual(answers.accepted, {
      state: null,
      metadata: { timestamp: now() },
      version: 2,
      timestamp: now(),
    });
    assert.equal(answers.delta, undefined);
    assert.deepEqual(ask('get').accepted, { state: {}, metadata: {}, version: 2, timestamp: now() });
    assert.equal(update({ reported: { b: 3 } }).accepted?.version, 3);
    assert.deepEqual(refusal(update(null, { version: 2 })), [409, 'Version conflict']);
  });

  it('keeps the time of each value', () => {
    update({ reported: { a: 1, b: 1 } });
    const first = now();
    context.clock.advance(10_000);
    update({ reported: { b: 1 } });
    assert.deepEqual(ask('get').accepted?.metadata, {
      reported: { a: { timestamp: first }, b: { timestamp: now() } },
    });
  });

  it('gets the document with its delta', () => {
    update({ desired: { a: 1 } });
    assert.deepEqual(state(), { desired: { a: 1 }, delta: { a: 1 } });
  });

  it('takes an update of the version it has only', () => {
    update({ reported: { a: 1 } });
    assert.deepEqual(refusal(update({ reported: { a: 2 } }, { version: 7 })), [409, 'Version conflict']);
    assert.equal(update({ reported: { a: 2 } }, { version: 1 }).accepted?.version, 2);
  });

  it('answers 20 requests a second for a thing, and refuses more with 429', () => {
    for (let n = 0; n < 20; n++) update({ reported: { n } });
    assert.deepEqual(refusal(ask('get', { clientToken: 't' })), [429, 'Too many requests']);
    assert.equal(ask('get', { clientToken: 't' }).rejected?.clientToken, 't');
    assert.ok(service.handle('bus', 'update', Buffer.from('{"state":{}}'))[0]?.rest.endsWith('accepted'));
    context.clock.advance(1000);
    service.tick();
    assert.equal(update({ reported: { n: 20 } }).accepted?.version, 21);
    const free = createDeviceShadows(createShadows(context), () => context.clock.now(), false);
    for (let n = 0; n < 100; n++) {
      assert.equal(free.handle('car', 'update', Buffer.from('{"state":{}}'))[0]?.rest, 'update/accepted');
    }
  });

  it('goes on counting versions after a deletion, for two days', () => {
    update({ reported: { a: 1 } });
    update({ reported: { a: 2 } });
    assert.deepEqual(ask('delete', '{"clientToken":"t"}'), {
      accepted: { version: 2, timestamp: now(), clientToken: 't' },
    });
    assert.deepEqual(refusal(ask('get')), [404, "No shadow exists with name: 'car'"]);
    assert.deepEqual(refusal(ask('delete', 'whatever')), [404, "No shadow exists with name: 'car'"]);
    assert.equal(update({ reported: { a: 1 } }).accepted?.version, 3);
    ask('delete');
    context.clock.advance(49 * 3_600_000);
    assert.equal(update({ reported: { a: 1 } }).accepted?.version, 1);
  });

  const nested = (levels: number): Body => (levels === 0 ? {} : { x: nested(levels - 1) });
  for (const [message, body] of [
    ['Invalid JSON', '{'],
    ['Invalid JSON', '[]'],
    ['Missing required node: state', {}],
    ['State node must be an object', { state: 1 }],
    ['Desired node must be an object', { state: { desired: [] } }],
    ['Reported node must be an object', { state: { reported: 'x' } }],
    ["State contains an invalid node: 'wanted'", { state: { wanted: {} } }],
    ['State contains an invalid node', { state: { desired: { list: [null] } } }],
    ['Invalid version', { state: {}, version: 'one' }],
    ['Invalid clientToken', { state: {}, clientToken: 'x'.repeat(65) }],
    ['JSON contains too many levels of nesting; maximum is 6', { state: { desired: nested(6) } }],
  ] as const) {
    it(`refuses with 400 ${message}: ${JSON.stringify(body).slice(0, 60)}`, () => {
      assert.deepEqual(refusal(ask('update', body)), [400, message]);
      assert.equal(ask('get').rejected?.code, 404, 'nothing was made');
    });
  }

  it('refuses lists nested so deeply that looking at them would fail', () => {
    const deep = `{"state":{"desired":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`;
    assert.equal(ask('update', deep).rejected?.code, 400);
  });

  it('refuses a document of more than 8 KB, also one that grows to it', () => {
    update({ reported: { a: 'x'.repeat(5000) } });
    assert.deepEqual(refusal(update({ reported: { b: 'x'.repeat(5000) } })), [
      413,
      'The payload exceeds the maximum size allowed',
    ]);
  });

  it('gives a refusal the token of its request', () => {
    assert.equal(ask('get', { clientToken: 't' }).rejected?.clientToken, 't');
    assert.equal(update(1, { clientToken: 't' }).rejected?.clientToken, 't');
  });

  it('keeps members with names that objects have already', () => {
    ask('update', '{"state":{"reported":{"__proto__":{"a":1},"constructor":2}}}');
    assert.equal(JSON.stringify(state()), '{"reported":{"__proto__":{"a":1},"constructor":2}}');
  });

  it('keeps named shadows apart', () => {
    ask('name/lights/update', { state: { reported: { on: true } } });
    assert.deepEqual(ask('name/lights/get').accepted?.state, { reported: { on: true } });
    assert.deepEqual(refusal(ask('name/doors/get')), [404, "No shadow exists with name: 'doors'"]);
    assert.equal(ask('get').rejected?.code, 404);
  });

  it('answers nothing to what is no request', () => {
    for (const rest of ['update/accepted', 'list', 'name/update']) {
      assert.deepEqual(service.handle('car', rest, Buffer.from('{}')), []);
    }
  });

  it('survives a restart and ends with a reset', () => {
    update({ reported: { a: 1 } });
    service = createDeviceShadows(createShadows(context), () => context.clock.now());
    assert.deepEqual(state(), { reported: { a: 1 } });
    context.store.reset();
    assert.equal(ask('get').rejected?.code, 404);
  });
});
