import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';
import { meantVin } from '../../../src/cms/contract/vin.ts';
import { manifestCompletions, manifestNames, manifestProblems } from '../../../src/onboarding/manifest.ts';
import { placesOf } from '../../../src/onboarding/manifestPlaces.ts';

const now = Date.UTC(2026, 0, 5);
const VIN = 'LSH14J4C4LA046511';
const HEADER = 'vin,username,firstName,lastName';

function problemsIn(text: string, format: 'csv' | 'json' = 'csv') {
  return manifestProblems(text, { fields: cdfFields, format, now }).map(({ range, instead }) => ({
    at: range && text.slice(range.offset, range.offset + range.length),
    instead,
  }));
}

describe('A problem of a fleet manifest', () => {
  it('is at its cell, whatever stands around it', () => {
    for (const row of [`${VIN},u,A,B,Ford,Electric`, `"${VIN}", u ,"A ""a"", b",B,,  Electric\t`]) {
      const [problem, ...others] = problemsIn(`${HEADER},make,fuelType\r\n\r\n${row}\r\n`);
      assert.deepEqual([problem?.at, problem?.instead], ['Electric', ['EV']], row);
      assert.deepEqual(others, []);
    }
    // A line break in a cell is a problem of its own, and moves nothing behind it.
    const broken = problemsIn(`${HEADER},make,fuelType\r\n${VIN},u,A,B,"For\nd",Electric\r\n`);
    assert.deepEqual(
      broken.map(({ at }) => at),
      ['"For\nd"', 'Electric'],
    );
  });

  it('is at its cell below a line that names the delimiter, and beside one that cannot be parsed', () => {
    const semicolons = `sep=;\n${HEADER},fuelType\n${VIN},u,A,B,"gasolin"\n`.replaceAll(',', ';');
    assert.deepEqual(problemsIn(semicolons), [{ at: '"gasolin"', instead: undefined }]);
    const broken = `${HEADER},fuelType\n${VIN},"u,A,B,EV\n5YJSA1E26HF000337,u,A,B,deisel\n`;
    assert.deepEqual(problemsIn(broken).at(-1), { at: 'deisel', instead: ['Diesel'] });
  });

  it('has no place where a value is missing', () => {
    assert.deepEqual(problemsIn(`${HEADER}\n${VIN},u,,B\n`), [{ at: undefined, instead: undefined }]);
  });

  it('says for each column that is none which one it is like', () => {
    const text = `vin,usernmae,first_name,lastName,Kraftstoff,Halterung\n${VIN},u,A,B,EV,x\n`;
    assert.deepEqual(problemsIn(text).slice(0, 3), [
      { at: 'usernmae', instead: ['username'] },
      { at: 'Kraftstoff', instead: ['fuelType'] },
      { at: 'Halterung', instead: [] },
    ]);
  });

  it('says for each key of JSON that is none which field it is like, where it stands', () => {
    const vehicle = {
      vin: VIN,
      usernmae: 'u',
      firstName: 'A',
      lastName: 'B',
      Kraftstoff: 'EV',
      paint: 'red',
    };
    const found = problemsIn(JSON.stringify({ vehicles: [vehicle] }), 'json');
    assert.deepEqual(found.slice(0, 3), [
      { at: '"usernmae"', instead: ['"username"'] },
      { at: '"Kraftstoff"', instead: ['"fuelType"'] },
      { at: '"paint"', instead: [] },
    ]);
  });

  it('has what was meant as it is written in JSON', () => {
    const vehicle = { vin: VIN, username: 'u', firstName: 'A', lastName: 'B', bodyType: 'kombi' };
    assert.deepEqual(problemsIn(JSON.stringify({ vehicles: [vehicle] }), 'json'), [
      { at: '"kombi"', instead: ['"Estate"'] },
    ]);
  });

  for (const [cell, instead] of [
    ['electric', ['EV']],
    ['ev', ['EV']],
    ['DIESEL', ['Diesel']],
    ['Benzin', ['Gas']],
    ['hybrid', ['Hybrid_MHEV', 'Hybrid_PHEV']],
    ['Hybrid PHEV', ['Hybrid_PHEV']],
    ['Dielsel', ['Diesel']],
    ['Coal', undefined],
  ] as const) {
    it(`of the fuel ${cell} ${instead === undefined ? 'has nothing that was meant' : `has ${instead.join(' or ')}`}`, () => {
      const [problem] = problemsIn(`${HEADER},fuelType\n${VIN},u,A,B,${cell}\n`);
      assert.deepEqual(problem, { at: cell, instead });
    });
  }
});

