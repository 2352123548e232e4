import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { createConnection } from '../../../src/aws/createConnection.ts';
import { createSession } from '../../../src/aws/cognito/session.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { startHttpServer } from '../../support/httpServer.ts';
import type { Answer, HttpServer } from '../../support/httpServer.ts';
import { testWork } from '../../support/works.ts';

const MINUTE = 60_000;
const json = { 'content-type': 'application/x-amz-json-1.1' };
const renewed: Answer = {
  headers: json,
  body: JSON.stringify({ AuthenticationResult: { IdToken: 'second', ExpiresIn: 3600 } }),
};

describe('the tokens of a sign-in', () => {
  const { signal } = new AbortController();
  let answer: Answer | undefined;
  let server: HttpServer;
  let connection: Connection;
  let time: number;

  beforeEach(async () => {
    answer = renewed;
    time = 0;
    server = await startHttpServer(() => answer);
    connection = await createConnection(
      {
        region: 'us-west-2',
        endpoint: server.url,
        credentials: { accessKeyId: 'A', secretAccessKey: 's' },
      },
      testWork(),
    );
  });
  afterEach(async () => {
    connection.dispose();
    await server.close();
  });

  function session() {
    const made = createSession(
      { connection, userPoolId: 'us-west-2_x', clientId: 'client' },
      { now: () => time },
    );
    made.start({ idToken: 'first', refreshToken: 'refresh', expiresAt: 60 * MINUTE });
    return made;
  }

  it('are used while more than five minutes are left', async () => {
    const tokens = session();
    time = 54 * MINUTE;
    assert.equal(await tokens.idToken(signal), 'first');
    assert.equal(server.requests.length, 0);
  });

  it('are renewed once for all who ask @slow', async () => {
    const tokens = session();
    time = 56 * MINUTE;
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => tokens.idToken(signal))), [
      'second',
      'second',
      'second',
    ]);
    assert.equal(server.requests.length, 1);
    assert.match(server.requests[0]!.body, /"AuthFlow":"REFRESH_TOKEN_AUTH"/);
  });

  it('are not renewed again for a token that is already old', async () => {
    const tokens = session();
    assert.equal(await tokens.renew('first', signal), 'second');
    assert.equal(await tokens.renew('first', signal), 'second');
    assert.equal(server.requests.length, 1);
  });

  it('say that the sign-in has ended when the refresh token is refused', async () => {
    const tokens = session();
    answer = {
      status: 400,
      headers: json,
      body: '{"__type":"NotAuthorizedException","message":"Refresh Token has expired"}',
    };
    await assert.rejects(
      tokens.renew('first', signal),
      (error: unknown) => error instanceof CmsError && error.code === 'CMS_UNAUTHORIZED',
    );
  });

  it('let one caller cancel without failing the others', async () => {
    const tokens = session();
    time = 56 * MINUTE;
    const control = new AbortController();
    const cancelled = tokens.idToken(control.signal);
    const other = tokens.idToken(signal);
    control.abort();
    await assert.rejects(
      cancelled,
      (error: unknown) => error instanceof CmsError && error.code === 'CANCELLED',
    );
    assert.equal(await other, 'second');
  });
});
