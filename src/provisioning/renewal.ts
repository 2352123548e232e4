import { otherActiveCertificates } from '../aws/iot/certificates.ts';
import type { Provisioner } from '../cms/contract/provisioner.ts';
import { cancelled, isCmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { unlessAborted } from '../core/shared.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { ProvisionDeps } from './contract.ts';

const STEP = 'renewal';

/** Whether getting a certificate may end, or double, one that is in service and works. */
export function mayEndAnother({ kind, renewal }: Provisioner): boolean {
  return kind !== 'shared' && renewal.oldEnds !== 'after';
}

/**
 * Says what a new certificate does to those of the vehicle that are in service, and asks, before one is made for a
 * vehicle whose pair is not on this machine. That an old one works until the new one does needs no words.
 * @throws CmsError CANCELLED when somebody does not agree
 */
export async function agreeToAnother(vehicle: VehicleRef, deps: ProvisionDeps, work: Work): Promise<void> {
  const { renewal } = deps.provisioner;
  if (!mayEndAnother(deps.provisioner)) return;
  const { vin, thingName } = vehicle;
  const ids = await activeOf(thingName, deps, work);
  const [id, ...others] = ids ?? [];
  if (ids !== undefined && id === undefined) return;
  const count = 1 + others.length;
  const has =
    id === undefined
      ? l10n.t('{vin} may have a certificate in service that this machine cannot use.', { vin })
      : l10n.plural(
          count,
          l10n.t('{vin} has a certificate in service, {id}, that this machine cannot use.', { vin, id }),
          l10n.t('{vin} has {count} certificates in service that this machine cannot use.', { vin, count }),
        );
  await agreed(vin, l10n.list([has, renewal.words], 'sentences'), deps, work);
}

/** Ids of the certificates in service; undefined to whom that is not shown. */
async function activeOf(
  thingName: string,
  { connection }: ProvisionDeps,
  work: Work,
): Promise<string[] | undefined> {
  try {
    return await otherActiveCertificates(connection, thingName, undefined, work.signal);
  } catch (error) {
    if (isCmsError(error) && error.code === 'ACCESS_DENIED') return undefined;
    throw error;
  }
}

/** The same before a rotation, where the CMS ends the old certificate before the new one is known to work. */
export async function agreeToRotation({ vin }: VehicleRef, deps: ProvisionDeps, work: Work): Promise<void> {
  const { oldEnds, words } = deps.provisioner.renewal;
  if (oldEnds === 'before') return agreed(vin, words, deps, work);
  // That the old one ends once the new one works is what everybody expects.
  work.progress({ step: STEP, level: oldEnds === 'after' ? 'debug' : 'info', message: words, vin });
}

async function agreed(vin: string, words: Message, { agree }: ProvisionDeps, work: Work): Promise<void> {
  work.progress({ step: STEP, level: 'info', message: words, vin });
  if (agree === undefined) return;
  // Somebody may cancel while the question stands, which nobody answers then.
  if (!(await unlessAborted(agree({ vin, words }), work.signal))) throw cancelled(STEP);
}
