import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inHtml, inMarkdown, oneLine, safeJson, shortened, visible } from '../../../src/core/foreignText.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { assertHarmless, HOSTILE } from '../../support/hostileText.ts';

/** Any text, with a lot of what is dangerous in it. */
const text = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...Object.values(HOSTILE), '\n', '\r\n', '\t')),
  )
  .map((parts) => parts.join(''));

describe('Text of others', () => {
  for (const [name, hostile] of Object.entries(HOSTILE)) {
    it(`shows ${name} as a visible escape`, () => {
      const shown = visible(`before ${hostile} after`);
      assertHarmless(shown);
      assert.match(shown, /^before .*\\u[0-9a-f]{4}.* after$/);
    });
  }

  it('leaves text of all languages as it is', () => {
    for (const honest of [
      'München, Straße 5 – „Ja“',
      '日本語 東京',
      'שלום עולם',
      'مرحبا',
      'می‌خواهم',
      'क्‍ष',
      '👩‍🔧 🇩🇪',
      '❤️ 1️⃣ ©️ 葛\u{e0100}城市',
      'a\nb\tc',
    ]) {
      assert.equal(visible(honest), honest);
    }
  });

  it('is harmless in every form, whatever it was', () => {
    fc.assert(
      fc.property(text, (it) => {
        assertHarmless(visible(it));
        for (const line of [oneLine(it), inMarkdown(it)]) {
          assertHarmless(line);
          assert.doesNotMatch(line, /[\n\t]/);
        }
        assert.doesNotMatch(inHtml(it), /[<>"]/);
        assert.equal(visible(visible(it)), visible(it));
      }),
    );
  });

  it('means the same in JSON', () => {
    fc.assert(
      fc.property(text, (it) => {
        const json = safeJson({ [it]: [it] });
        assertHarmless(json);
        assert.deepEqual(JSON.parse(json), { [it]: [it] });
      }),
    );
  });

  it('is cut when it is long, never within a character', () => {
    assert.equal(shortened('abcdef', 4), 'abc…');
    assert.equal(shortened('ab😀def', 4), 'ab…');
    assert.equal(oneLine('x'.repeat(5000)).length, 2000);
  });

  it('has no markup in Markdown', () => {
    assert.equal(
      inMarkdown('[x](command:evil) <b> &#x202e; | `a` $b$ ~~c~~'),
      '\\[x\\](command:evil) \\<b\\> \\&\\#x202e; \\| \\`a\\` \\$b\\$ \\~\\~c\\~\\~',
    );
    assert.equal(
      inMarkdown('https://evil.example www.evil.example a@evil.example'),
      'https\\://evil.example www\\.evil.example a\\@evil.example',
    );
    assert.deepEqual(
      ['- a', '+ a', '1. a', '1) a', '===', '    a'].map((one) => inMarkdown(one)),
      ['\\- a', '\\+ a', '1\\. a', '1\\) a', '\\===', 'a'],
    );
  });

  it('is looked at in a moment, however long its blanks are', () => {
    const blanks = ' \t'.repeat(500_000);
    const begun = performance.now();
    assert.equal(oneLine(`${blanks}x`).length, 2000);
    assert.equal(oneLine(`a${blanks}\n${blanks}b`), 'a b');
    assert.ok(performance.now() - begun < 2000);
  });

  it('adds no line to a sentence of ours, and its own lines stay', () => {
    const value = 'x\r\n✓ all is well\u001b[1A';
    const message = l10n.list([l10n.t('First {value}', { value }), l10n.verbatim(value)], 'lines');
    assert.equal(english(message), `First x ✓ all is well\\u001b[1A\nx ✓ all is well\\u001b[1A`);
  });
});
