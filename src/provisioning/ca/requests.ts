import { type KeyObject, X509Certificate, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import {
  checkFolder,
  createFile,
  makeFolder,
  readFileOfOurs,
  writeFileSafely,
} from '../../core/safeFiles.ts';
import { CmsError, isCmsError, throwIfAborted } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { CertificateStore } from '../certificates.ts';
import { onDisk } from '../diskErrors.ts';
import { errnoOf, nodeFiles } from '../fileOperations.ts';
import { belongTogether } from '../pair.ts';
import { described, type IssuedVehicle } from './batch.ts';
import { withChain } from './issueByCa.ts';
import { isSignedBy, type OwnCa } from './ownCa.ts';
import { certificatesIn } from './pemList.ts';
import { subjectOf } from './subject.ts';
import { ecKeysOf, loadX509, makeEcKey, plainPem, readKey } from './x509.ts';

/** A key and a request are some hundred bytes. */
const LONGEST = 16 * 1024;

/** What a PKI is to sign, and what becomes of its answers. */
export interface Requested {
  vehicle: VehicleRef;
  result: 'made' | 'found' | 'has a certificate';
  /** PEM of the request; undefined for a vehicle that has its certificate. */
  csrPem: string | undefined;
}

/**
 * Makes a key and a request for each vehicle, in a folder of its own: `<id>.key`, `<id>.csr`. Keys stay there until the
 * certificate is taken in. Safe to run again: a key that is there is kept, and its request made again if it is missing.
 * @throws CmsError CERTIFICATE_UNUSABLE if a key that is there cannot be read
 */
export async function makeRequests(
  vehicles: readonly VehicleRef[],
  folder: string,
  { ca, certificates }: { ca: OwnCa; certificates: CertificateStore },
  { signal }: Pick<Work, 'signal'>,
): Promise<Requested[]> {
  await onDisk(folder, () => prepare(folder));
  const all: Requested[] = [];
  for (const vehicle of vehicles) {
    throwIfAborted(signal);
    const stored = await certificates.production(vehicle.id);
    if (stored.kind !== 'none') {
      all.push({ vehicle, result: 'has a certificate', csrPem: undefined });
      continue;
    }
    all.push(await onDisk(folder, () => requestOf(vehicle, folder, ca)));
  }
  return all;
}

async function requestOf(vehicle: VehicleRef, folder: string, { rule }: OwnCa): Promise<Requested> {
  const [keyFile, csrFile] = ['key', 'csr'].map((ending) => join(folder, `${vehicle.id}.${ending}`)) as [
    string,
    string,
  ];
  const [key, csr] = [await readIfThere(keyFile), await readIfThere(csrFile)];
  if (key !== undefined && csr !== undefined) return { vehicle, result: 'found', csrPem: csr };
  const { Pkcs10CertificateRequestGenerator, Name } = await loadX509();
  // The PKI may have its request all the same: of a key that is there, only the request is made again.
  const { keys, privateKey } = key === undefined ? await makeEcKey() : await keptKey(keyFile, key);
  const privateKeyPem = plainPem(privateKey);
  keepPrivateKey(privateKeyPem);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: new Name(subjectOf(vehicle, rule)),
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    },
    webcrypto,
  );
  const csrPem = `${request.toString('pem').trimEnd()}\n`;
  if (key === undefined) {
    // A request over another key must not be found beside the new one.
    if (csr !== undefined) await nodeFiles.removeFile(csrFile);
    await createFile(keyFile, privateKeyPem, 0o600);
  }
  await writeFileSafely(csrFile, csrPem, 0o644);
  return { vehicle, result: key === undefined ? 'made' : 'found', csrPem };
}

async function keptKey(
  path: string,
  pem: string,
): Promise<{ keys: webcrypto.CryptoKeyPair; privateKey: KeyObject }> {
  keepPrivateKey(pem);
  const privateKey = readKey(pem, undefined);
  const keys = privateKey && (await ecKeysOf(privateKey));
  if (privateKey !== undefined && keys !== undefined) return { keys, privateKey };
  throw new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('{path} has no key that a request can be made from.', { path }),
    { remedy: l10n.t('If your PKI signed nothing for this vehicle, move the file elsewhere.') },
  );
}

