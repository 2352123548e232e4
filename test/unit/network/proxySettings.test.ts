import assert from 'node:assert/strict';
import { isCmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { findWay, proxyName, readProxySettings, wayTo } from '../../../src/network/proxySettings.ts';

const aws = { secure: true, host: 'iot.us-west-2.amazonaws.com', port: 443 };
const urlTo = (env: Record<string, string>, target = aws): string | undefined =>
  wayTo(readProxySettings(env), target)?.url;

describe('the proxy of the environment', () => {
  it('is the one of the scheme, else the one for all', () => {
    const env = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://p:2', ALL_PROXY: 'http://a:3' };
    assert.equal(urlTo(env), 'http://s:1/');
    assert.equal(urlTo(env, { ...aws, secure: false, port: 80 }), 'http://p:2/');
    assert.equal(urlTo({ ALL_PROXY: 'http://a:3' }), 'http://a:3/');
    assert.equal(urlTo({ HTTP_PROXY: 'http://p:2' }), undefined);
    assert.equal(urlTo({}), undefined);
  });

  it('is read in small letters first, and an empty one is none', () => {
    assert.equal(urlTo({ https_proxy: 'http://small:1', HTTPS_PROXY: 'http://big:1' }), 'http://small:1/');
    assert.equal(urlTo({ https_proxy: '', HTTPS_PROXY: 'http://big:1' }), 'http://big:1/');
    assert.equal(urlTo({ HTTPS_PROXY: ' ' }), undefined);
  });

  it('with a password that cannot be read is refused with what to write, and without the password', () => {
    assert.throws(
      () => urlTo({ HTTPS_PROXY: 'http://user:50%off@proxy:3128' }),
      (error) => {
        assert.ok(isCmsError(error));
        const text = `${english(error.sentence)} ${english(error.remedy!)}`;
        assert.equal(error.code, 'REQUEST_INVALID');
        assert.match(text, /HTTPS_PROXY .*%25/);
        assert.doesNotMatch(text, /50%off/);
        return true;
      },
    );
  });

  it('needs no scheme, and may be a SOCKS proxy', () => {
    assert.equal(urlTo({ HTTPS_PROXY: 'proxy.corp.test:3128' }), 'http://proxy.corp.test:3128/');
    assert.equal(urlTo({ ALL_PROXY: 'socks5h://proxy.corp.test:1080' }), 'socks5h://proxy.corp.test:1080');
  });

  it('is not for this machine, nor for what NO_PROXY names', () => {
    const env = { HTTPS_PROXY: 'http://s:1', NO_PROXY: '.amazonaws.com:8883' };
    for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]', 'sandbox.localhost'])
      assert.equal(urlTo(env, { ...aws, host }), undefined, host);
    assert.equal(urlTo(env), 'http://s:1/');
    assert.equal(urlTo(env, { ...aws, port: 8883 }), undefined);
  });

  it('that is no address is refused by its name, and its password is not said', () => {
    for (const value of ['ftp://u:hunter2@proxy:21', 'http://u:hunter2@', 'http://u:hunter2@pro xy']) {
      assert.throws(
        () => readProxySettings({ HTTPS_PROXY: value }),
        (error) => {
          assert.ok(isCmsError(error));
          assert.equal(error.code, 'REQUEST_INVALID');
          assert.match(error.message, /^HTTPS_PROXY /);
          assert.ok(!JSON.stringify([error.message, error.details]).includes('hunter2'));
          return true;
        },
      );
    }
  });

  it('that is a PAC file is called that, with where its proxy stands, for the environment and for an editor', () => {
    for (const value of [
      'http://wpad.corp.test/proxy.pac',
      'http://wpad.corp.test/wpad.dat?site=7',
      'pac+http://wpad.corp.test/any',
    ]) {
      for (const [read, where] of [
        [() => readProxySettings({ HTTPS_PROXY: value }), 'HTTPS_PROXY'],
        [() => readProxySettings({}, { proxy: value }), 'http.proxy'],
      ] as const)
        assert.throws(read, (error) => {
          assert.ok(isCmsError(error));
          assert.equal(error.code, 'REQUEST_INVALID');
          assert.ok(error.message.startsWith(`${where} points to a PAC file`), error.message);
          assert.match(english(error.remedy ?? ''), /after the word PROXY/);
          return true;
        });
    }
  });

  it('is named without user and password', () => {
    assert.equal(proxyName({ url: 'http://u:hunter2@proxy.corp.test:3128/' }), 'http://proxy.corp.test:3128');
  });
});

