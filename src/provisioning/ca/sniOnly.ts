import { alreadyExists } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { toCmsError } from '../../aws/errors.ts';
import { findCa, registerCa, updateCa, type CloudCa } from '../../aws/iot/caCertificates.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import type { SigningCa } from './signingCa.ts';

export interface SniOnlyResult {
  result: 'found' | 'repaired' | 'created';
  /** `DEFAULT` if the CA was registered with proof of its key before, which lets it do all that `SNI_ONLY` does. */
  mode: CloudCa['mode'];
}

/**
 * Registers a CA in mode `SNI_ONLY`: without proof that its key is held, so that other accounts can have it, too.
 * Vehicles don't register themselves then; those that it signed are let in by a list.
 * @param change whether a CA that is switched off is switched on; otherwise that is an error
 * Source: AWS IoT API Reference, RegisterCACertificate; measured: ministack 1755
 * @throws CmsError CA_CONFLICT
 */
export async function ensureSniOnly(
  ca: Pick<SigningCa, 'id' | 'certificatePem'>,
  change: boolean,
  connection: Connection,
  work: Work,
): Promise<SniOnlyResult> {
  const { signal } = work;
  work.progress({ step: 'ca', level: 'debug', message: l10n.t('Checking CA {id}', { id: ca.id }) });
  const before = await findCa(connection, ca.id, signal);
  if (before !== undefined) return found(before, change, connection, signal);
  try {
    const wish = { caPem: ca.certificatePem, verificationPem: undefined, autoRegistration: false };
    await registerCa(connection, wish, signal);
    return { result: 'created', mode: 'SNI_ONLY' };
  } catch (error) {
    // Somebody registered it between the look and the call.
    const now = alreadyExists(error) ? await findCa(connection, ca.id, signal) : undefined;
    if (now === undefined) throw toCmsError(error, l10n.t('registering the CA {id}', { id: ca.id }));
    return found(now, change, connection, signal);
  }
}

async function found(
  { id, mode, status }: CloudCa,
  change: boolean,
  connection: Connection,
  signal: AbortSignal,
): Promise<SniOnlyResult> {
  if (status === 'ACTIVE') return { result: 'found', mode };
  if (!change) {
    throw new CmsError('CA_CONFLICT', l10n.t('The CA {id} is registered, but it is switched off.', { id }), {
      step: 'ca',
      remedy: l10n.t('To switch it on, run "ca register --sni-only --yes" or "ca on".'),
      details: { caCertificateId: id },
    });
  }
  await updateCa(connection, id, { status: 'ACTIVE' }, signal);
  return { result: 'repaired', mode };
}
