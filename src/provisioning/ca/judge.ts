import { createHash, X509Certificate } from 'node:crypto';
import { l10n, type Message } from '../../core/message.ts';

/** Vehicles that may come in, by the name of their thing. */
export type AllowList = ReadonlyMap<string, Allowed>;

/** What a newcomer's certificate has to be, besides named right; undefined = anything. */
export interface Allowed {
  readonly vin: string;
  readonly thingName: string;
  readonly certificateId: string | undefined;
  readonly serialNumber: string | undefined;
  readonly publicKey: string | undefined;
}

/** Whether a list says which certificate the vehicle has, or which key: nobody else can make one like it. */
export function namesCertificate({ certificateId, publicKey }: Allowed): boolean {
  return certificateId !== undefined || publicKey !== undefined;
}

export type Judgment =
  /** `publicKey`: SHA-256 of it (SPKI, DER) in hex. */
  | { allowed: true; entry: Allowed; publicKey: string }
  /** `revocable`: whether it can never be one that the list lets in. */
  | { allowed: false; why: Message; revocable: boolean };

/** What is known of a certificate that asks to come in. */
export interface Judged {
  certificateId: string;
  pem: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

/** Whether a certificate is one that the list lets in. */
export function judgeNewcomer(list: AllowList, { certificateId, pem, now }: Judged): Judgment {
  const no = (why: Message, revocable = true): Judgment => ({ allowed: false, why, revocable });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem ?? '');
  } catch {
    // It may be of a vehicle in the list, and none comes back from being revoked.
    return no(l10n.t('its certificate cannot be read'), false);
  }
  const name: unknown = certificate.toLegacyObject().subject.CN;
  if (typeof name !== 'string') return no(l10n.t('its subject does not have one common name'));
  const entry = list.get(name);
  if (entry === undefined) return no(l10n.t('{name} is not in the list', { name }));
  if (entry.certificateId !== undefined && entry.certificateId !== certificateId) {
    return no(l10n.t('{name} is in the list with another certificate', { name }));
  }
  const serial = certificate.serialNumber.toLowerCase().replace(/^0+/, '');
  if (entry.serialNumber !== undefined && entry.serialNumber.replace(/^0+/, '') !== serial) {
    return no(l10n.t('{name} is in the list with another serial number', { name }));
  }
  const publicKey = publicKeyOf(certificate);
  if (entry.publicKey !== undefined && entry.publicKey !== publicKey) {
    return no(l10n.t('{name} is in the list with another public key', { name }));
  }
  const why = notNow(certificate, now);
  // The clock of whoever looks may be wrong.
  return why === undefined ? { allowed: true, entry, publicKey } : no(why, false);
}

/** Why a key that another vehicle came in with is refused. */
export function sameKeyAs(thingName: string): Message {
  return l10n.t('its key is that of {name}, too, and a key belongs in one vehicle only', { name: thingName });
}

/** Why a certificate does not count at this time; undefined if it does. */
export function notNow(
  { validFrom, validTo }: Pick<X509Certificate, 'validFrom' | 'validTo'>,
  now: number,
): Message | undefined {
  const [from, to] = [new Date(validFrom), new Date(validTo)];
  if (from.getTime() > now) {
    return l10n.t('its certificate is not valid before {date}', { date: from.toISOString() });
  }
  if (to.getTime() < now) return l10n.t('its certificate expired at {date}', { date: to.toISOString() });
  return undefined;
}

/** SHA-256 of the public key (SPKI, DER) in hex. */
export function publicKeyOf(certificate: X509Certificate): string {
  const der = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}
