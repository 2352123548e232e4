import assert from 'node:assert/strict';
import { fittingButtons } from '../../../../src/editor/base/buttons.ts';

describe('The buttons of a notification', () => {
  it('are all there while they fit', () => {
    assert.deepEqual(fittingButtons(['Try Again'], ['Explain', 'Show Log']), [
      'Try Again',
      'Explain',
      'Show Log',
    ]);
  });

  it('are those that are needed, and no more than are shown in full', () => {
    assert.deepEqual(fittingButtons(['Sign In…', 'Try Again', 'Add Anyway'], ['Explain', 'Show Log']), [
      'Sign In…',
      'Try Again',
      'Add Anyway',
      'Explain',
    ]);
    const german = ['Anmelden…', 'Erneut versuchen', 'Trotzdem hinzufügen'];
    assert.deepEqual(fittingButtons(german, ['Erklären', 'Protokoll zeigen']), german);
  });
});
