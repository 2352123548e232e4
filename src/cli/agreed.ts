import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { confirmed } from './password.ts';
import type { Session } from './session.ts';

export interface Asked {
  /** What is about to happen, line by line. */
  plan: readonly string[];
  ask: string;
  /** What `--yes` alone does not answer. */
  refused?: CmsError | undefined;
}

/** Says what is about to happen, and asks, unless that was answered before by `--yes`. @throws CmsError REQUEST_INVALID */
export async function agreed(
  { yes }: { yes?: boolean },
  { plan, ask, refused }: Asked,
  { output, work }: Session,
): Promise<boolean> {
  output.note(plan.join('\n'));
  const canBeAsked = !output.json && process.stdin.isTTY;
  if (refused !== undefined && (yes === true || !canBeAsked)) throw refused;
  if (yes === true) return true;
  if (!canBeAsked) {
    throw new CmsError('REQUEST_INVALID', l10n.t("Can't ask for confirmation here."), {
      remedy: l10n.t('Use --yes if that is what you want.'),
    });
  }
  output.quiet();
  return confirmed(ask, work.signal);
}
