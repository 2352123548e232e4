import assert from 'node:assert/strict';
import { createTestHttp } from '../../support/testHttp.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { startHttpServer } from '../../support/httpServer.ts';

describe('HTTP of a connection', () => {
  const http = createTestHttp();
  after(() => http.close());

  const code = (wanted: string) => (error: unknown) => error instanceof CmsError && error.code === wanted;

  it('gives any status back with its text and headers', async () => {
    const server = await startHttpServer(() => ({ status: 500, headers: { 'X-A': 'b' }, body: '<html>' }));
    try {
      const reply = await http.send({ method: 'POST', url: `${server.url}/a%2Fb?c=d`, body: '{}' });
      assert.deepEqual([reply.status, reply.text, reply.headers['x-a']], [500, '<html>', 'b']);
      assert.equal(server.requests[0]!.url, '/a%2Fb?c=d');
    } finally {
      await server.close();
    }
  });

  it('gives up after its time', async () => {
    const server = await startHttpServer(() => undefined);
    try {
      await assert.rejects(
        http.send({ method: 'GET', url: server.url, timeoutMs: 50 }),
        (error: unknown) => code('ENDPOINT_UNREACHABLE')(error) && String(error).includes('in time'),
      );
    } finally {
      await server.close();
    }
  });

  it('ends at once when cancelled', async () => {
    const control = new AbortController();
    const server = await startHttpServer(() => {
      control.abort();
      return undefined;
    });
    try {
      await assert.rejects(
        http.send({ method: 'GET', url: server.url, signal: control.signal }),
        code('CANCELLED'),
      );
    } finally {
      await server.close();
    }
  });

  it('says that nothing listens', async () => {
    const server = await startHttpServer(() => ({}));
    await server.close();
    await assert.rejects(http.send({ method: 'GET', url: server.url }), code('ENDPOINT_UNREACHABLE'));
  });
});