describe('the proxy of a system', () => {
  const saying = (said: string | Error) => ({
    system: () => (said instanceof Error ? Promise.reject(said) : Promise.resolve(said)),
    authorization: 'Basic eA==',
  });

  for (const [said, url] of [
    ['PROXY proxy.corp.test:3128; DIRECT', 'http://proxy.corp.test:3128/'],
    ['HTTPS proxy.corp.test:443', 'https://proxy.corp.test/'],
    ['SOCKS proxy.corp.test:1080', 'socks5h://proxy.corp.test:1080'],
    ['DIRECT', undefined],
    ['PROXY', undefined],
    ['', undefined],
    [new Error('nobody knows'), undefined],
  ] as const)
    it(`is ${url ?? 'none'} where it says ${String(said)}`, async () => {
      const settings = readProxySettings({}, saying(said));
      const way = await findWay(settings, aws);
      assert.equal(way?.url, url);
      assert.equal(way?.authorization, url === undefined ? undefined : 'Basic eA==');
      assert.deepEqual(wayTo(settings, aws), way, 'it is kept');
    });

  it('is asked with the address, and only where nothing is set and the host is not exempt', async () => {
    const asked: string[] = [];
    const editor = { system: (url: string) => (asked.push(url), Promise.resolve('PROXY p:1')) };
    await findWay(readProxySettings({ HTTPS_PROXY: 'http://env:1' }, editor), aws);
    await findWay(readProxySettings({ NO_PROXY: 'amazonaws.com' }, editor), aws);
    await findWay(readProxySettings({}, { ...editor, noProxy: ['amazonaws.com'] }), aws);
    await findWay(readProxySettings({}, editor), { ...aws, host: 'localhost' });
    assert.deepEqual(asked, []);
    await findWay(readProxySettings({}, editor), { ...aws, port: 8883 });
    assert.deepEqual(asked, [`https://${aws.host}:8883/`]);
  });
});

describe('the proxy of an editor', () => {
  const env = { HTTPS_PROXY: 'http://env:1', NO_PROXY: 'a.test' };
  it('goes before the environment, with its own list and header', () => {
    const settings = readProxySettings(env, {
      proxy: 'http://editor:2',
      noProxy: ['b.test'],
      authorization: 'Basic eA==',
    });
    assert.deepEqual(wayTo(settings, aws), { url: 'http://editor:2/', authorization: 'Basic eA==' });
    assert.equal(wayTo(settings, { ...aws, host: 'b.test' }), undefined);
    assert.equal(wayTo(settings, { ...aws, host: 'a.test' })?.url, 'http://editor:2/');
  });

  it('without a list of its own keeps NO_PROXY, and without a proxy the environment counts', () => {
    assert.equal(
      wayTo(readProxySettings(env, { proxy: 'http://editor:2', noProxy: [] }), { ...aws, host: 'a.test' }),
      undefined,
    );
    assert.equal(wayTo(readProxySettings(env, { proxy: '' }), aws)?.url, 'http://env:1/');
  });

  it('and its list exempt from the proxy of the environment, too, besides NO_PROXY', () => {
    const settings = readProxySettings(env, { noProxy: ['b.test'] });
    for (const host of ['a.test', 'b.test']) assert.equal(wayTo(settings, { ...aws, host }), undefined, host);
    assert.equal(wayTo(settings, aws)?.url, 'http://env:1/');
  });

  it('signs in to whatever proxy applies by its header, unless the address has a user', () => {
    const authorization = 'Basic eA==';
    assert.deepEqual(wayTo(readProxySettings(env, { authorization }), aws), {
      url: 'http://env:1/',
      authorization,
    });
    for (const settings of [
      readProxySettings({ HTTPS_PROXY: 'http://ann:pw@env:1' }, { authorization }),
      readProxySettings({}, { proxy: 'http://ann:pw@env:1', authorization }),
    ])
      assert.deepEqual(wayTo(settings, aws), { url: 'http://ann:pw@env:1/' });
  });
});
