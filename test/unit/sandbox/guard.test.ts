import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createGuard, isLoopbackHost, type RawRequest } from '../../../src/sandbox/kernel/edge/guard.ts';
import { splitTarget } from '../../../src/sandbox/kernel/edge/target.ts';

const SECRET = 'the-secret-of-this-start-43-characters-long';
const guard = createGuard({ port: () => 4566, secret: SECRET });

const SIGNED =
  'AWS4-HMAC-SHA256 Credential=a/20240501/us-west-2/iot/aws4_request, SignedHeaders=h, Signature=0';
const DELETE_ROLE = '/?Action=DeleteRole&Version=2010-05-08&RoleName=r&X-Amz-Signature=0';

interface Given extends Partial<Omit<RawRequest, 'headers'>> {
  headers?: Record<string, string>;
  /** More header lines, as they come. */
  more?: string[];
}

/** `pass`, or the status of the refusal. */
function verdict({ headers = {}, more = [], ...given }: Given): string {
  const all = { Host: '127.0.0.1:4566', ...headers };
  const judged = guard({
    remoteAddress: '127.0.0.1',
    method: 'GET',
    target: '/things/a',
    upgrade: false,
    ...given,
    headers: [...Object.entries(all).flat(), ...more],
  });
  return judged.pass ? 'pass' : String(judged.status);
}

