import assert from 'node:assert/strict';
import { english } from '../../../src/core/wording.ts';
import { causeOf, causeOfCode } from '../../../src/network/causes.ts';
import { isMqttAlert } from '../../../src/network/handshake.ts';
import { remedyOf, whyOf } from '../../../src/network/causeWords.ts';

describe('the causes of what does not get through', () => {
  // By the manual pages of connect(2) and getaddrinfo(3), and OpenSSL's X509_V_ERR_* and SSL_R_*.
  const KINDS: Readonly<Record<string, string>> = {
    EACCES: 'forbidden',
    EPERM: 'forbidden',
    EADDRNOTAVAIL: 'no-address',
    EAI_FAIL: 'name-lookup-failed',
    UNSPECIFIED: 'untrusted',
    UNABLE_TO_GET_CRL: 'untrusted',
    CRL_HAS_EXPIRED: 'untrusted',
    HOSTNAME_MISMATCH: 'other-host',
    ERR_SSL_EE_KEY_TOO_SMALL: 'weak',
    EE_KEY_TOO_SMALL: 'weak',
    ERR_SSL_CA_KEY_TOO_SMALL: 'weak',
    CA_MD_TOO_WEAK: 'weak',
    ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls-refused',
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls-refused',
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'tls-refused',
    ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'no-mqtt',
    ERR_SSL_WRONG_VERSION_NUMBER: 'not-tls',
  };
  for (const [code, kind] of Object.entries(KINDS))
    it(`${code} is ${kind}, with words and a remedy`, () => {
      const cause = causeOf(new Error('outer', { cause: Object.assign(new Error('inner'), { code }) }));
      assert.equal(cause?.kind, kind);
      assert.notEqual(english(whyOf(cause)), '');
      assert.notEqual(english(remedyOf(cause)), '');
    });

  it('are what OpenSSL says where Node.js has EPROTO for it', () => {
    const said = (reason: string) =>
      Object.assign(
        new Error(
          `write EPROTO 40178E0F4F7F0000:error:0A000410:SSL routines:ssl3_read_bytes:${reason}:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1605:SSL alert number 40\n`,
        ),
        { code: 'EPROTO', syscall: 'write' },
      );
    for (const [reason, kind] of [
      ['ssl/tls alert handshake failure', 'tls-refused'],
      ['tlsv1 alert no application protocol', 'no-mqtt'],
      ['wrong version number', 'not-tls'],
      ['something new', 'not-tls'],
    ])
      assert.equal(causeOf(said(reason ?? ''))?.kind, kind, reason);
    assert.equal(isMqttAlert(said('tlsv13 alert certificate required')), true);
    assert.equal(isMqttAlert(said('tlsv1 alert no application protocol')), false);
    const bare = { code: 'EPROTO', reason: 'tlsv1 alert unknown ca' };
    assert.equal(causeOf(bare)?.kind, 'tls-refused');
    assert.equal(causeOf({ code: 'EPROTO' })?.kind, 'not-tls');
  });

  it('that are none of the network are none', () => {
    const file = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' });
    assert.equal(causeOf(file), undefined);
    assert.equal(causeOf(Object.assign(file, { syscall: 'connect' }))?.kind, 'forbidden');
    for (const code of ['ERR_INVALID_ARG_TYPE', 'ENOENT', ''])
      assert.equal(causeOfCode(code), undefined, code);
  });

  it('name how far the time of this computer is off a certificate', () => {
    const after = (ms: number) => new Date(Date.now() - ms).toUTCString();
    const words = (code: string, cert?: object) => {
      const cause = causeOfCode(code, cert);
      assert.ok(cause !== undefined);
      return english(whyOf(cause));
    };
    const MINUTE = 60_000;
    for (const [ms, difference] of [
      [5 * MINUTE, '5 minutes'],
      [3 * 60 * MINUTE, '3 hours'],
      [90 * 24 * 60 * MINUTE, '90 days'],
    ] as const) {
      const limit = new Date(Date.now() - ms).toISOString().slice(0, 10);
      const expired = words('CERT_HAS_EXPIRED', { valid_to: after(ms) });
      assert.ok(expired.includes(`: it ended ${difference} before, at ${limit} `), expired);
      const early = words('CERT_NOT_YET_VALID', { valid_from: after(-ms) });
      assert.ok(early.includes(`: it begins ${difference} later, at `), early);
    }
    for (const cert of [undefined, {}, { valid_to: 'never' }])
      assert.match(
        words('CERT_HAS_EXPIRED', cert),
        /has expired according to this computer’s clock \([^)]+\)$/,
      );
  });
});
