import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { problemOf } from '../../../src/core/problem.ts';
import {
  forgetSecrets,
  keepPassingSecret,
  keepPrivateKey,
  keepSecret,
  redact,
  REDACTED,
  redacted,
} from '../../../src/core/secrets.ts';

const TOKEN = 'IQoJb3JpZ2luX2VjEHQaCXVzLWVhc3QtMSJHMEUCIQD/fake+token/With=Slashes+AndMore==';
const PASSWORD = 'p<a>"ss\\ & wörd 1';

const lines = (value: string, width: number, end: string): string =>
  (value.match(new RegExp(`[^]{1,${width}}`, 'g')) ?? []).join(end);

const SPELLINGS: Readonly<Record<string, (value: string) => string>> = {
  'as it is': (it) => it,
  'in a URL': encodeURIComponent,
  'in a URL in a URL': (it) => encodeURIComponent(encodeURIComponent(it)),
  'in a form': (it) => new URLSearchParams({ it }).toString(),
  'in JSON': (it) => JSON.stringify(it),
  'in JSON in JSON': (it) => JSON.stringify(JSON.stringify({ it })),
  'in HTML': (it) =>
    it.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;'),
  'in Base64': (it) => Buffer.from(it).toString('base64'),
  'in Base64 with a byte before it': (it) => Buffer.from(`:${it}`).toString('base64'),
  'in Base64 with two bytes before it': (it) => Buffer.from(`u:${it}`).toString('base64'),
  'in Base64 for URLs': (it) => Buffer.from(it).toString('base64url'),
  'in hexadecimal': (it) => Buffer.from(it).toString('hex'),
};

describe('A secret of this process', () => {
  beforeEach(forgetSecrets);
  afterEach(forgetSecrets);

  for (const [name, spell] of Object.entries(SPELLINGS)) {
    it(`is not shown ${name}`, () => {
      for (const secret of [TOKEN, PASSWORD]) {
        keepSecret(secret);
        const shown = redact(`said ${spell(secret)} back`);
        assert.ok(shown.startsWith('said ') && shown.endsWith(' back'), shown);
        assert.ok(shown.includes(REDACTED), shown);
        assert.ok(shown.length < 40, shown);
      }
    });
  }

  it('is not shown in lines, or cut short', () => {
    keepSecret(TOKEN);
    for (const end of ['\n', '\r\n  ', '\\n', '\\r\\n'])
      assert.equal(redact(`<${lines(TOKEN, 24, end)}>`), `<${REDACTED}>`);
    assert.equal(redact(`${TOKEN.slice(0, 40)}…`), `${REDACTED}…`);
  });

  it('is replaced in plain data, names too, and nothing else is', () => {
    keepSecret(TOKEN);
    const date = new Date(0);
    assert.deepEqual(redacted({ [TOKEN]: [`a ${TOKEN}`, 1, null, date] }), {
      [REDACTED]: [`a ${REDACTED}`, 1, null, date],
    });
  });

  it('is in no error, and in none that goes to another process', () => {
    keepSecret(TOKEN);
    const error = new CmsError('INTERNAL', l10n.t('It said {text}.', { text: TOKEN }), {
      remedy: l10n.verbatim(TOKEN),
      details: { text: TOKEN },
    });
    assert.equal(error.message, `It said ${REDACTED}.`);
    assert.ok(!JSON.stringify(problemOf(error)).includes(TOKEN));
  });

  it('replaces no words and numbers when it is short or a word itself', () => {
    for (const short of ['a', 'test', '12345']) keepSecret(short);
    assert.equal(redact('a test of 12345'), 'a test of 12345');
    keepSecret('123456');
    keepSecret('vehicles');
    assert.equal(redact('1234567 x123456 code 123456.'), `1234567 x123456 code ${REDACTED}.`);
    assert.equal(redact('myvehicles vehicles'), `myvehicles ${REDACTED}`);
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, maxLength: 60 }), fc.string(), (secret, around) => {
        forgetSecrets();
        fc.pre(secret.trim().length >= 12 && !around.includes(secret));
        keepSecret(secret);
        for (const text of [secret, encodeURIComponent(secret), JSON.stringify(secret)])
          assert.ok(!redact(`${around} ${text} ${around}`).includes(text));
      }),
    );
  });

  it('may look escaped itself', () => {
    for (const secret of [
      '!  "     %00',
      'abc"defghijkl%00',
      'ab<c&d"efghij%41klm',
      'pa\\u0041ss"word%2541',
    ]) {
      forgetSecrets();
      keepSecret(secret);
      const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
      for (const text of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), html])
        assert.ok(!redact(`it said ${text}.`).includes(text), text);
    }
  });

  const KEYS = {
    'RSA in PKCS#8': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
    'RSA in PKCS#1': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs1',
      format: 'pem',
    }),
    'P-256 in PKCS#8': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
    'P-256 in SEC 1': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'sec1',
      format: 'pem',
    }),
  };
  for (const [name, exported] of Object.entries(KEYS)) {
    const pem = exported.toString();
    const body = pem.replaceAll(/-----.*-----|\s/g, '');
    const spellings = [
      pem,
      pem.replaceAll('\n', '\r\n'),
      JSON.stringify(pem),
      encodeURIComponent(pem),
      body,
      lines(body, 76, '\n'),
      lines(body, 40, '\\n'),
      Buffer.from(pem).toString('base64'),
      pem.slice(0, 120),
    ];
    it(`is a private key, ${name}, whether or not it is known`, () => {
      for (const known of [false, true]) {
        if (known) keepPrivateKey(pem);
        for (const spelling of spellings) {
          const shown = redact(`<${spelling}>`);
          assert.ok(/^<"?\[secret\]/.test(shown) && shown.length < 30, shown);
        }
      }
      for (const line of pem
        .split('\n')
        .slice(2, -2)
        .filter((it) => it.length > 20))
        assert.equal(redact(`line: ${line}`), `line: ${REDACTED}`);
    });
  }

  it('is a password in an address, a signature, a token in a header, without being known', () => {
    assert.equal(redact('http://me:pa55@proxy:8080/x'), `http://me:${REDACTED}@proxy:8080/x`);
    assert.equal(
      redact('wss://h/mqtt?X-Amz-Signature=00ff00ff00&b'),
      `wss://h/mqtt?X-Amz-Signature=${REDACTED}&b`,
    );
    assert.equal(redact('Bearer abcdefghijklmnop.qrst'), `Bearer ${REDACTED}`);
    for (const plain of ['http://host:8080/a@b', 'arn:aws:iot:us-west-2:1:thing/x', 'a://b/c:d'])
      assert.equal(redact(plain), plain);
  });

  it('is forgotten when thousands of others came after it, unless it is a lasting one @slow', () => {
    keepSecret('a lasting secret of this process');
    for (let i = 0; i < 20_100; i++) keepPassingSecret(`passing-secret-number-${i}`);
    assert.ok(redact('the passing-secret-number-20099').endsWith(REDACTED));
    assert.equal(redact('a lasting secret of this process'), REDACTED);
  });
});