const cases: [what: string, Given, outcome: string][] = [
  ['a signed call', { headers: { Authorization: SIGNED } }, 'pass'],
  ['a plain read', {}, 'pass'],
  ['another machine', { remoteAddress: '10.0.0.7' }, '403'],
  ['a connection that is gone', { remoteAddress: undefined }, '403'],
  ['a mapped loopback address', { remoteAddress: '::ffff:127.0.0.1' }, 'pass'],

  // What a target can look like.
  ...['//', 'http://[', 'http://', '*', '', 'things/a', '../a', '/\u0000', '/\u00e4', '/ a', '/a#b', 'ftp://x/'].map(
    (target): [string, Given, string] => [
      `the target ${JSON.stringify(target)}`,
      { target },
      target === '//' ? 'pass' : target.startsWith('http') ? '403' : '400',
    ],
  ),
  ['an absolute target of this machine', { target: 'http://localhost:4566/things/a' }, 'pass'],
  ['an absolute target of another one', { target: 'http://evil.example/things/a' }, '403'],
  ['a huge target', { target: `/${'a'.repeat(30_000)}` }, 'pass'],

  // Who is meant.
  ['two Host headers', { more: ['host', '127.0.0.1:4566'] }, '400'],
  ['a Host with a user', { headers: { Host: 'localhost@evil.example' } }, '403'],
  ['a Host of nobody', { headers: { Host: '' } }, '403'],
  ['a Host that was pointed here', { headers: { Host: 'rebound.example:4566' } }, '403'],

  // Pages.
  ['a page of the internet', { headers: { Origin: 'https://evil.example', Authorization: SIGNED } }, '403'],
  ['a page without an origin', { headers: { Origin: 'null', Authorization: SIGNED } }, '403'],
  ['another port of this machine', { headers: { Origin: 'http://localhost:9999', Authorization: SIGNED } }, '403'],
  ['another name of this machine', { headers: { Origin: 'http://localhost:4566', Authorization: SIGNED } }, '403'],
  ['another scheme', { headers: { Origin: 'https://127.0.0.1:4566', Authorization: SIGNED } }, '403'],
  ['paho-mqtt on a WebSocket', { upgrade: true, target: '/mqtt', headers: { Origin: 'https://127.0.0.1:4566' } }, 'pass'],
  ['a WebSocket of another port', { upgrade: true, target: '/mqtt', headers: { Origin: 'https://127.0.0.1:9999' } }, '403'],
  ['its own page', { headers: { Origin: 'http://127.0.0.1:4566' } }, 'pass'],
  ['its own page under another name', { headers: { Host: 'localhost:4566', Origin: 'http://localhost:4566' } }, 'pass'],
  ['a page that claims both', { headers: { Host: 'localhost:9999', Origin: 'http://localhost:9999' } }, '403'],
  ['two origins', { headers: { Origin: 'http://127.0.0.1:4566' }, more: ['Origin', 'http://evil.example'] }, '400'],
  ['an image of a page', { headers: { 'Sec-Fetch-Site': 'cross-site' } }, '403'],
  ['an image of a page on another port', { headers: { 'Sec-Fetch-Site': 'same-site' } }, '403'],
  ['fetch metadata nobody knows', { headers: { 'Sec-Fetch-Site': 'friend' } }, '403'],
  ['a typed address', { headers: { 'Sec-Fetch-Site': 'none' } }, 'pass'],
  ['a typed address that changes something', { target: DELETE_ROLE, headers: { 'Sec-Fetch-Site': 'none' } }, '403'],
  [
    'a preflight',
    { method: 'OPTIONS', headers: { Origin: 'http://localhost:9999', 'Access-Control-Request-Method': 'PUT' } },
    '403',
  ],

  // Changes without fetch metadata: what an old browser sends.
  ['a form', { method: 'POST', target: '/execute-api/a/Prod/b', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, '403'],
  ['a form for a token', { method: 'POST', target: '/oauth2/token', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 'pass'],
  ['a form for a token, of a page', { method: 'POST', target: '/oauth2/token', headers: { Origin: 'https://evil.example' } }, '403'],
  ['a form that says it is JSON', { method: 'POST', headers: { 'Content-Type': 'text/plain; application/json' } }, '403'],
  ['a beacon', { method: 'POST' }, '403'],
  ['a presigned form', { method: 'POST', target: DELETE_ROLE }, '403'],
  ['a link that deletes', { target: DELETE_ROLE }, '403'],
  ['a link that deletes, encoded', { target: '/?%41ction=Delete%52ole&X-Amz-Signature=0' }, '403'],
  ['a link that reads first', { target: '/?Action=GetRole&Action=DeleteRole&X-Amz-Signature=0' }, '403'],
  ['the same as HEAD', { method: 'HEAD', target: DELETE_ROLE }, '403'],
  ['a link that reads', { target: '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Signature=0' }, 'pass'],
  ['a name and password in the link', { target: DELETE_ROLE, headers: { Authorization: 'Basic dTpw' } }, '403'],
  ['a signed call that deletes', { target: DELETE_ROLE, headers: { Authorization: SIGNED } }, 'pass'],
  ['a call of Cognito', { method: 'POST', target: '/', headers: { 'X-Amz-Target': 'A.SignUp' } }, 'pass'],
  ['a token of CMS', { method: 'POST', headers: { Authorization: 'eyJhbGciOi.x.y' } }, 'pass'],
  ['JSON', { method: 'POST', headers: { 'Content-Type': 'application/vnd.aws-cdf-v2.0+json' } }, 'pass'],
  ['a method no form has', { method: 'DELETE' }, 'pass'],

  // WebSockets.
  ['a WebSocket of a program', { upgrade: true, target: '/mqtt?X-Amz-Signature=0' }, 'pass'],
  ['a WebSocket of a page', { upgrade: true, headers: { Origin: 'http://localhost:9999' } }, '403'],
  ['a WebSocket of another site', { upgrade: true, headers: { 'Sec-Fetch-Site': 'same-site' } }, '403'],
  ['a WebSocket to nowhere', { upgrade: true, target: 'http://[' }, '403'],

  // The administration.
  ['health', { target: '/_sandbox/health' }, 'pass'],
  ['a proof', { target: '/_sandbox/proof?nonce=n' }, 'pass'],
  ['messages', { target: '/_sandbox/vehicles/V/messages' }, '403'],
  ['messages with the secret', { target: '/_sandbox/vehicles/V/messages', headers: { 'X-Sandbox-Secret': SECRET } }, 'pass'],
  ['messages with another', { target: '/_sandbox/vehicles/V/messages', headers: { 'X-Sandbox-Secret': 'x' } }, '403'],
  ['an absolute target', { target: 'http://localhost/_sandbox/faults' }, '403'],
  ['an end', { method: 'POST', target: '/_sandbox/shutdown', headers: { Authorization: SIGNED } }, '403'],
  ['an end by a page', { method: 'POST', target: '/_sandbox/shutdown', headers: { Origin: 'http://127.0.0.1:4566' } }, '403'],
]; // prettier-ignore

describe('the guard of the HTTP port', () => {
  for (const [what, given, outcome] of cases) {
    it(`${outcome === 'pass' ? 'lets in' : `answers ${outcome} to`} ${what}`, () => {
      assert.equal(verdict(given), outcome);
    });
  }

  it('tells who knows the secret', () => {
    const judge = (headers: string[]) =>
      guard({ remoteAddress: '::1', method: 'GET', target: '/_sandbox/health', headers, upgrade: false });
    const host = ['Host', 'localhost:4566'];
    assert.deepEqual(judge([...host, 'x-sandbox-secret', SECRET]), {
      pass: true,
      target: { path: '/_sandbox/health', query: '' },
      trusted: true,
    });
    assert.deepEqual(judge(host), {
      pass: true,
      target: { path: '/_sandbox/health', query: '' },
      trusted: false,
    });
  });

  it('never throws, whatever comes @slow', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.constantFrom('//', '*', 'http://[', '/?a=%'),
    );
    fc.assert(
      fc.property(text, text, fc.array(text), fc.boolean(), (target, method, headers, upgrade) => {
        const judged = guard({ remoteAddress: '127.0.0.1', method, target, headers, upgrade });
        return typeof judged.pass === 'boolean';
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a request target', () => {
  it('is cut at the first question mark, still encoded', () => {
    assert.deepEqual(splitTarget('/a%2Fb?c=%2F?d'), {
      authority: undefined,
      path: '/a%2Fb',
      query: 'c=%2F?d',
    });
    assert.deepEqual(splitTarget('http://localhost?a'), { authority: 'localhost', path: '/', query: 'a' });
  });
});

describe('a name of this machine', () => {
  it('is localhost, a name under it, or a loopback address, with a port or none', () => {
    const names = [
      'localhost',
      'LOCALHOST:80',
      'cms.localhost:4566',
      '127.0.0.1',
      '127.9.8.7:1',
      '[::1]:4566',
    ];
    for (const name of names) assert.ok(isLoopbackHost(name), name);
    for (const name of [
      'localhost.evil.example', '127.0.0.1.evil.example', '127.1', '127.0.0.256', '0.0.0.0', '2130706433', '.localhost',
      'a..localhost', 'localhost:', 'localhost:99999', 'localhost:1x', 'a@localhost', 'localhost/', '[::]', '[::1',
      '::1', '[127.0.0.1]:x', '',
    ]) assert.ok(!isLoopbackHost(name), name); // prettier-ignore
  });
});
