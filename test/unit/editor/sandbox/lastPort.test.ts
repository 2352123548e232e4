import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { lastPort } from '../../../../src/editor/sandbox/lastPort.ts';

describe('The port of a server that is started again', () => {
  it('is the one the setting says', async () => {
    assert.equal(await lastPort(4566, 'http://127.0.0.1:40000'), 4566);
  });

  it('is any, the first time', async () => {
    assert.equal(await lastPort(0, undefined), 0);
  });

  it('is that of last time when the setting leaves it open, unless somebody has it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    assert.equal(await lastPort(0, `localhost:${port}`), 0);
    other.close();
    await once(other, 'close');
    assert.equal(await lastPort(0, `localhost:${port}`), port);
    assert.equal(await lastPort(0, `http://127.0.0.1:${port}/`), port);
  });
});
