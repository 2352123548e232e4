import { sentenceOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { CLEAN_UP_MS } from './claim.ts';
import type { ProvisionDeps } from './contract.ts';

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

/** Runs what remains to be done with a certificate that is ACTIVE and saved. When it fails, a warning says both. */
export async function afterSaving<T>(
  certificateId: string,
  { vin }: VehicleRef,
  { certificates }: Pick<ProvisionDeps, 'certificates'>,
  work: Work,
  rest: () => Promise<T>,
): Promise<T> {
  try {
    return await rest();
  } catch (error) {
    const message = l10n.t(
      'Certificate {certificate} of {vin} is ACTIVE, and its key is saved in {folder}: the next run continues with it.',
      { certificate: certificateId, vin, folder: certificates.folder },
    );
    work.progress({ step: 'save-certificate', level: 'warn', message, vin });
    throw error;
  }
}
