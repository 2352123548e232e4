import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { CmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { manifestFormatOf, manifestProblems, readManifest } from '../../../src/onboarding/manifest.ts';
import { manifestJsonSchema, readJson } from '../../../src/onboarding/manifestJson.ts';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';

const now = Date.UTC(2026, 0, 5);
const VINS = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124', '11111111111111111'];
const csv = (text: string, defaults = {}) =>
  readManifest(text, { fields: cdfFields, format: 'csv', defaults, now });
const json = (value: unknown) =>
  readManifest(typeof value === 'string' ? value : JSON.stringify(value), {
    fields: cdfFields,
    format: 'json',
    now,
  });

function problemLines(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof CmsError);
    assert.equal(error.code, 'MANIFEST_INVALID');
    return error.message.split('\n').slice(1);
  }
  throw new Error('the manifest was taken');
}

describe('A fleet manifest', () => {
  it('is read from CSV, with lines, numbers, quotes and empty cells as absent fields', () => {
    const vehicles = csv(
      `\uFEFFvin,First Name,last-name,USERNAME,modelYear,email,latitude,longitude\r\n` +
        `${VINS[0]},"Ann ""A""","Ek, B",ann,2024,,48.1,11.5\r\n\r\n` +
        `${VINS[1]?.toLowerCase()},李,Ng,ng,,,,\r\n`,
    );
    assert.deepEqual(
      vehicles.map(({ line, request }) => [line, request.vin, request.firstName, request.modelYear]),
      [
        [2, VINS[0], 'Ann "A"', 2024],
        [4, VINS[1], '李', 2019],
      ],
    );
    const request = vehicles[0]!.request;
    assert.equal(request.lastName, 'Ek, B');
    assert.equal(request.latitude, 48.1);
    assert.equal(request.email, undefined);
  });

  it('takes semicolons and tabs as the header shows them', () => {
    for (const c of [';', '\t']) {
      const text = ['vin,firstName,lastName,username', `${VINS[0]},A,B,u`].join('\n').replaceAll(',', c);
      assert.equal(csv(text).length, 1);
    }
  });

  it('takes tags as words in a cell or as a list', () => {
    const text = (cell: string) => `vin,firstName,lastName,username,Tags\n${VINS[0]},A,B,u,${cell}\n`;
    for (const cell of ['night van', 'night;van', '"night, van"', ' night | van ']) {
      assert.deepEqual(csv(text(cell))[0]?.request.tags, ['night', 'van'], cell);
    }
    assert.equal(csv(text(''))[0]?.request.tags, undefined);
    const semicolons = text('night van').replaceAll(',', ';');
    assert.deepEqual(csv(semicolons)[0]?.request.tags, ['night', 'van']);
    const owner = { username: 'u', firstName: 'A', lastName: 'B' };
    const [vehicle] = json({ defaults: { tags: ['all'] }, vehicles: [{ vin: VINS[0], ...owner }] });
    assert.deepEqual(vehicle?.request.tags, ['all']);
    assert.deepEqual(
      problemLines(() => csv(text('"-x"'))),
      ['- line 2: tags.0: must be letters, digits and _ . : -, 40 at most.'],
    );
  });

  it('is read from JSON with defaults for all vehicles', () => {
    const vehicles = json({
      defaults: { username: 'u', firstName: 'A', lastName: 'B', make: 'Base' },
      vehicles: [{ vin: VINS[0] }, { vin: VINS[1], make: 'Own' }],
    });
    assert.deepEqual(
      vehicles.map(({ request }) => request.make),
      ['Base', 'Own'],
    );
  });

  it('gives the same vehicles from CSV and from JSON', () => {
    const fields = { firstName: 'A', lastName: 'B', username: 'u', modelYear: 2024, allowAnyVin: true };
    const fromCsv = csv(
      `${['vin', ...Object.keys(fields)].join(',')}\n${['ecu-1', ...Object.values(fields)].join(',')}`,
    );
    const fromJson = json({ vehicles: [{ vin: 'ecu-1', ...fields }] });
    assert.deepEqual(fromCsv[0]?.request, fromJson[0]?.request);
  });

  it('lists every problem of every line before anything is done', () => {
    const lines = problemLines(() =>
      csv(
        `vin,firstName,lastName,username,modelYear,colour\n${VINS[0]},A,B,u,20x4,red\n,A,B,u/v,2024,\nSHORT,A,,u,2024,`,
      ),
    );
    assert.deepEqual(
      lines.map((line) => /^- line (\d+): (\w+)/.exec(line)?.slice(1).join(' ')),
      ['1 There', '2 modelYear', '3 vin', '3 username', '4 lastName', '4 vin'],
    );
  });

  it('lists a hundred problems at most, and counts the others', () => {
    const lines = problemLines(() => csv(`vin\n${'X\n'.repeat(500)}`));
    assert.equal(lines.length, 101);
    assert.match(lines.at(-1) ?? '', /^- and \d+ more$/);
  });

  it('finds vehicles named twice, also in other letters, and users with two names', () => {
    const lines = problemLines(() =>
      csv(
        `vin,firstName,lastName,username\n${VINS[0]},A,B,u\n${VINS[0]?.toLowerCase()},A,B,u\n${VINS[1]},A,C,U\n`,
      ),
    );
    assert.match(lines.join('\n'), /line 3: vin: .* already on line 2.*\n.*line 4: username: .*on line 2/);
  });

  it('finds a user whose first and last name are parted in two ways', () => {
    const lines = problemLines(() =>
      csv(`vin,firstName,lastName,username\n${VINS[0]},A B,C,u\n${VINS[1]},A,B C,u\n`),
    );
    assert.match(lines.join('\n'), /^- line 3: username: .*on line 2/);
  });

  it('gives the lines of vehicles in JSON', () => {
    const text = `{"defaults": {"username": "[{"},\n "vehicles": [\n  {"vin": "x",\n   "make": "]"},\n\n  {"vin": "y"}, 7\n]}`;
    const lines = problemLines(() => json(text));
    assert.deepEqual([...new Set(lines.map((line) => /line (\d+)/.exec(line)?.[1]))], ['3', '6']);
  });

  it('finds the line of each item whatever the text around it @slow', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.jsonValue(), (items, other) => {
        const text = JSON.stringify({ defaults: { other }, vehicles: items }, undefined, 1);
        const lines = text.split('\n');
        const { rows } = readJson(text);
        assert.equal(rows.length, items.length);
        for (const [i, { line }] of rows.entries()) {
          const first = JSON.stringify(items[i], undefined, 1).split('\n')[0] ?? '';
          assert.ok(lines[line - 1]?.trim().startsWith(first.replace(/,$/, '')), `${line}: ${first}`);
        }
      }),
    );
  });

  it('underlines the wrong value in JSON, and nothing in particular where a field is missing', () => {
    for (const start of ['', '\uFEFF']) {
      const text = `${start}{"vehicles": [{"vin": "${VINS[1]}", "firstName": "A",\n "lastName": "B", "tags": ["-x"]}, 7]}`;
      const problems = manifestProblems(text, { fields: cdfFields, format: 'json', now });
      assert.deepEqual(
        problems.map(({ line, field, range }) => [
          line,
          field,
          range && text.slice(range.offset, range.offset + range.length),
        ]),
        [
          [1, 'username', undefined],
          [1, 'tags.0', '["-x"]'],
          [2, '', '7'],
        ],
      );
    }
  });

  it('underlines where JSON ends being JSON', () => {
    const text = '{"vehicles": [}';
    const [problem] = manifestProblems(text, { fields: cdfFields, format: 'json', now });
    assert.equal(problem?.range && text.slice(problem.range.offset), '}');
  });

  for (const [what, text] of [
    ['no JSON', '{'],
    ['a list', '[]'],
    ['without vehicles', '{}'],
    ['empty', '{"vehicles":[]}'],
    ['of other things', '{"vehicles":["x"]}'],
    ['with unknown keys', '{"vehicles":[],"fleet":1}'],
  ] as const) {
    it(`is refused as JSON when it is ${what}`, () => assert.ok(problemLines(() => json(text)).length > 0));
  }

  for (const [what, text] of [
    ['empty', ''],
    ['a header only', 'vin,username\n'],
    ['of unequal lines', `vin,username\n${VINS[0]}\n`],
    ['with an open quote', 'vin,username\n"x,y\n'],
    ['with a column twice', `vin,VIN\n${VINS[0]},${VINS[1]}\n`],
  ] as const) {
    it(`is refused as CSV when it is ${what}`, () => assert.ok(problemLines(() => csv(text)).length > 0));
  }

  it('takes fields that are not in the file from the defaults it is given', () => {
    const [vehicle] = csv(`vin\n${VINS[0]}`, { username: 'u', firstName: 'A', lastName: 'B' });
    assert.equal(vehicle?.request.username, 'u');
  });

  it('keeps the warnings of each vehicle', () => {
    const [vehicle] = csv(`vin,firstName,lastName,username\n${VINS[0]},A,B,u`);
    assert.match(vehicle?.warnings.map(english).join() ?? '', /check digit/);
  });

  it('is told by the name of its file', () => {
    assert.deepEqual(['a.json', 'b.JSON', 'c.csv', 'd.txt'].map(manifestFormatOf), [
      'json',
      'json',
      'csv',
      'csv',
    ]);
  });

  it('has a JSON Schema that takes a good manifest and refuses a bad one @slow', () => {
    const ajv = new Ajv2020({ strict: false });
    ajvFormats(ajv);
    const validate = ajv.compile(manifestJsonSchema([cdfFields]));
    assert.equal(validate({ defaults: { username: 'u' }, vehicles: [{ vin: VINS[0], make: 'A' }] }), true);
    assert.equal(validate({ vehicles: [{ vin: VINS[0], bodyType: 'Boat' }] }), false);
    assert.equal(validate({ vehicles: [{ make: 'A' }] }), false);
    assert.equal(validate({ vehicles: [] }), false);
  });

  it('marks no problem beyond the end of a file in JSON, whatever the parser counts', () => {
    for (const text of ['/*', '/* never ends', '{"a": /*', '\uFEFF/*', '{', '"', '']) {
      const [problem] = manifestProblems(text, { fields: cdfFields, format: 'json', now: Date.now() });
      assert.ok(problem !== undefined, text);
      const { offset = 0, length = 0 } = problem.range ?? {};
      assert.ok(
        offset >= 0 && length >= 0 && offset + length <= text.length,
        JSON.stringify([text, problem.range]),
      );
    }
  });
});
