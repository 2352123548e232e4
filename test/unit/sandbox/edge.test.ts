import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { AwsError, type HttpRequest, type HttpService } from '../../../src/sandbox/kernel/http.ts';
import { createEdge, type Edge } from '../../../src/sandbox/kernel/edge/edge.ts';
import { isAdministration } from '../../../src/sandbox/kernel/edge/target.ts';
import { createInstallations } from '../../../src/sandbox/installations/installations.ts';
import { createAws } from '../../../src/sandbox/services/services.ts';
import { unclaimed } from '../../../src/sandbox/services/unclaimed.ts';
import { createSts } from '../../../src/sandbox/services/sts/sts.ts';
import { createTestContext, noDevices, type TestContext } from '../../support/sandboxContext.ts';
import { until } from '../../support/until.ts';

const SECRET = 'the-secret-of-this-start-43-characters-long';
const SIGNED =
  'AWS4-HMAC-SHA256 Credential=AKIA/20240501/eu-west-1/iot/aws4_request, SignedHeaders=host, Signature=00';

/** What the services of AWS claim, asked of themselves. */
const real = createAws(createTestContext(), noDevices);
const settings = { cdf: { eventDelayMs: 0, assetLibraryAuth: 'none' as const } };
const all = [...createInstallations(createTestContext(), real, settings).services, ...real.services];
/** What of a service the port uses, but for its work. */
function like(name: string): Pick<HttpService, 'claims' | 'tooFast' | 'rates'> {
  const service = all.find((each) => each.name === name)!;
  const { tooFast, rates = [] } = service;
  return { claims: (request) => service.claims(request), tooFast, rates };
}

