import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { errorOf, problemOf } from '../../../src/core/problem.ts';
import { problemSchema } from '../../../src/protocol/message.ts';

const sentence = l10n.t('Stack {name} is gone.', { name: 'cms' });
const options = {
  remedy: l10n.t('Choose another one.'),
  step: 'find',
  details: { region: 'eu-central-1', tries: 3, again: false },
};
const full = { code: 'STACK_NOT_FOUND', sentence, ...options };

describe('a problem', () => {
  it('holds what the error says, without its stack and cause', () => {
    const error = new CmsError('STACK_NOT_FOUND', sentence, { ...options, cause: new Error('secret') });
    assert.deepEqual(problemOf(error), full);
  });

  it('leaves out what the error does not say', () => {
    assert.deepEqual(Object.keys(problemOf(new CmsError('STACK_NOT_FOUND', sentence))), ['code', 'sentence']);
  });

  it('has details of its own, which later changes do not reach', () => {
    const details = { tries: 1 };
    const problem = problemOf(new CmsError('STACK_NOT_FOUND', sentence, { details }));
    details.tries = 2;
    assert.deepEqual(problem.details, { tries: 1 });
  });

  it('is the same after it has crossed the border of a process', () => {
    const crossed: unknown = JSON.parse(
      JSON.stringify(problemOf(new CmsError('STACK_NOT_FOUND', sentence, options))),
    );
    assert.deepEqual(problemSchema.parse(crossed), full);
  });
});

describe('the error of a problem', () => {
  it('says what the first one said', () => {
    const error = errorOf(full, 'INTERNAL');
    assert.deepEqual(problemOf(error), full);
    assert.equal(error.message, 'Stack cms is gone.');
  });

  it('has the code that stands in for one this program does not know', () => {
    const error = errorOf({ ...full, code: 'FROM_THE_FUTURE' }, 'DEVICE_PROCESS_FAILED');
    assert.equal(error.code, 'DEVICE_PROCESS_FAILED');
    assert.deepEqual(error.sentence, sentence);
  });
});
