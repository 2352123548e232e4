import { isThingName } from '../aws/iot/thingName.ts';

export const BOOTSTRAP_KEY = 'bootstrap-private.pem.key';
export const BOOTSTRAP_PUBLIC_KEY = 'bootstrap-public.pem.key';
export const BOOTSTRAP_CERTIFICATE = 'bootstrap-certificate.pem.crt';
export const PRODUCTION_KEY = 'production-private.pem.key';
export const PRODUCTION_CERTIFICATE = 'production-certificate.pem.crt';
export const FACTS = 'provisioning.json';
/** A new pair that waits to be verified before it becomes the production pair. */
export const CANDIDATE_FOLDER = 'next';
export const PREVIOUS_FOLDER = 'previous';
/** What is being written, and nobody decided for yet. */
export const INCOMING = '.incoming-';

/** The files that are there or replaced together. */
export type SetKind = 'bootstrap' | 'production';

/** A whole set that is about to be moved to its place. */
export const COMMIT: Readonly<Record<SetKind, string>> = {
  bootstrap: '.commit-bootstrap',
  production: '.commit-production',
};
export const KEY: Readonly<Record<SetKind, string>> = {
  bootstrap: BOOTSTRAP_KEY,
  production: PRODUCTION_KEY,
};
export const CERTIFICATE: Readonly<Record<SetKind, string>> = {
  bootstrap: BOOTSTRAP_CERTIFICATE,
  production: PRODUCTION_CERTIFICATE,
};
/** The certificate goes last: while it is missing, nothing reads the key beside it as a pair. */
export const ORDER: Readonly<Record<SetKind, readonly string[]>> = {
  bootstrap: [BOOTSTRAP_KEY, BOOTSTRAP_PUBLIC_KEY, BOOTSTRAP_CERTIFICATE],
  production: [PRODUCTION_KEY, PRODUCTION_CERTIFICATE],
};

/** Windows allows no colon in the name of a folder. */
export function isFolderName(vin: string): boolean {
  return isThingName(vin) && !(process.platform === 'win32' && vin.includes(':'));
}
