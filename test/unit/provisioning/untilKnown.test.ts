import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { refusedAtFirst, refusedForNow } from '../../../src/provisioning/untilKnown.ts';

describe('a first connect that is refused', () => {
  const refused = (tlsError?: string): CmsError =>
    new CmsError(
      'MQTT_CONNECT_REFUSED',
      l10n.t('The TLS handshake with {address} failed.', { address: 'x' }),
      {
        details: tlsError === undefined ? {} : { tlsError },
      },
    );

  for (const [what, error, again] of [
    ['a closed connection', refused(), true],
    ['an alert about the certificate', refused('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), true],
    ['an alert of TLS 1.3', refused('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), true],
    ['a server’s certificate that is not trusted', refused('SELF_SIGNED_CERT_IN_CHAIN'), false],
    ['a connection that is inspected', refused('inspected'), false],
  ] as const) {
    it(`${again ? 'is tried again' : 'is final'} after ${what}`, () => {
      assert.equal(refusedAtFirst(error), again);
    });
  }

  it('that an alert ends is final for a certificate that is known', () => {
    assert.equal(refusedForNow(refused('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA')), false);
  });
});
