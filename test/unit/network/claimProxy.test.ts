import assert from 'node:assert/strict';
import { isCmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { claimProxy } from '../../../src/network/claimProxy.ts';

const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

describe('the proxy for a claim', () => {
  it('is one of HTTP, with the login of its address or of the setting', () => {
    assert.deepEqual(claimProxy({ url: 'http://ann:p%40ss@proxy.corp.test:3128/' }), {
      secure: false,
      host: 'proxy.corp.test',
      port: 3128,
      login: { user: 'ann', password: 'p@ss' },
    });
    const { login } = claimProxy({ url: 'https://[fd12::1]/', authorization: basic('ann:a:b') });
    assert.deepEqual(login, { user: 'ann', password: 'a:b' });
    const both = claimProxy({ url: 'http://ann:pw@proxy.corp.test/', authorization: basic('bob:other') });
    assert.deepEqual(both.login, { user: 'ann', password: 'pw' });
    assert.equal(claimProxy({ url: 'https://[fd12::1]/' }).login, undefined);
    assert.equal(claimProxy({ url: 'https://[fd12::1]/' }).host, 'fd12::1');
  });

  for (const [what, server, remedy] of [
    ['SOCKS', { url: 'socks5://proxy.corp.test:1080' }, /^Set HTTPS_PROXY to an HTTP proxy/],
    [
      'a login that is not Basic',
      { url: 'http://proxy.corp.test:3128/', authorization: 'Negotiate YII=' },
      /one with a user name and a password/,
    ],
  ] as const)
    it(`is not ${what}, which is said with what helps`, () => {
      assert.throws(
        () => claimProxy(server),
        (error) => {
          assert.ok(isCmsError(error));
          assert.equal(error.code, 'REQUEST_INVALID');
          assert.match(
            error.message,
            /^MQTT for onboarding cannot go through the proxy \S+proxy\.corp\.test/,
          );
          assert.match(english(error.remedy ?? ''), remedy);
          return true;
        },
      );
    });
});