describe('The VIN that was meant', () => {
  for (const [text, meant, why] of [
    ['1HGCM82693A004352', '1HGCM82633A004352', 'another check digit (49 CFR 565.15)'],
    ['1HGCM82633A004352', undefined, 'nothing: it is right'],
    ['5YJSA1E26HFO00337', '5YJSA1E26HF000337', 'a zero for the letter O'],
    ['lsh14j4c4la0465ii', VIN, 'ones for the letter I'],
    ['LSH 14J4C4 LA046511', VIN, 'the same without blanks'],
    ['WVWZZZ1JZXW000001', undefined, 'nothing: its maker has no check digits'],
    ['1HGCM82633A00435', undefined, 'nothing: a character is missing'],
  ] as const) {
    it(`by ${text} is ${why}`, () => assert.equal(meantVin(text), meant));
  }
});

describe('What stands in a fleet manifest', () => {
  it('are its vehicles, whatever else is wrong', () => {
    const text = `Username;VIN\nu;${VIN.toLowerCase()}\n\n;ZVW30-9000123\n`;
    assert.deepEqual(manifestNames(text, 'a.csv', [cdfFields]), [
      { line: 2, vin: VIN },
      { line: 4, vin: 'ZVW30-9000123' },
    ]);
    const json = `{ "vehicles": [\n{ "vin": "${VIN}" },\n{ "vin": 5 },\n{ "vin": "x" }] }`;
    assert.deepEqual(manifestNames(json, 'a.cms-fleet.json', [cdfFields]), [
      { line: 2, vin: VIN },
      { line: 4, vin: 'X' },
    ]);
  });

  /** What is offered at the `|` of a text, and what it takes the place of. */
  function completed(text: string): { words: string[]; at: string | undefined } {
    const offset = text.indexOf('|');
    const plain = text.replace('|', '');
    const found = manifestCompletions(plain, offset, [cdfFields]);
    return {
      words: found?.words.map(({ word }) => word) ?? [],
      at: found && plain.slice(found.range.offset, found.range.offset + found.range.length),
    };
  }

  it('is completed by its columns, before and in a header', () => {
    for (const [text, at] of [
      ['|', ''],
      ['vin,user|,email\n', 'user'],
      ['sep=;\nvin;us|\n', 'us'],
    ] as const) {
      const { words, at: place } = completed(text);
      assert.equal(place, at, text);
      assert.ok(words.includes('username') && words.includes('fuelType'), words.join());
      assert.equal(words.includes('vin'), text === '|');
    }
  });

  it('is completed by the values that a column takes, or that other lines have', () => {
    const rows = `vin,keepClaimFiles,iviType,make\n${VIN},true,Premium,"Ford, Inc."\n`;
    assert.deepEqual(completed(`${rows}X,t|,,`), { words: ['true', 'false'], at: 't' });
    assert.deepEqual(completed(`${rows}X,, "Hi|" ,`), { words: ['LoLine', 'HiLine', 'Premium'], at: '"Hi"' });
    assert.deepEqual(completed(`${rows}X,,,|`), { words: ['Ford, Inc.'], at: '' });
    assert.deepEqual(completed(`${rows}X|,,,`), { words: [], at: 'X' });
    assert.deepEqual(completed(`${rows}X,,,,|`), { words: [], at: undefined });
  });
});

describe('A word that is completed', () => {
  for (const [delimiter, word, cell] of [
    [',', 'EV', 'EV'],
    [',', 'Ford, Inc.', '"Ford, Inc."'],
    [';', 'Ford, Inc.', 'Ford, Inc.'],
    [';', 'a;b', '"a;b"'],
    [',', 'the "big" one', '"the ""big"" one"'],
    [',', 'two\nlines', '"two\nlines"'],
    [',', ' blank ', '" blank "'],
  ] as const) {
    it(`${JSON.stringify(word)} is written between “${delimiter}” so that it is read as it is`, () => {
      const text = ['vin', 'make', 'model\nX', '', ''].join(delimiter);
      const found = manifestCompletions(text, text.length, [cdfFields]);
      assert.equal(found?.write(word), cell);
      assert.equal(parse(`X${delimiter}${cell}`, { delimiter, trim: true })[0]?.[1], word);
    });
  }
});

describe('The places of cells', () => {
  it('are found for every record that is read', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', '\n', 'é'), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const written = (text: string) =>
          /[",\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
        const text = rows.map((row) => row.map(written).join(',')).join(end);
        const read = parse(text, { relax_column_count: true, skip_empty_lines: true, trim: true });
        const records = read.map((cells) => ({ cells }));
        const places = placesOf(records, text, { offset: 0, delimiter: ',', byLine: false });
        for (const record of records) {
          const at = places.get(record)?.map(({ offset, length }) => text.slice(offset, offset + length));
          assert.deepEqual(
            at?.map((raw) => (raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw)),
            record.cells,
          );
        }
      }),
    );
  });
});
