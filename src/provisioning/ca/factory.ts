import { readTextFile } from '../../core/bounded.ts';
import { l10n } from '../../core/message.ts';
import { checkFile, writeFileSafely } from '../../core/safeFiles.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { CertificateStore } from '../certificates.ts';
import { onDisk } from '../diskErrors.ts';
import { batchCsv, issueBatch, type Issued, type IssuedVehicle } from './batch.ts';
import type { OwnCa } from './ownCa.ts';
import { makeRequests, takeCertificates, type Requested, type TakenIn } from './requests.ts';
import { writeTogether } from './waitingRequests.ts';

/** Some hundred thousand certificates. */
export const MOST_BYTES = 256 * 2 ** 20;

/** A fleet, and with what its certificates are made. */
interface Fleet {
  vehicles: readonly VehicleRef[];
  ca: OwnCa;
  certificates: CertificateStore;
}

/**
 * Keys and certificates of a fleet, and the list of them.
 * @param manifest path of the list, which keeps the vehicles of earlier batches
 * @throws CmsError MANIFEST_INVALID if that is another file
 */
export async function issueFleet(
  { vehicles, ca, certificates, manifest }: Fleet & { manifest: string },
  work: Work,
  onIssued: (issued: Issued) => void = () => undefined,
): Promise<{ counts: Record<Issued['result'], number> }> {
  const before = await manifestAt(manifest);
  const counts = { issued: 0, found: 0, failed: 0 };
  const all = await issueBatch(vehicles, { ca, certificates }, work, (issued) => {
    counts[issued.result] += 1;
    const [done, count] = [counts.issued + counts.found + counts.failed, vehicles.length];
    const message = l10n.plural(
      count,
      l10n.t('{done} of 1 certificate', { done }),
      l10n.t('{done} of {count} certificates', { done, count }),
    );
    work.progress({ step: 'issue', level: 'info', message });
    onIssued(issued);
  });
  await writeManifest(
    manifest,
    all.flatMap((each) => (each.result === 'failed' ? [] : [each.vehicle])),
    before,
  );
  return { counts };
}

/** Keys and requests of a fleet, and all requests whose certificates are still to come in one file, `together`. */
export async function requestFleet(
  { vehicles, ca, certificates, folder }: Fleet & { folder: string },
  work: Work,
): Promise<{ all: Requested[]; counts: Record<Requested['result'], number>; together: string }> {
  const all = await makeRequests(vehicles, folder, { ca, certificates }, work);
  const counts = { made: 0, found: 0, 'has a certificate': 0 };
  for (const { result } of all) counts[result] += 1;
  return { all, counts, together: await writeTogether(folder, all) };
}

/**
 * Takes in what a PKI signed over those requests, and lists it.
 * @param file path of the certificates in PEM
 */
export async function importFleet(
  of: Fleet & { folder: string; manifest: string; file: string },
  work: Work,
): Promise<{ all: TakenIn[]; counts: Record<TakenIn['result'], number> }> {
  const { vehicles, ca, certificates, folder, manifest, file } = of;
  const pem = await onDisk(file, () => readTextFile(file, { mostBytes: MOST_BYTES }));
  const before = await manifestAt(manifest);
  const all = await takeCertificates(pem, folder, { ca, certificates, vehicles }, work);
  const counts = { taken: 0, found: 0, refused: 0, failed: 0 };
  for (const { result } of all) counts[result] += 1;
  await writeManifest(
    manifest,
    all.flatMap((each) => ('vehicle' in each ? [each.vehicle] : [])),
    before,
  );
  return { all, counts };
}

function writeManifest(
  path: string,
  vehicles: readonly IssuedVehicle[],
  before: string | undefined,
): Promise<void> {
  return onDisk(path, () => writeFileSafely(path, batchCsv(vehicles, before), 0o644));
}

/** The list of earlier batches; undefined if there is none. @throws CmsError MANIFEST_INVALID for another file */
function manifestAt(path: string): Promise<string | undefined> {
  return onDisk(path, async () => {
    if (!(await checkFile(path))) return undefined;
    const text = await readTextFile(path, { mostBytes: MOST_BYTES });
    batchCsv([], text);
    return text;
  });
}