/** What became of a certificate that a PKI signed. */
export type TakenIn = { line: number } & (
  | { result: 'taken' | 'found'; vehicle: IssuedVehicle }
  | { result: 'refused'; why: Message }
  | { result: 'failed'; error: CmsError }
);

/**
 * Takes certificates in that a PKI signed over requests of `folder`: each beside its key in the certificate store, after
 * which the key of the request is removed. Only those of this CA, over the key that was made for their vehicle.
 */
export async function takeCertificates(
  pem: string,
  folder: string,
  {
    ca,
    certificates,
    vehicles,
  }: { ca: OwnCa; certificates: CertificateStore; vehicles: readonly VehicleRef[] },
  { signal }: Pick<Work, 'signal'>,
): Promise<TakenIn[]> {
  await certificates.ready();
  const byThing = new Map(vehicles.map((vehicle) => [vehicle.thingName, vehicle]));
  const all: TakenIn[] = [];
  for (const { line, text } of certificatesIn(pem)) {
    throwIfAborted(signal);
    try {
      const taken = await takeOne(text, folder, { ca, certificates, byThing });
      if (taken !== undefined) all.push({ line, ...taken });
    } catch (error) {
      if (!isCmsError(error)) throw error;
      all.push({ line, result: 'failed', error });
    }
  }
  return all;
}

type WithoutLine<T> = T extends unknown ? Omit<T, 'line'> : never;

async function takeOne(
  text: string,
  folder: string,
  of: { ca: OwnCa; certificates: CertificateStore; byThing: ReadonlyMap<string, VehicleRef> },
): Promise<WithoutLine<TakenIn> | undefined> {
  const { ca, certificates, byThing } = of;
  const refused = (why: Message): WithoutLine<TakenIn> => ({ result: 'refused', why });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    return refused(l10n.t('its certificate cannot be read'));
  }
  // PKIs send the CA and those above it along.
  if (certificate.ca) return undefined;
  const certificatePem = certificate.toString();
  if (!isSignedBy(ca, certificatePem)) return refused(l10n.t('another CA signed its certificate'));
  const name: unknown = certificate.toLegacyObject().subject.CN;
  const vehicle = typeof name === 'string' ? byThing.get(name) : undefined;
  if (vehicle === undefined) {
    return refused(l10n.t('{name} is not in the list', { name: typeof name === 'string' ? name : '' }));
  }
  const stored = await certificates.production(vehicle.id);
  if (
    stored.kind === 'ok' &&
    new X509Certificate(stored.pair.identity.certificatePem).raw.equals(certificate.raw)
  ) {
    return { result: 'found', vehicle: described(vehicle, certificate) };
  }
  const keyFile = join(folder, `${vehicle.id}.key`);
  const privateKeyPem = await onDisk(keyFile, () => readIfThere(keyFile));
  if (privateKeyPem === undefined) return refused(l10n.t('there is no key for it in {folder}', { folder }));
  keepPrivateKey(privateKeyPem);
  if (!belongTogether({ certificatePem, privateKeyPem })) {
    return refused(l10n.t('it is not over the key that was made for {vin}', { vin: vehicle.vin }));
  }
  await certificates.saveProduction(vehicle.id, {
    certificatePem: withChain(certificatePem, ca),
    privateKeyPem,
  });
  // It is on the disk twice now.
  await onDisk(keyFile, () => nodeFiles.removeFile(keyFile));
  return { result: 'taken', vehicle: described(vehicle, certificate) };
}

async function prepare(folder: string): Promise<void> {
  await makeFolder(join(folder, '..'), folder);
  await checkFolder(folder);
  const ignore = join(folder, '.gitignore');
  if ((await readIfThere(ignore)) !== undefined) return;
  await createFile(ignore, '# Keys of vehicles never belong in version control.\n*.key\n', 0o644);
}

export async function readIfThere(path: string, longest = LONGEST): Promise<string | undefined> {
  try {
    return await readFileOfOurs(path, longest);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
