import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { isCmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { certificateIdOfPem, checkPair, examinePair, privateKeyIn } from '../../../src/provisioning/pair.ts';
import { makeAuthority, makePair } from '../../support/pairs.ts';

const check = { now: Date.now(), what: l10n.t('The certificate') };

describe('checking a key and certificate', () => {
  it('a good pair gives the certificate id AWS IoT would give', async () => {
    const pair = await makePair();
    assert.equal(checkPair(pair, check).certificateId, pair.certificateId);
    assert.equal(certificateIdOfPem(pair.certificatePem), pair.certificateId);
  });

  it("another certificate's key is refused", async () => {
    const [pair, other] = [await makePair(), await makePair()];
    assert.throws(() => checkPair({ ...pair, privateKeyPem: other.privateKeyPem }, check), {
      code: 'CERTIFICATE_UNUSABLE',
      message: /another certificate/,
    });
  });

  it('an expired certificate is refused with its date', async () => {
    const notAfter = new Date('2020-01-02T03:04:05Z');
    const pair = await makePair({ notBefore: new Date('2020-01-01T00:00:00Z'), notAfter });
    assert.throws(
      () => checkPair(pair, check),
      (error) => {
        assert.ok(isCmsError(error));
        assert.equal(error.code, 'CERTIFICATE_UNUSABLE');
        assert.match(error.message, /expired at 2020-01-02T03:04:05/);
        // A clock that is ahead looks the same, and is put right more easily.
        assert.match(
          english(error.remedy ?? ''),
          /^Check the date and time of this computer first: .*--replace/,
        );
        return true;
      },
    );
  });

  it('a certificate from the future is refused', async () => {
    const pair = await makePair({ notBefore: new Date(Date.now() + 3_000_000) });
    assert.throws(() => checkPair(pair, check), {
      code: 'CERTIFICATE_UNUSABLE',
      message: /not valid before/,
    });
  });

  it('a key with a passphrase is called that, in each form, and is not to be replaced', async () => {
    const pair = await makePair();
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'hunter2' };
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const forms = [
      createPrivateKey(pair.privateKeyPem).export({ type: 'pkcs8', format: 'pem', ...cipher }),
      rsa.export({ type: 'pkcs1', format: 'pem', ...cipher }),
    ];
    for (const privateKeyPem of forms.map(String)) {
      assert.throws(
        () => checkPair({ ...pair, privateKeyPem }, check),
        (error) => {
          assert.ok(isCmsError(error) && error.remedy !== undefined);
          assert.match(error.message, /is encrypted with a passphrase/);
          assert.match(english(error.remedy), /openssl pkey -in OLD -out NEW/);
          assert.doesNotMatch(english(error.remedy), /--replace/);
          return true;
        },
      );
    }
  });

  it('a key is found in a file that holds its certificate, too, in either order', async () => {
    const { certificatePem, privateKeyPem } = await makePair();
    const sec1 = createPrivateKey(privateKeyPem);
    for (const key of [privateKeyPem, sec1.export({ type: 'pkcs8', format: 'pem' }).toString()]) {
      for (const text of [
        `${certificatePem}${key}`,
        `${key}${certificatePem}`,
        `\ufeffBag Attributes\r\n${key}`,
      ]) {
        assert.equal(privateKeyIn(text).trim(), key.trim());
      }
    }
    assert.equal(privateKeyIn('nothing'), 'nothing');
  });

  it('a certificate behind those that signed it is called that, and is not to be replaced', async () => {
    const authority = await makeAuthority();
    const pair = await authority.client('vehicle');
    const chain = { ...pair, certificatePem: `${authority.rootPem}${pair.certificatePem}` };
    assert.throws(
      () => checkPair(chain, check),
      (error) => {
        assert.ok(isCmsError(error) && error.remedy !== undefined);
        assert.match(error.message, /is not first in its file/);
        assert.doesNotMatch(english(error.remedy), /--replace/);
        return true;
      },
    );
  });

  it('garbage is refused without being quoted', async () => {
    const pair = await makePair();
    const secret = 'c2VjcmV0';
    assert.throws(() => checkPair({ ...pair, certificatePem: secret }, check), {
      code: 'CERTIFICATE_UNUSABLE',
      message: 'The certificate cannot be read as PEM.',
    });
    for (const privateKeyPem of [
      secret,
      `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`,
      '',
    ]) {
      assert.throws(
        () => checkPair({ ...pair, privateKeyPem }, check),
        (error: Error) => !error.message.includes(secret) && error.cause === undefined,
      );
    }
    assert.equal(certificateIdOfPem('garbage'), undefined);
  });

  it('a certificate that names the root as issuer must be signed by it', async () => {
    const [authority, impostor] = [await makeAuthority(), await makeAuthority()];
    const pair = await authority.client('vehicle');
    assert.ok(checkPair(pair, { ...check, root: authority.rootPem }));
    assert.throws(() => checkPair(pair, { ...check, root: impostor.rootPem }), {
      code: 'CERTIFICATE_UNUSABLE',
      message: /not signed by it/,
    });
    const verdict = examinePair(pair, { ...check, root: impostor.rootPem });
    assert.ok(verdict.kind === 'unusable' && verdict.foreignIssuer);
    const foreign = await makePair();
    assert.ok(checkPair(foreign, { ...check, root: authority.rootPem }), 'an unknown issuer proves nothing');
  });
});