describe('the HTTP port of the sandbox', () => {
  let context: TestContext;
  let edge: Edge;
  let port: number;
  let seen: { service: string; request: HttpRequest }[];
  const behaviour: { run?: () => Promise<void> } = {};

  /** Answers every call with its own name, in an error shape of its own. */
  function service(name: string, options: Partial<HttpService> = {}): HttpService {
    return {
      name,
      operations: [],
      tooFast: { code: 'TooFast', message: '', status: 429 },
      unknownStatus: 404,
      claims: () => true,
      operation: (request) => `${request.method} ${request.path}`,
      unsigned: () => false,
      async handle(operation, request) {
        seen.push({ service: name, request });
        await behaviour.run?.();
        return { status: 200, body: `${name} ${operation}` };
      },
      error: ({ code, message, status }) => ({ status, body: JSON.stringify({ from: name, code, message }) }),
      ...options,
    };
  }

  beforeEach(async () => {
    seen = [];
    delete behaviour.run;
    context = createTestContext();
    edge = createEdge(
      context,
      [
        service('sandbox', { unsigned: () => true, claims: isAdministration }),
        service('facade', {
          ...like('facade'),
          claims: (r) => r.path.startsWith('/execute-api/abc/'),
          unsigned: () => true,
        }),
        service('cognito-idp', {
          ...like('cognito-idp'),
          operation: (r) => r.headers['x-amz-target']?.split('.')[1] ?? r.path,
          unsigned: (operation) => operation === 'SignUp' || operation.includes('.well-known'),
        }),
        createSts(context).service,
        service('iotdata', like('iot-data')),
        service('iot', like('iot')),
      ],
      { secret: SECRET, unclaimed },
    );
    port = await edge.listen(0);
  });
  afterEach(() => edge.close());

  interface Reply {
    status: number;
    headers: http.IncomingHttpHeaders;
    text: string;
  }
  function call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = http.request(
        { port, host: '127.0.0.1', method, path, headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
  const signed = { authorization: SIGNED };
  const withSecret = { 'x-sandbox-secret': SECRET };
  /** Raw bytes in, everything that comes back until the connection closes. */
  function raw(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.setEncoding('utf8').on('data', (part: string) => (text += part));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
  }

  describe('routes', () => {
    it('by the target header to Cognito, whatever the scope of the signature', async () => {
      const reply = await call('POST', '/', {
        ...signed,
        'x-amz-target': 'AWSCognitoIdentityProviderService.ListUsers',
      });
      assert.equal(reply.text, 'cognito-idp ListUsers');
    });

    it('by the version of a form to a Query service', async () => {
      const reply = await call('POST', '/', signed, 'Action=GetCallerIdentity&Version=2011-06-15');
      assert.match(reply.text, /<Account>123456789012<\/Account>/);
    });

    it('by path to IoT, its data plane, the JWKS, the administration and the CMS', async () => {
      const paths = {
        '/things/a': 'iot',
        '/topics/dt/cvra/x/cardata?qos=1': 'iotdata',
        '/retainedMessage/dt%2Fx': 'iotdata',
        '/retainedMessage?maxResults=1': 'iotdata',
        '/us-west-2_abc/.well-known/jwks.json': 'cognito-idp',
        '/_sandbox/health': 'sandbox',
        '/execute-api/abc/Prod/users': 'facade',
      };
      for (const [path, name] of Object.entries(paths)) {
        const reply = await call('GET', path, { ...signed, ...withSecret });
        assert.equal(reply.status, 200, path);
        assert.ok(reply.text.startsWith(`${name} `), `${path} went to ${reply.text}`);
      }
    });

    it('before percent-decoding: %2F stays inside its segment', async () => {
      await call('GET', '/execute-api/abc/Prod/groups/%2Fauto%2Fvehicles%2FVIN?a=%2F', signed);
      assert.equal(seen[0]!.request.path, '/execute-api/abc/Prod/groups/%2Fauto%2Fvehicles%2FVIN');
      assert.equal(seen[0]!.request.query.get('a'), '/');
      const encoded = await call('GET', '/%5Fsandbox/health', signed);
      // It is no path of the administration, nor of any service.
      assert.equal(encoded.status, 404);
    });

    it('takes a request in absolute form', async () => {
      const text = await raw(
        `GET http://127.0.0.1:${port}/things/a?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${SIGNED}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(text, /iot GET \/things\/a$/);
    });

    it('answers 403 for an API that is not there, and names what AWS does not know', async () => {
      assert.equal((await call('GET', '/execute-api/zzz/Prod/users')).status, 403);
      const host = await call('GET', '/prod/users', { host: `zzz.execute-api.us-west-2.localhost:${port}` });
      assert.deepEqual([host.status, host.headers['x-amzn-errortype']], [403, 'ForbiddenException']);
      assert.deepEqual(JSON.parse(host.text), { message: 'Forbidden' });
      const path = await call('GET', '/no/such/path', signed);
      assert.deepEqual([path.status, path.headers['x-amzn-errortype']], [404, 'UnknownOperationException']);
      const target = await call('POST', '/', { ...signed, 'x-amz-target': 'DynamoDB_20120810.ListTables' });
      assert.equal(target.headers['x-amzn-errortype'], 'UnknownOperationException');
      assert.equal(target.status, 400);
      assert.match(target.text, /^\{"__type":"UnknownOperationException",/);
      const version = await call('POST', '/', signed, 'Action=ListQueues&Version=2012-11-05');
      assert.equal(version.status, 404);
    });
  });

  describe('signatures', () => {
    it('are wanted where AWS wants them, in the error shape of the service', async () => {
      const reply = await call('GET', '/things/a');
      assert.equal(reply.status, 403);
      assert.deepEqual(JSON.parse(reply.text), {
        from: 'iot',
        code: 'MissingAuthenticationToken',
        message: 'Request is missing Authentication Token',
      });
      const query = await call('POST', '/', {}, 'Action=GetCallerIdentity&Version=2011-06-15');
      assert.equal(query.status, 403);
      assert.match(query.text, /<Type>Sender<\/Type><Code>MissingAuthenticationToken<\/Code>/);
    });

    it('are not wanted where AWS allows unsigned calls', async () => {
      const reply = await call('POST', '/', { 'x-amz-target': 'AWSCognitoIdentityProviderService.SignUp' });
      assert.equal(reply.status, 200);
    });

    it('do not pass for a token of another kind or half a signature', async () => {
      for (const authorization of ['eyJhbGciOi', 'Bearer x', 'AWS4-HMAC-SHA256 Credential=AKIA/x']) {
        assert.equal((await call('GET', '/things/a', { authorization })).status, 403);
      }
    });

    it('count in the query of a presigned URL', async () => {
      await call(
        'GET',
        '/things/a?X-Amz-Credential=AKIA%2F20240501%2Fus-east-2%2Fiot%2Faws4_request&X-Amz-Signature=00',
      );
      assert.equal(seen[0]!.request.region, 'us-east-2');
    });

    it('name the region of the call', async () => {
      await call('GET', '/things/a', signed);
      assert.equal(seen[0]!.request.region, 'eu-west-1');
      await call('GET', '/execute-api/abc/Prod/x');
      assert.equal(seen[1]!.request.region, 'us-west-2');
    });
  });

  describe('guards', () => {
    it('let loopback names pass as Host', async () => {
      for (const host of [
        'localhost',
        'localhost:4566',
        '127.0.0.1:1',
        '[::1]:4566',
        'cms.localhost:80',
        'LOCALHOST',
      ]) {
        assert.equal((await call('GET', '/_sandbox/health', { host })).status, 200, host);
      }
    });

    it('refuse any other Host, against DNS rebinding', async () => {
      for (const host of [
        'evil.example',
        'localhost.evil.example',
        '127.0.0.1.evil.example',
        '10.0.0.1',
        'a@localhost',
      ]) {
        const reply = await call('GET', '/_sandbox/health', { host });
        assert.ok(reply.status === 403 || reply.status === 400, `${host}: ${reply.status}`);
      }
      assert.deepEqual(seen, []);
    });

    it('refuse what web pages of other origins send, other ports of this machine included', async () => {
      for (const origin of [
        'https://evil.example',
        'null',
        'http://localhost.evil.example',
        'http://localhost:3000',
      ]) {
        const page = { ...signed, ...withSecret, origin };
        assert.equal((await call('POST', '/_sandbox/reset', page)).status, 403, origin);
        assert.equal((await call('POST', '/execute-api/abc/Prod/users', page)).status, 403, origin);
      }
      for (const site of ['cross-site', 'same-site']) {
        // What an image of a page does: a GET without an origin.
        const image = await call('GET', '/things/a', { ...signed, 'sec-fetch-site': site });
        assert.equal(image.status, 403, site);
      }
      assert.deepEqual(seen, []);
      const origin = `http://127.0.0.1:${port}`;
      assert.equal((await call('POST', '/_sandbox/reset', { ...withSecret, origin })).status, 200);
    });

    it('never tell a page that it may', async () => {
      for (const path of ['/_sandbox/reset', '/execute-api/abc/Prod/users', '/things/a']) {
        const reply = await call('OPTIONS', path, {
          origin: 'http://localhost:3000',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,x-sandbox-secret',
        });
        assert.equal(reply.status, 403);
        assert.deepEqual(
          Object.keys(reply.headers).filter((name) => name.startsWith('access-control-')),
          [],
        );
      }
    });

    it('let browsers see the page, also when a link of another page led there, and nothing but the page', async () => {
      const page = '/_sandbox/ui';
      const link = {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      };
      assert.equal((await call('GET', page)).status, 200);
      assert.equal((await call('GET', page, { 'sec-fetch-site': 'same-origin' })).status, 200);
      assert.equal((await call('GET', page, link)).status, 200);
      const before = seen.length;
      for (const [method, path, headers] of [
        ['GET', page, { ...link, 'sec-fetch-dest': 'iframe' }],
        ['GET', page, { ...link, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
        ['GET', page, { ...link, origin: 'http://localhost:3000' }],
        ['GET', page, { host: 'evil.example' }],
        ['GET', page, { 'x-sandbox-secret': 'wrong' }],
        ['POST', page, link],
        ['GET', '/_sandbox/health', link],
        ['GET', `${page}/`, {}],
      ] as const) {
        assert.equal(
          (await call(method, path, headers)).status,
          403,
          `${method} ${path} ${JSON.stringify(headers)}`,
        );
      }
      assert.equal(seen.length, before);
    });

    it('want the secret for the administration, but for the bare health and the proof', async () => {
      for (const [method, path] of [
        ['POST', '/_sandbox/reset'],
        ['DELETE', '/_sandbox/faults'],
        ['GET', '/_sandbox/vehicles/V/messages'],
        ['GET', '/_sandbox'],
        ['POST', '/_sandbox/health'],
      ] as const) {
        for (const secret of [undefined, 'wrong', SECRET.slice(1), `${SECRET}x`]) {
          const headers = secret === undefined ? signed : { ...signed, 'x-sandbox-secret': secret };
          assert.equal((await call(method, path, headers)).status, 403, `${path} with ${String(secret)}`);
        }
      }
      assert.deepEqual(
        seen.map(({ service }) => service),
        [],
      );
      assert.equal((await call('GET', '/_sandbox/health', { 'x-sandbox-secret': 'wrong' })).status, 403);
      for (const path of ['/_sandbox/health', '/_sandbox/proof?nonce=x']) {
        assert.equal((await call('GET', path)).status, 200);
        assert.equal(seen.at(-1)!.request.trusted, false);
      }
      await call('GET', '/_sandbox/health', withSecret);
      assert.equal(seen.at(-1)!.request.trusted, true);
    });

    it('ask for nothing before they have looked: a body that waits for 100 Continue', async () => {
      const head = (origin: string): string =>
        `POST /execute-api/abc/Prod/users HTTP/1.1\r\nHost: localhost:${port}\r\n${origin}Authorization: x\r\n` +
        'Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
      const refused = await raw(head('Origin: http://evil.example\r\n'));
      assert.match(refused, /^HTTP\/1\.1 403 /);
      assert.match(await raw(head('')), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
      assert.match(await raw(head('').replace('100-continue', 'more')), /^HTTP\/1\.1 417 /);
      assert.match(
        await raw(`CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`),
        /^HTTP\/1\.1 405 /,
      );
    });

    it('are not reachable from another address of the machine', async () => {
      const address = (await import('node:os')).networkInterfaces();
      const other = Object.values(address)
        .flat()
        .find((a) => a?.family === 'IPv4' && !a.internal)?.address;
      if (other === undefined) return;
      await assert.rejects(
        new Promise((resolve, reject) => {
          const socket = net.connect(port, other, () => resolve(socket.destroy()));
          socket.on('error', reject);
        }),
        { code: 'ECONNREFUSED' },
      );
    });
  });

  describe('survives', () => {
    afterEach(async () => {
      assert.equal((await call('GET', '/_sandbox/health')).status, 200);
    });

    it('a body announced as too large @slow', async () => {
      const text = await raw(
        `POST /things/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: x\r\nContent-Length: 99999999999\r\n\r\n` +
          'x'.repeat(1000),
      );
      assert.match(text, /^HTTP\/1\.1 413 /);
      assert.deepEqual(seen, []);
    });

    it('a body that turns out too large', async () => {
      const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
      const text = await raw(
        `POST /things/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(11)}0\r\n\r\n`,
      );
      assert.match(text, /^HTTP\/1\.1 413 /);
      assert.deepEqual(seen, []);
    });

    it('headers that are too large', async () => {
      const text = await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`);
      assert.match(text, /^HTTP\/1\.1 431 /);
    });

    for (const [what, bytes] of [
      ['what is no HTTP', '\u0016\u0003\u0001\u0002\u0000\r\n\r\n'],
      ['a target that is no path', 'GET ../etc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
      [
        'two lengths',
        'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ] as const) {
      it(what, async () => {
        assert.match(await raw(bytes), /^HTTP\/1\.1 400 /);
        assert.deepEqual(seen, []);
      });
    }

    it('bad percent-encoding and bytes that are no text', async () => {
      assert.equal((await call('GET', '/things/%ZZ%', signed)).status, 404);
      assert.equal((await call('POST', '/', signed, 'Action=%ZZ&Version=2011-06-15')).status, 400);
    });

    it('a client that goes away in the middle of its body', async () => {
      await new Promise<void>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => {
          socket.write('POST /things/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc', () => {
            socket.destroy();
            resolve();
          });
        });
      });
      assert.deepEqual(seen, []);
    });
  });

  describe('faults', () => {
    it('answer with an error in the shape of the service', async () => {
      context.faults.add({
        operation: 'iot:GET /things/a',
        count: 1,
        action: { kind: 'error', code: 'ResourceNotFoundException', message: 'gone', status: 404 },
      });
      const reply = await call('GET', '/things/a', signed);
      assert.equal(reply.status, 404);
      assert.deepEqual(JSON.parse(reply.text), {
        from: 'iot',
        code: 'ResourceNotFoundException',
        message: 'gone',
      });
      assert.deepEqual(seen, []);
      assert.equal((await call('GET', '/things/a', signed)).status, 200);
    });

    it('throttle as each service words it', async () => {
      context.faults.add({ operation: '*', count: 4, action: { kind: 'throttle' } });
      const iot = await call('GET', '/things/a', signed);
      assert.match(iot.text, /"ThrottlingException"/);
      const cognito = await call('POST', '/', {
        ...signed,
        'x-amz-target': 'AWSCognitoIdentityProviderService.ListUsers',
      });
      assert.match(cognito.text, /"TooManyRequestsException"/);
      const sts = await call('POST', '/', signed, 'Action=GetCallerIdentity&Version=2011-06-15');
      assert.match(sts.text, /<Code>Throttling<\/Code><Message>Rate exceeded<\/Message>/);
      const facade = await call('GET', '/execute-api/abc/Prod/users');
      assert.equal(facade.status, 429);
      assert.match(facade.text, /Too Many Requests/);
    });

    it('reset the connection before the work', async () => {
      context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'reset', when: 'before' } });
      await assert.rejects(call('GET', '/things/a', signed), { code: 'ECONNRESET' });
      assert.deepEqual(seen, []);
    });

    it('reset the connection after the work', async () => {
      context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'reset', when: 'after' } });
      await assert.rejects(call('GET', '/things/a', signed), { code: 'ECONNRESET' });
      assert.equal(seen.length, 1);
    });

    it('hang until the sandbox closes', async () => {
      context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'hang' } });
      const waiting = assert.rejects(call('GET', '/things/a', signed), { code: 'ECONNRESET' });
      await until('the fault in the log', () => context.lines.some((line) => line.includes('fault hang')));
      await edge.close();
      await waiting;
      assert.deepEqual(seen, []);
      port = await edge.listen(0);
    });

    for (const [when, done] of [
      ['before-ack', 0],
      ['after-ack', 1],
    ] as const) {
      it(`made for MQTT drop the connection: ${when}`, async () => {
        context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'drop', when } });
        await assert.rejects(call('GET', '/things/a', signed), { code: 'ECONNRESET' });
        assert.equal(seen.length, done);
      });
    }

    it('made for MQTT swallow the answer to work that is done', async () => {
      context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'swallow' } });
      const waiting = assert.rejects(call('GET', '/things/a', signed), { code: 'ECONNRESET' });
      await until('the call', () => seen.length > 0);
      await edge.close();
      await waiting;
      port = await edge.listen(0);
    });

    it('made for MQTT answer an HTTP call once, however often', async () => {
      context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'twice' } });
      assert.equal((await call('GET', '/things/a', signed)).status, 200);
      assert.equal(seen.length, 1);
    });

    it('delay the answer, and then work as usual', async () => {
      context.faults.add({ operation: 'iot:*', count: 1, action: { kind: 'delay', ms: 5 } });
      assert.equal((await call('GET', '/things/a', signed)).status, 200);
    });

    it('never hit the administration', async () => {
      context.faults.add({ operation: '*', count: 1, action: { kind: 'hang' } });
      assert.equal((await call('DELETE', '/_sandbox/faults', withSecret)).status, 200);
    });
  });

  it('gives every answer a request id', async () => {
    const reply = await call('GET', '/things/a', signed);
    assert.match(String(reply.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
  });

  it("turns a service's AwsError into its error shape, and hides a failure of its own", async () => {
    behaviour.run = () => Promise.reject(new AwsError('DeleteConflictException', 'still attached', 409));
    assert.equal((await call('GET', '/things/a', signed)).status, 409);
    behaviour.run = () => Promise.reject(new Error('secret inner text'));
    const reply = await call('GET', '/things/a', signed);
    assert.equal(reply.status, 500);
    assert.match(reply.text, /InternalFailure/);
    assert.ok(!reply.text.includes('secret'));
    assert.ok(context.lines.some((line) => line.startsWith('error') && line.includes('secret inner text')));
  });

  it('logs neither tokens nor bodies', async () => {
    await call(
      'POST',
      '/execute-api/abc/Prod/users?token=q-secret',
      { authorization: 'h-secret' },
      'b-secret',
    );
    assert.ok(context.lines.length > 0);
    assert.ok(!context.lines.join('\n').includes('secret'));
  });

  it('sends no body with 204', async () => {
    context = createTestContext();
    const other = createEdge(
      context,
      [service('sandbox', { unsigned: () => true, handle: () => Promise.resolve({ status: 204 }) })],
      { secret: SECRET, unclaimed },
    );
    port = await other.listen(0);
    const reply = await call('GET', '/_sandbox/x', withSecret);
    await other.close();
    assert.equal(reply.status, 204);
    assert.equal(reply.headers['content-length'], undefined);
  });

  it('says which port is taken', async () => {
    const other = createEdge(context, [service('a')], { secret: SECRET, unclaimed });
    await assert.rejects(other.listen(port), { problem: 'port-taken', message: new RegExp(String(port)) });
  });

  it('enforces account rates unless limits are off', async () => {
    const limited = createTestContext();
    const open = createTestContext({ config: { limits: false } });
    for (const [where, refused] of [
      [limited, 5],
      [open, 0],
    ] as const) {
      const other = createEdge(
        where,
        [service('iot', { ...like('iot'), claims: () => true, operation: () => 'CreatePolicy' })],
        { secret: SECRET, unclaimed },
      );
      port = await other.listen(0);
      const replies = await Promise.all(
        Array.from({ length: 15 }, () => call('POST', '/policies/p', signed)),
      );
      await other.close();
      assert.equal(replies.filter((r) => r.text.includes('ThrottlingException')).length, refused);
    }
  });
});
