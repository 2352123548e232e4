import type { Connection } from '../../aws/connection.ts';
import { invokeFunction } from '../../aws/invokeFunction.ts';
import { CmsError, isCancelled, sentenceOf } from '../../core/errors.ts';
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
 * switched off what it worked with. Whoever may not call it goes on without.
 * @throws CmsError CLAIM_REJECTED if it is too slow even when it is warm
 */
export async function warmHook(connection: Connection, names: Names, work: Work): Promise<void> {
  const asked = await timeOf(connection, names, work);
  if (asked === undefined || asked < HOOK_PATIENCE_MS) return;
  const ms = await timeOf(connection, names, work);
  if (ms === undefined || ms < HOOK_PATIENCE_MS) return;
  throw new CmsError(
    'CLAIM_REJECTED',
    l10n.t('The hook of CMS took {ms} ms, and AWS IoT waits {most} ms only: it would refuse the vehicle.', {
      ...{ ms, most: HOOK_PATIENCE_MS },
    }),
    {
      step: 'claim',
      remedy: l10n.t(
        'Try again in a minute; if that does not help, look at the log of {hook} in CloudWatch. Nothing was claimed yet.',
        { hook: names.hookFunction },
      ),
    },
  );
}

/** Milliseconds that the hook takes, or was waited for in vain; undefined if it could not be asked. */
async function timeOf(connection: Connection, names: Names, work: Work): Promise<number | undefined> {
  const begin = connection.clock.now();
  try {
    const ms = await askHook(connection, names, work.signal);
    const message = l10n.t('The hook of CMS answered in {ms} ms', { ms });
    work.progress({ step: 'claim', level: 'debug', message });
    return ms;
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = l10n.t('The hook of CMS could not be warmed up: {why}', { why: sentenceOf(error) });
    work.progress({ step: 'claim', level: 'debug', message });
    const waited = connection.clock.now() - begin;
    return waited < HOOK_PATIENCE_MS ? undefined : waited;
  }
}
