import type { Command } from 'commander';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import type { AskedRenewal } from '../provisioning/contract.ts';
import { confirmed } from './password.ts';
import type { Session } from './session.ts';

export interface RenewalFlags {
  yes?: boolean;
}

export function withRenewal(command: Command): Command {
  return command.option('-y, --yes', 'do not ask before a CMS ends or duplicates a certificate in service');
}

/** Asks before a certificate that is in service may end. */
export function askerOf({ yes }: RenewalFlags, { output, work }: Session) {
  return async ({ words }: AskedRenewal): Promise<boolean> => {
    if (yes === true) return true;
    if (output.json || !process.stdin.isTTY) {
      throw new CmsError('REQUEST_INVALID', words, {
        step: 'renewal',
        remedy: l10n.t('Nobody can be asked here: use --yes if that is what you want.'),
      });
    }
    output.quiet();
    return confirmed(`${english(words)} Go on?`, work.signal);
  };
}
