import { l10n, type Message } from '../../core/message.ts';
import type { Newcomer } from './decideNewcomer.ts';

/** What became of a vehicle that asked to come in, in a sentence. */
export function newcomerWords(newcomer: Newcomer): Message {
  const { certificateId: id } = newcomer;
  switch (newcomer.result) {
    case 'admitted':
      return l10n.t('{vin} is let in with certificate {id}.', { vin: newcomer.vin, id });
    case 'refused':
      return l10n.t('Certificate {id} is left pending: {why}.', { id, why: newcomer.why });
    case 'revoked':
      return l10n.t('Certificate {id} is revoked: {why}.', { id, why: newcomer.why });
    case 'failed':
      return l10n.t('Certificate {id}: {why}', { id, why: newcomer.error.sentence });
  }
}
