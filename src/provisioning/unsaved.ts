import { findCertificate } from '../aws/iot/certificates.ts';
import { sentenceOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { CLEAN_UP_MS } from './claim.ts';
import type { ProvisionDeps } from './contract.ts';

/** A look back after a failure does not keep people waiting. */
const LOOK_MS = 5_000;

/**
 * Deletes a certificate whose key could not be saved: nobody can ever use it. A warning names it where that fails, so
 * that none stays behind unsaid.
 */
export async function retireUnsaved(
  certificateId: string,
  vehicle: VehicleRef,
  { connection, provisioner }: Pick<ProvisionDeps, 'connection' | 'provisioner'>,
  work: Work,
): Promise<void> {
  const { vin } = vehicle;
  const step = 'save-certificate';
  try {
    // The work may have been cancelled: cleaning up has a bound of its own.
    const cleaning = { ...work, signal: AbortSignal.timeout(CLEAN_UP_MS) };
    const retiring = { remove: true, madeHere: true };
    const owner = ownerOf(vehicle, provisioner);
    const stays = await retireOwn(connection, certificateId, owner, retiring, cleaning);
    if (stays !== undefined) work.progress({ step, level: 'warn', message: stays, vin });
  } catch (problem) {
    const message = l10n.t(
      'Certificate {id} of {vin} was made, its key could not be saved, and it is still there ({why}): delete it.',
      { id: certificateId, vin, why: sentenceOf(problem) },
    );
    work.progress({ step, level: 'warn', message, vin });
  }
}

/**
 * Runs what remains to be done with a certificate that was registered and saved. When it fails, a warning says what has
 * become of it: another run may have got one for the same vehicle meanwhile.
 */
export async function afterSaving<T>(
  certificateId: string,
  { vin }: VehicleRef,
  { certificates, connection }: Pick<ProvisionDeps, 'certificates' | 'connection'>,
  work: Work,
  rest: () => Promise<T>,
): Promise<T> {
  try {
    return await rest();
  } catch (error) {
    const names = { certificate: certificateId, vin, folder: certificates.folder };
    const status = await statusNow(connection, certificateId);
    const message =
      status === 'ACTIVE' || status === undefined
        ? l10n.t(
            'Certificate {certificate} of {vin} is ACTIVE, and its key is saved in {folder}: the next run continues with it.',
            names,
          )
        : l10n.t(
            'Certificate {certificate} of {vin}, whose key is saved in {folder}, is {status}: another run may have provisioned the vehicle at the same time.',
            { ...names, status },
          );
    work.progress({ step: 'save-certificate', level: 'warn', message, vin });
    throw error;
  }
}

/** Undefined if it cannot be seen. The work may have been cancelled: this has a bound of its own. */
async function statusNow(
  connection: ProvisionDeps['connection'],
  certificateId: string,
): Promise<string | undefined> {
  try {
    const found = await findCertificate(connection, certificateId, AbortSignal.timeout(LOOK_MS));
    return found?.status ?? 'DELETED';
  } catch {
    return undefined;
  }
}
