import assert from 'node:assert/strict';
import { l10n } from '../../../src/core/message.ts';
import { messageSchema } from '../../../src/protocol/message.ts';

describe('a message between processes', () => {
  const count = 2;
  const message = l10n.list(
    [
      l10n.t('{what} lost {vehicles}.', {
        what: l10n.t('The broker'),
        vehicles: l10n.plural(count, l10n.t('1 vehicle'), l10n.t('{count} vehicles', { count })),
      }),
      l10n.verbatim('socket hang up'),
      'id',
      7,
    ],
    'sentences',
  );

  it('arrives as it was sent', () => {
    assert.deepEqual(messageSchema.parse(JSON.parse(JSON.stringify(message))), message);
  });

  for (const [what, value] of [
    ['a plain text', 'Canceled.'],
    ['an unknown kind', { kind: 'html', text: '<b>' }],
    ['a text without values', { kind: 'text', text: 'Canceled.' }],
    ['a value that is no word', { kind: 'text', text: '{a}', values: { a: true } }],
    ['a damaged message inside', { kind: 'list', items: [{ kind: 'verbatim' }], by: 'and' }],
    ['an unknown way to join', { kind: 'list', items: [], by: 'xor' }],
  ] as const) {
    it(`refuses ${what}`, () => assert.ok(!messageSchema.safeParse(value).success));
  }
});
