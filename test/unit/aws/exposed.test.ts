import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { createConnection } from '../../../src/aws/createConnection.ts';
import { isExposed, refuseExposed } from '../../../src/aws/exposed.ts';
import { signedMqttUrl } from '../../../src/aws/signedMqttUrl.ts';
import { systemClock } from '../../../src/core/work.ts';
import { english } from '../../../src/core/wording.ts';

const KEYS = { accessKeyId: 'a', secretAccessKey: 'b' };
const TEMPORARY = { ...KEYS, sessionToken: 'c' };

function connect(endpoint: string, credentials: typeof KEYS = KEYS): Promise<Connection> {
  const time = { clock: systemClock, random: Math.random };
  return createConnection({ region: 'us-west-2', endpoint, credentials }, time);
}

describe('an address that others can listen to', () => {
  it('has no TLS and is another machine’s', () => {
    for (const url of [
      'http://192.0.2.1', 'http://example.com/x', 'HTTP://EXAMPLE.COM', 'ws://10.0.0.1/mqtt', 'http://0.0.0.0:1',
      'http://localhost.example.com', 'http://[2001:db8::1]:4566', 'http://127.0.0.1@evil.example', 'http://128.0.0.1',
    ]) assert.ok(isExposed(url), url); // prettier-ignore
    for (const url of [
      'https://example.com', 'wss://example.com', 'http://localhost:4566', 'http://LOCALHOST', 'http://cms.localhost',
      'http://127.0.0.1', 'http://127.8.9.1:1', 'http://127.1', 'http://[::1]:4566', 'http://[::ffff:127.0.0.1]',
      'nonsense', '', undefined,
    ]) assert.ok(!isExposed(url), url); // prettier-ignore
  });

  it('is refused in words that say where to, and what to do', () => {
    assert.throws(() => refuseExposed('http://192.0.2.1:4566', 'token'), {
      code: 'ENDPOINT_NOT_PRIVATE',
      message: 'A token would cross the network to 192.0.2.1:4566 unencrypted.',
    });
  });
});

describe('a connection to such an address', () => {
  it('is warned of', async () => {
    const { warning } = await connect('http://192.0.2.1:4566');
    assert.match(english(warning!), /192\.0\.2\.1:4566 is not encrypted/);
    assert.equal((await connect('http://127.0.0.1:4566')).warning, undefined);
    assert.equal((await connect('https://192.0.2.1:4566')).warning, undefined);
  });

  const refused = { code: 'ENDPOINT_NOT_PRIVATE' };
  it('takes no password, token or private key', async () => {
    const connection = await connect('http://192.0.2.1:4566');
    await assert.rejects(connection.cognito(), refused);
    const { CreateKeysAndCertificateCommand, CreateProvisioningClaimCommand } =
      await import('@aws-sdk/client-iot');
    const iot = await connection.iot();
    await assert.rejects(iot.send(new CreateKeysAndCertificateCommand()), refused);
    await assert.rejects(iot.send(new CreateProvisioningClaimCommand({ templateName: 't' })), refused);
    connection.dispose();
  });

  it('takes no token of CMS, whatever address a stack names', async () => {
    const connection = await connect('http://127.0.0.1:4566');
    for (const name of ['authorization', 'Authorization', 'cookie']) {
      const request = { method: 'GET', url: 'http://192.0.2.1/Prod', headers: { [name]: 'x' } } as const;
      await assert.rejects(connection.http().send(request), refused);
    }
    connection.dispose();
  });

  it('takes no session token of AWS', async () => {
    const connection = await connect('http://192.0.2.1:4566', TEMPORARY);
    await assert.rejects(connection.identity(), refused);
    await assert.rejects(signedMqttUrl(connection), refused);
    connection.dispose();
  });
});
