import assert from 'node:assert/strict';
import {
  asCmsError,
  CmsError,
  cancelled,
  isCancelled,
  isCmsError,
  messageOf,
  sentenceOf,
  throwIfAborted,
} from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';

const gone = () => new CmsError('STACK_NOT_FOUND', l10n.t('Stack {name} is gone.', { name: 'cms' }));

describe('CmsError', () => {
  it('has an English message for logs, and the sentence for people', () => {
    assert.equal(gone().message, 'Stack cms is gone.');
    assert.deepEqual(gone().sentence, l10n.t('Stack {name} is gone.', { name: 'cms' }));
  });

  it('is known by its shape, because each bundle has a class of its own', () => {
    assert.ok(isCmsError(gone()));
    const other = Object.assign(new Error('x'), { name: 'CmsError', sentence: l10n.verbatim('x') });
    assert.ok(isCmsError(other));
    assert.ok(!isCmsError(new Error('x')));
    assert.ok(!isCmsError(Object.assign(new Error('x'), { name: 'CmsError' })));
    assert.ok(!isCmsError('x'));
  });

  it('hands on its sentence as a message, and the words of any other error verbatim', () => {
    assert.deepEqual(sentenceOf(gone()), gone().sentence);
    assert.deepEqual(sentenceOf(new Error('{odd}')), l10n.verbatim('{odd}'));
    assert.deepEqual(sentenceOf('text'), l10n.verbatim('text'));
    assert.equal(messageOf(gone()), 'Stack cms is gone.');
  });

  it('is made of anything thrown: itself, or INTERNAL with the words and the cause', () => {
    const known = gone();
    assert.equal(asCmsError(known), known);
    const cause = new Error('{odd}');
    const made = asCmsError(cause);
    assert.deepEqual([made.code, made.sentence, made.cause], ['INTERNAL', l10n.verbatim('{odd}'), cause]);
  });

  it('tells a cancelled run from a failed one', () => {
    assert.ok(isCancelled(cancelled('claim')));
    assert.equal(cancelled('claim').step, 'claim');
    assert.ok(!isCancelled(gone()));
    assert.doesNotThrow(() => throwIfAborted(new AbortController().signal));
    assert.throws(() => throwIfAborted(AbortSignal.abort()), { code: 'CANCELLED' });
  });
});
