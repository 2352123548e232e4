import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { confirmed } from './password.ts';
import type { Session } from './session.ts';

export interface Asked {
  /** What is about to happen, line by line. */
  plan: readonly string[];
  /** Said where nobody can be asked. */
  question: Message;
  ask: string;
  /** What `--yes` alone does not answer. */
  refused?: CmsError | undefined;
}

/** Says what is about to happen, and asks, unless that was answered before by `--yes`. @throws CmsError REQUEST_INVALID */
export async function agreed(
  { yes }: { yes?: boolean },
  { plan, question, ask, refused }: Asked,
  { output, work }: Session,
): Promise<boolean> {
  output.note(plan.join('\n'));
  const canBeAsked = !output.json && process.stdin.isTTY;
  if (refused !== undefined && (yes === true || !canBeAsked)) throw refused;
  if (yes === true) return true;
  if (!canBeAsked) {
    throw new CmsError('REQUEST_INVALID', question, {
      remedy: l10n.t('Use --yes if that is what you want.'),
    });
  }
  output.quiet();
  return confirmed(ask, work.signal);
}
