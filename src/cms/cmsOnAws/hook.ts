import type { Connection } from '../../aws/connection.ts';
import { invokeFunction } from '../../aws/invokeFunction.ts';
import { isCancelled, sentenceOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import type { Names } from './names.ts';

/** AWS IoT waits no longer for a pre-provisioning hook. Milliseconds. */
export const HOOK_PATIENCE_MS = 5000;

/** Without a VIN the hook says no before it touches anything. */
const NOBODY = { certificateId: 'x', parameters: {} };

/** Asks the hook about nobody, and waits. @returns milliseconds it took */
export async function askHook(
  connection: Connection,
  { hookFunction }: Names,
  signal: AbortSignal,
): Promise<number> {
  const begin = connection.clock.now();
  await invokeFunction(connection, hookFunction, NOBODY, signal);
  return connection.clock.now() - begin;
}

/**
 * Warms the hook: one that sleeps may take longer than AWS IoT waits, which refuses the vehicle after the hook has
 * switched off what it worked with. Only a service: whoever may not call it goes on without.
 */
export async function warmHook(connection: Connection, names: Names, work: Work): Promise<void> {
  try {
    const ms = await askHook(connection, names, work.signal);
    const message = l10n.t('The hook of CMS answered in {ms} ms', { ms });
    work.progress({ step: 'claim', level: 'debug', message });
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = l10n.t('The hook of CMS could not be warmed up: {why}', { why: sentenceOf(error) });
    work.progress({ step: 'claim', level: 'debug', message });
  }
}
