import { randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { bitString, context, der, objectId, TAG, time, toPem } from './der.ts';
import type { NameParts } from './subject.ts';
import { keyIdOf, type SigningAlgorithm } from './x509.ts';

/** What all certificates of a CA have in common. */
export interface Issuer {
  key: KeyObject;
  algorithm: SigningAlgorithm;
  /** Name of the CA, DER, byte for byte as its certificate has it. */
  name: Uint8Array;
  /** Extensions, each whole in DER, before and behind the one that names the key of the vehicle. */
  before: readonly Uint8Array[];
  behind: readonly Uint8Array[];
}

export interface SigningOrder {
  subject: NameParts;
  /** SPKI, DER, of an EC P-256 key. */
  publicKey: Uint8Array<ArrayBuffer>;
  notBefore: Date;
  notAfter: Date;
}

const signAside = promisify<string, Uint8Array, KeyObject, Buffer>(sign);

/** Signs a certificate (RFC 5280, section 4.1). PEM. The signature is made beside this thread. */
export async function signCertificate(
  { key, algorithm, name, before, behind }: Issuer,
  { subject, publicKey, notBefore, notAfter }: SigningOrder,
): Promise<string> {
  const kind = ALGORITHMS[`${algorithm.name} ${algorithm.hash}`];
  if (kind === undefined) throw new Error(`no certificates are signed by ${algorithm.name}`);
  const keyId = der(TAG.octetString, Buffer.from(keyIdOf(publicKey), 'hex'));
  const named = der(TAG.sequence, SUBJECT_KEY_ID, der(TAG.octetString, keyId));
  const toBeSigned = der(
    TAG.sequence,
    VERSION_3,
    der(TAG.integer, Buffer.from(serialNumber(), 'hex')),
    kind,
    name,
    der(TAG.sequence, time(notBefore), time(notAfter)),
    nameOf(subject),
    publicKey,
    der(context(3), der(TAG.sequence, ...before, named, ...behind)),
  );
  const signature = await signAside(algorithm.hash.replace('-', ''), toBeSigned, key);
  return toPem('CERTIFICATE', der(TAG.sequence, toBeSigned, kind, bitString(signature)));
}

/** Positive, and long enough that two never meet (RFC 5280, section 4.1.2.2). */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function nameOf(parts: NameParts): Buffer {
  const entries = parts.flatMap(Object.entries<NameParts[number][string]>);
  return der(
    TAG.sequence,
    ...entries.flatMap(([type, values]) =>
      values.map((value) => {
        const [tag, text] =
          'utf8String' in value
            ? [TAG.utf8String, value.utf8String]
            : [TAG.printableString, value.printableString];
        const id = objectId(ATTRIBUTES[type] ?? type);
        return der(TAG.set, der(TAG.sequence, id, der(tag, Buffer.from(text))));
      }),
    ),
  );
}

const VERSION_3 = der(context(0), der(TAG.integer, Buffer.of(2)));
const SUBJECT_KEY_ID = objectId('2.5.29.14');
/** X.520, as RFC 5280 (appendix A.1) has them. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  ...{ CN: '2.5.4.3', C: '2.5.4.6', ST: '2.5.4.8', O: '2.5.4.10', OU: '2.5.4.11' },
};
/** RFC 5758, section 3.2; RFC 4055, section 5, where the parameters are NULL. */
const ALGORITHMS: Readonly<Record<string, Buffer>> = {
  'ECDSA SHA-256': der(TAG.sequence, objectId('1.2.840.10045.4.3.2')),
  'ECDSA SHA-384': der(TAG.sequence, objectId('1.2.840.10045.4.3.3')),
  'RSASSA-PKCS1-v1_5 SHA-256': der(TAG.sequence, objectId('1.2.840.113549.1.1.11'), der(TAG.null)),
};
