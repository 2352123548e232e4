import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { PlainRows } from '../../../../src/telemetry/routes/plainRows.ts';

type Rows = [cells: string[], line: number][];

/** Cells and lines as csv-parse tells them, which reads what is left. */
function parsed(text: string, delimiter: string): Rows {
  const rows: Rows = [];
  parse(text, {
    delimiter,
    trim: true,
    comment: '#',
    comment_no_infix: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    on_record(cells: string[], { lines }) {
      rows.push([cells, lines]);
      return null;
    },
  });
  return rows;
}

/** Rows with something in them; others are nobody's. */
function filled(rows: Rows): Rows {
  return rows.filter(([cells]) => cells.some((cell) => cell !== ''));
}

describe('Plain rows of a table', () => {
  const piece = fc.constantFrom('1', '-2.5', 'ä', ' ', ',', ';', '\t', '\n', '\r\n', '\r', '#', '"', 'a"b');
  const pieces = fc.array(fc.array(piece, { maxLength: 12 }), { maxLength: 8 });

  it('are those that csv-parse finds, however the text is cut, and it gets the rest @slow', () => {
    fc.assert(
      fc.property(pieces, fc.constantFrom(',', ';', '\t'), (cut, delimiter) => {
        const texts = cut.map((it) => it.join(''));
        const whole = texts.join('');
        let expected: Rows;
        try {
          expected = parsed(whole, delimiter);
        } catch {
          // What cannot be parsed is handed on, and the next test looks at that.
          return;
        }
        const rows: Rows = [];
        const plain = new PlainRows(delimiter, (cells, line) => rows.push([cells, line]));
        let rest = '';
        for (const text of texts) rest += plain.add(text);
        rest += plain.end();
        for (const [cells, line] of parsed(rest, delimiter)) rows.push([cells, plain.lines + line]);
        assert.deepEqual(filled(rows), filled(expected));
      }),
      { numRuns: 1000 },
    );
  });

  it('end with the line that has a quotation mark, or is too long', () => {
    for (const line of ['a,"b"', 'a\rb', 'x'.repeat(20_000)]) {
      const rows: Rows = [];
      const plain = new PlainRows(',', (cells, at) => rows.push([cells, at]));
      assert.equal(
        plain.add(`1,2\n# c, "d"\n\n3,4\n${line}\n5,6\n`) + plain.add('7,8') + plain.end(),
        `${line}\n5,6\n7,8`,
      );
      assert.deepEqual(rows, [
        [['1', '2'], 1],
        [['3', '4'], 4],
      ]);
      assert.equal(plain.lines, 4);
    }
  });
});
