import assert from 'node:assert/strict';
import { l10n } from '../../../src/core/message.ts';
import { english, worded } from '../../../src/core/wording.ts';
import { messageSchema } from '../../../src/protocol/message.ts';

describe('a message that begins a sentence', () => {
  const message = l10n.t('{what} failed.', { what: l10n.capital(l10n.t('the asset library')) });

  it('begins with a capital letter', () => {
    assert.equal(english(message), 'The asset library failed.');
  });

  it('does so in the language of its reader', () => {
    const german: Record<string, string> = {
      '{what} failed.': '{what} ist fehlgeschlagen.',
      'the asset library': 'die Asset-Bibliothek',
    };
    const translate = (text: string, values: Record<string, string | number>) =>
      (german[text] ?? text).replace('{what}', String(values.what));
    assert.equal(worded(message, translate, 'de'), 'Die Asset-Bibliothek ist fehlgeschlagen.');
  });

  it('crosses the border of a process', () => {
    assert.deepEqual(messageSchema.parse(JSON.parse(JSON.stringify(message))), message);
  });
});
