import assert from 'node:assert/strict';
import { createAuthority } from '../../../../src/sandbox/authority/authority.ts';
import { generateRsaKeyPair, type KeyPair, type KeyPool } from '../../../../src/sandbox/authority/keys.ts';
import type { Authority } from '../../../../src/sandbox/authority/contract.ts';
import { createIot, type Iot } from '../../../../src/sandbox/services/iot/iot.ts';
import {
  createTestContext,
  type TestContext,
  type TestContextOverrides,
} from '../../../support/sandboxContext.ts';
import { answered } from '../../../support/answered.ts';
import { makeCsr } from './openssl.ts';

export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** The JSON of the answer; `{}` for an empty body. */
  body: Record<string, unknown>;
}

/** `path` may have a query; anything but a string body is sent as JSON. */
export type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Reply>;

export interface TestIot {
  context: TestContext;
  authority: Authority;
  iot: Iot;
  /** What the service published, as the cloud does. */
  published: { topic: string; payload: Record<string, unknown> }[];
  /** Raw call. */
  call: Caller;
  /** Call that must succeed; its body. */
  ok(...args: Parameters<Caller>): Promise<Record<string, unknown>>;
  /** Call that must be refused with this code and status; its message. */
  refused(code: string, status: number, ...args: Parameters<Caller>): Promise<string>;
  /** A certificate, ACTIVE unless told otherwise. */
  certificate(active?: boolean): Promise<{ id: string; arn: string; pem: string }>;
}

let authority: Promise<Authority> | undefined;
let csr: string | undefined;

/**
 * One authority serves all tests: its keys take time, and none of it depends on a registry. For the same reason its
 * certificates share three keys; they differ all the same.
 */
export function sharedAuthority(): Promise<Authority> {
  authority ??= createAuthority(createTestContext(), reusedKeys(3));
  return authority;
}

function reusedKeys(count: number): KeyPool {
  const pairs: Promise<KeyPair>[] = [];
  let next = 0;
  return {
    take: () => (pairs[next++ % count] ??= generateRsaKeyPair()),
  };
}

export async function createTestIot(overrides: TestContextOverrides = {}): Promise<TestIot> {
  const context = createTestContext(overrides);
  const shared = await sharedAuthority();
  const published: TestIot['published'] = [];
  const publish = (topic: string, payload: string): void => {
    published.push({ topic, payload: JSON.parse(payload) as Record<string, unknown> });
  };
  const iot = createIot(context, shared, publish, (role) => role !== UNTRUSTED_ROLE);

  const call: Caller = async (method, path, body, headers = {}) => {
    const [encoded = '', query = ''] = path.split('?');
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const request = {
      method,
      path: encoded,
      query: new URLSearchParams(query),
      headers,
      body: Buffer.from(text),
      requestId: 'test',
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    const operation = iot.service.operation(request);
    assert.ok(operation !== undefined, `${method} ${path} is no operation`);
    const response = await answered(iot.service, operation, request);
    const answer = String(response.body ?? '');
    return {
      status: response.status,
      headers: response.headers ?? {},
      body: (answer === '' ? {} : JSON.parse(answer)) as Record<string, unknown>,
    };
  };

  async function ok(...args: Parameters<Caller>): Promise<Record<string, unknown>> {
    const reply = await call(...args);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return reply.body;
  }

  return {
    context,
    authority: shared,
    iot,
    published,
    call,
    ok,
    async refused(code, status, ...args) {
      const reply = await call(...args);
      assert.equal(reply.headers['x-amzn-errortype'], code, JSON.stringify(reply.body));
      assert.equal(reply.status, status);
      assert.equal(typeof reply.body.message, 'string');
      return String(reply.body.message);
    },
    async certificate(active = true) {
      csr ??= makeCsr({ key: 'P-256' }).csrPem;
      const made = await ok('POST', `/certificates?setAsActive=${active}`, {
        certificateSigningRequest: csr,
      });
      return {
        id: String(made.certificateId),
        arn: String(made.certificateArn),
        pem: String(made.certificatePem),
      };
    },
  };
}

/** A policy document that allows something. */
export const ALLOW = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
});

export const ROLE = 'arn:aws:iam::123456789012:role/IotCMSRole';
/** The one role that AWS IoT may not assume here. */
export const UNTRUSTED_ROLE = 'arn:aws:iam::123456789012:role/OfSomebodyElse';

/** The names in a list answer. */
export function names(list: unknown, member: string): string[] {
  assert.ok(Array.isArray(list));
  return (list as Record<string, unknown>[]).map((each) => String(each[member]));
}
