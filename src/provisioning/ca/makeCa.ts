import { webcrypto } from 'node:crypto';
import { l10n } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import { serialNumber } from './deviceCertificate.ts';
import { DAY_MS, EARLIER_MS, readCaKey, unusable } from './signingCa.ts';
import { nameOf, type SubjectRule } from './subject.ts';
import { ecKeysOf, loadX509, makeEcKey, plainPem } from './x509.ts';

export interface NewCa {
  commonName: string;
  rule: SubjectRule;
  /** From now. */
  days: number;
  /** Encrypts the key (PKCS#8, AES-256); without one its file mode is all that guards it. */
  passphrase: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** PEM of a key that an earlier run saved, and no certificate with it; a new one is made without. */
  privateKeyPem?: string | undefined;
}

/**
 * Makes a root CA, EC P-256. AWS IoT takes only certificates that say they are a CA (AWS IoT Developer Guide, "Manage
 * your CA certificates").
 */
export async function makeCa({ commonName, rule, days, passphrase, now, ...given }: NewCa): Promise<{
  certificatePem: string;
  privateKeyPem: string;
}> {
  const key = await caKey(given.privateKeyPem, passphrase);
  const { keys, privateKeyPem } = key;
  const { X509CertificateGenerator, BasicConstraintsExtension, KeyUsagesExtension, KeyUsageFlags, ...x509 } =
    await loadX509();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: new x509.Name(nameOf(commonName, rule)),
      notBefore: new Date(now - EARLIER_MS),
      notAfter: new Date(now + days * DAY_MS),
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return { certificatePem: `${certificate.toString('pem').trimEnd()}\n`, privateKeyPem };
}

/** A new key for a CA, or the one that was saved before its certificate was. */
async function caKey(
  saved: string | undefined,
  passphrase: string | undefined,
): Promise<{ keys: CryptoKeyPair; privateKeyPem: string }> {
  if (saved === undefined) {
    const { keys, privateKey } = await makeEcKey();
    const privateKeyPem =
      passphrase === undefined
        ? plainPem(privateKey)
        : privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
    keepPrivateKey(privateKeyPem);
    return { keys, privateKeyPem };
  }
  keepPrivateKey(saved);
  const keys = await ecKeysOf(await readCaKey(saved, () => Promise.resolve(passphrase ?? '')));
  if (keys !== undefined) return { keys, privateKeyPem: saved };
  throw unusable(
    l10n.t('The key of the CA is not one that was made here.'),
    l10n.t('Choose another folder (--ca-folder), or make its certificate with your own tools.'),
  );
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;
