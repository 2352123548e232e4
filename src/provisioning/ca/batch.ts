import { X509Certificate } from 'node:crypto';
import PQueue from 'p-queue';
import { fingerprintOf } from '../../aws/iot/fingerprint.ts';
import { isCmsError, isCancelled, throwIfAborted, type CmsError } from '../../core/errors.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { CertificateStore } from '../certificates.ts';
import { COLUMNS, writtenRows } from './allowList.ts';
import { withChain } from './issueByCa.ts';
import { isSignedBy, type OwnCa } from './ownCa.ts';
import { issuePair } from './signingCa.ts';
import { subjectOf } from './subject.ts';
import { publicKeyOf } from './judge.ts';

/** What a factory writes into a vehicle, and what somebody who lets vehicles in can check it by. No secret. */
export interface IssuedVehicle {
  vin: string;
  thingName: string;
  /** SHA-256 of the DER in hex: AWS IoT's certificate id. */
  certificateId: string;
  /** Hexadecimal. */
  serialNumber: string;
  /** SHA-256 of the public key (SPKI, DER) in hex. */
  publicKey: string;
  /** ISO 8601. */
  notAfter: string;
}

export type Issued =
  { result: 'issued' | 'found'; vehicle: IssuedVehicle } | { result: 'failed'; vin: string; error: CmsError };

/** Each waits for the disk most of its time. */
const AT_ONCE = 8;

/**
 * Keys and certificates for a fleet, offline. A vehicle that has a pair of this CA keeps it, so that a run which ended
 * early goes on where it was; one with another pair fails, and the others do not. In the order of `vehicles`.
 */
export async function issueBatch(
  vehicles: readonly VehicleRef[],
  { ca, certificates }: { ca: OwnCa; certificates: CertificateStore },
  work: Work,
  onIssued: (issued: Issued) => void = () => undefined,
): Promise<Issued[]> {
  await certificates.ready();
  const queue = new PQueue({ concurrency: AT_ONCE });
  const issue = async (vehicle: VehicleRef): Promise<Issued> => {
    try {
      return await issueOne(vehicle, { ca, certificates }, work.clock.now());
    } catch (error) {
      if (isCancelled(error) || !isCmsError(error)) throw error;
      return { result: 'failed', vin: vehicle.vin, error };
    }
  };
  const all = await Promise.allSettled(
    vehicles.map((vehicle) =>
      queue.add(async () => {
        throwIfAborted(work.signal);
        const issued = await issue(vehicle);
        onIssued(issued);
        return issued;
      }),
    ),
  );
  // What was begun has ended by now, so nothing is written after this.
  return all.map((each) => {
    if (each.status === 'fulfilled') return each.value;
    throw each.reason;
  });
}

async function issueOne(
  vehicle: VehicleRef,
  { ca, certificates }: { ca: OwnCa; certificates: CertificateStore },
  now: number,
): Promise<Issued> {
  const stored = await certificates.production(vehicle.id);
  if (stored.kind === 'unusable') throw stored.why;
  if (stored.kind === 'ok' && isSignedBy(ca, stored.pair.identity.certificatePem)) {
    const certificate = new X509Certificate(stored.pair.identity.certificatePem);
    return { result: 'found', vehicle: described(vehicle, certificate) };
  }
  const order = { subject: subjectOf(vehicle, ca.rule), days: ca.deviceDays, now };
  const { certificatePem, certificate, privateKeyPem } = await issuePair(ca.signing, order);
  // Refuses to replace a pair of another origin.
  await certificates.saveProduction(vehicle.id, {
    certificatePem: withChain(certificatePem, ca),
    privateKeyPem,
  });
  return { result: 'issued', vehicle: described(vehicle, certificate) };
}

/** A certificate as the list of a batch has it. */
export function described({ vin, thingName }: VehicleRef, certificate: X509Certificate): IssuedVehicle {
  return {
    ...{ vin, thingName },
    certificateId: fingerprintOf(certificate),
    serialNumber: certificate.serialNumber.toLowerCase(),
    publicKey: publicKeyOf(certificate),
    notAfter: new Date(certificate.validTo).toISOString(),
  };
}

/**
 * The list of all batches as CSV: first the vehicles that it had before and that are not in this batch, then this batch
 * in its order.
 * @param before the list as it was; undefined if there is none
 * @throws CmsError MANIFEST_INVALID if that is another file
 */
export function batchCsv(vehicles: readonly IssuedVehicle[], before?: string): string {
  const again = new Set(vehicles.map(({ thingName }) => thingName));
  const kept = [...(before === undefined ? [] : writtenRows(before))].filter(([name]) => !again.has(name));
  const lines = vehicles.map((vehicle) => COLUMNS.map((column) => vehicle[column]).join());
  return `${[COLUMNS.join(), ...kept.map(([, line]) => line), ...lines].join('\n')}\n`;
}
