import assert from 'node:assert/strict';
import { fileGlob } from '../../../../src/editor/base/fileGlob.ts';

describe('The pattern for files by their endings', () => {
  it('takes capitals, too', () => {
    assert.equal(fileGlob('csv'), '**/*.[cC][sS][vV]');
    assert.equal(fileGlob('a-b', 'kml'), '**/*.{[aA]-[bB],[kK][mM][lL]}');
  });
});
