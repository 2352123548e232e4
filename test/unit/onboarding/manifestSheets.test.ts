import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { readManifest } from '../../../src/onboarding/manifest.ts';
import { manifestText } from '../../../src/onboarding/manifestText.ts';

const now = Date.UTC(2026, 0, 5);
const VINS = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124', '11111111111111111'] as const;
const HEADER = 'vin,username,firstName,lastName';

/** The vehicles of a file as it lies on a disk. */
function vehiclesIn(content: string | Uint8Array) {
  const text = manifestText(typeof content === 'string' ? Buffer.from(content) : content, 'fleet.csv');
  return readManifest(text, { fields: cdfFields, format: 'csv', now }).map(({ line, request }) => ({
    line,
    ...request,
  }));
}

/** The lines of the problems, and what to do. */
function refusalOf(content: string | Uint8Array): { lines: string[]; remedy: string } {
  try {
    vehiclesIn(content);
  } catch (error) {
    assert.ok(error instanceof CmsError);
    assert.equal(error.code, 'MANIFEST_INVALID');
    return {
      lines: error.message.split('\n'),
      remedy: error.remedy === undefined ? '' : english(error.remedy),
    };
  }
  throw new Error('the manifest was taken');
}

describe('A fleet file from a spreadsheet', () => {
  it('may say its delimiter in a line of its own', () => {
    for (const text of [
      `sep=;\r\nvin;username;firstName;lastName\r\n${VINS[0]};u;A;B\r\n`,
      `\uFEFF"sep=;"\nvin;username;firstName;lastName\n${VINS[0]};u;A;B\n`,
      `SEP=|\nvin|username|firstName|lastName\n${VINS[0]}|u|A|B\n`,
      `sep=;;;\nvin;username;firstName;lastName\n${VINS[0]};u;A;B\n`,
    ]) {
      assert.deepEqual(
        vehiclesIn(text).map(({ line, vin }) => [line, vin]),
        [[3, VINS[0]]],
        text,
      );
    }
  });

  it('may have delimiters where columns were once, and rows of nothing but delimiters', () => {
    const [vehicle, ...others] = vehiclesIn(`${HEADER},,\n,,,,,\n${VINS[0]},u,A,B,,\n,,,\n`);
    assert.deepEqual([vehicle?.line, vehicle?.vin, others.length], [3, VINS[0], 0]);
  });

  it('may have its header again where two files were joined', () => {
    const vehicles = vehiclesIn(`${HEADER}\n${VINS[0]},u,A,B\n${HEADER}\n${VINS[1]},u,A,B\n`);
    assert.deepEqual(
      vehicles.map(({ line }) => line),
      [2, 4],
    );
  });

  it('is read as UTF-16, with and without a byte order mark', () => {
    const text = `${HEADER.replaceAll(',', '\t')}\r\n${VINS[0]}\tu\tJörg\tMüßig\r\n`;
    const bigEndian = Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
    for (const bytes of [Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(text, 'utf16le'), bigEndian]) {
      assert.deepEqual(
        vehiclesIn(bytes).map(({ firstName, lastName }) => [firstName, lastName]),
        [['Jörg', 'Müßig']],
      );
    }
  });

  it('is refused with the line that is not UTF-8, for another code page has other letters', () => {
    const { lines, remedy } = refusalOf(
      Buffer.from(`${HEADER}\n${VINS[0]},u,A,B\n${VINS[1]},u,Jörg,B\n`, 'latin1'),
    );
    assert.match(lines.join(), /fleet\.csv cannot be read: line 3: this is not text in UTF-8/);
    assert.match(remedy, /CSV UTF-8/);
  });

  it('is refused as what it is when it is a workbook', () => {
    for (const start of ['PK\x03\x04', '\xd0\xcf\x11\xe0']) {
      const { lines, remedy } = refusalOf(Buffer.from(`${start} and more`, 'latin1'));
      assert.match(lines.join(), /is a workbook of a spreadsheet/);
      assert.match(remedy, /CSV UTF-8/);
    }
  });

  it('may have texts that are kept texts, characters that one does not see, and wide letters', () => {
    const wide = VINS[0].replace(/./g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
    for (const vin of [
      `"=""${VINS[0]}"""`,
      `'${VINS[0]}`,
      `\u00a0${VINS[0]}\u200b`,
      `\u202d${VINS[0]}\u202c`,
      wide,
    ]) {
      assert.deepEqual(
        vehiclesIn(`\u200bvin,username,firstName ,last\u00a0name\n${vin},u,'t,Hooft\n`).map((it) => [
          it.vin,
          it.firstName,
        ]),
        [[VINS[0], "'t"]],
        vin,
      );
    }
  });

  it('may have characters that one does not see in the midst of a header, and line ends of several kinds', () => {
    const [first, second] = VINS;
    const text = `v\u200bin,user\u00adname,first\u2060Name,last\ufeffName\r\n${first},u,A,B\n${second},w,C,D\r`;
    assert.deepEqual(
      vehiclesIn(text).map((it) => [it.vin, it.firstName]),
      [
        [first, 'A'],
        [second, 'C'],
      ],
    );
  });

  it('has its numbers with decimal commas, and its yes and no in the language of the spreadsheet', () => {
    const [vehicle] = vehiclesIn(
      `${HEADER.replaceAll(',', ';')};latitude;longitude;modelYear;keepClaimFiles\n${VINS[0]};u;A;B;48,1375;11,575;2018,0;FALSCH\n`,
    );
    assert.deepEqual(
      [vehicle?.latitude, vehicle?.longitude, vehicle?.modelYear, vehicle?.keepClaimFiles],
      [48.1375, 11.575, 2018, false],
    );
  });

  it('is refused where the spreadsheet has changed what was typed, once for a cell, and with what to do', () => {
    for (const [column, cell, problem] of [
      ['vin', '1.23457E+16', /^- line 2: vin: 1\.23457E\+16 is a number that a spreadsheet has shortened/],
      ['vin', '"1,23457E+16"', /^- line 2: vin: 1,23457E\+16 is a number that a spreadsheet has shortened/],
      ['phone', '4.91512E+11', /^- line 2: phone: 4\.91512E\+11 is a number that/],
      ['vin', '#REF!', /^- line 2: vin: #REF! is an error of the spreadsheet/],
      ['make', '#NV', /^- line 2: make: #NV is an error of the spreadsheet/],
      [
        'model',
        '03. Sep',
        /^- line 2: model: A spreadsheet turned something like 9-3 or 1\.9\.1 into the date "03\. Sep"/,
      ],
      ['softwareVersion', '01.09.2001', /^- line 2: softwareVersion: .* the date "01\.09\.2001"/],
      ['firstName', 'J\uFFFDrg', /^- line 2: firstName: "J\uFFFDrg" has characters that were lost/],
      [
        'modelYear',
        '####',
        /^- line 2: modelYear: "####" stands for a value that the column was too narrow for/,
      ],
      ['model', '########', /^- line 2: model: .*too narrow/],
      ['model', '"Tig\nuan"', /^- line \d: model: "Tig uan" has a line break/],
      ['model', 'Tig\0uan', /^- line 2: model: .*control character/],
      [
        'phone',
        '491701234567.0',
        /^- line 2: phone: 491701234567\.0 is a number to which a program has added/,
      ],
      // The bytes of "ü" and of "’" in UTF-8, read as Windows-1252.
      ['lastName', 'MÃ¼ller', /^- line 2: lastName: "MÃ¼ller" has Ã¼ where a letter was/],
      ['city', 'Lâ€™Aquila', /^- line 2: city: .* has â€ where a letter was/],
      ['lastName', 'M&uuml;ller', /^- line 2: lastName: .* has &uuml; where a letter was/],
    ] as const) {
      const cells: Record<string, string> = {
        vin: VINS[0],
        username: 'u',
        firstName: 'A',
        lastName: 'B',
        [column]: cell,
      };
      const { lines, remedy } = refusalOf(
        `${Object.keys(cells).join(',')}\n${Object.values(cells).join(',')}\n`,
      );
      assert.equal(lines.length, 2, lines.join('\n'));
      assert.match(lines[1]!, problem);
      assert.doesNotMatch(remedy, /allow-any-vin/);
    }
  });

  it('takes names with letters and signs of many languages', () => {
    for (const name of [
      'João São',
      'ÂNGELA',
      'Ãlvares',
      'Smith & Sons; Ltd',
      'R&D',
      'O’Neill',
      '#1',
      'Ærø',
      'NULL',
    ]) {
      const [vehicle] = vehiclesIn(`vin,username,firstName,lastName\n${VINS[0]},u,A,"${name}"\n`);
      assert.equal(vehicle?.lastName, name);
    }
  });

  it('takes models that only look a little like dates', () => {
    for (const model of [
      'GLE 450',
      'C-Max',
      '500',
      '3.0',
      'MX 5',
      'Up!',
      'i3',
      'Model 3',
      '2-Series',
      'ID. 3',
    ]) {
      assert.equal(vehiclesIn(`${HEADER},model\n${VINS[0]},u,A,B,${model}\n`)[0]?.model, model);
    }
  });

  it('says of columns in other languages which fields they may be, and of absent ones once', () => {
    const { lines } = refusalOf(
      `Fahrgestellnummer;Kennzeichen;Vorname;Baujahr\n${VINS[0]};M-AB 1;A;2018\n${VINS[1]};M-AB 2;B;2019\n`,
    );
    assert.match(
      lines[1]!,
      /^- line 1: There is no field for "Fahrgestellnummer" \(vin\?\), "Kennzeichen", "Vorname" \(firstName\?\), "Baujahr" \(modelYear\?\)\. Rename or remove these columns\. The fields are: vin, /,
    );
    assert.deepEqual(lines.slice(2), [
      '- line 1: The columns vin, username, firstName, lastName are missing.',
    ]);
  });

  it('says where the header is when lines stand above it', () => {
    const { lines } = refusalOf(`Fleet 2026,,,\n${HEADER}\n${VINS[0]},u,A,B\n`);
    assert.match(lines[1]!, /^- line 1: This is not a header, but line 2 is/);
  });

  it('names the way for vehicles without a VIN of today', () => {
    const { lines, remedy } = refusalOf(`${HEADER}\nZVW30-9000123,u,A,B\n`);
    assert.match(lines[1]!, /^- line 2: vin: Character 6 of the VIN, "-"/);
    assert.match(remedy, /Japanese frame numbers, vehicles built before 1981.*--allow-any-vin/);
    const [vehicle] = vehiclesIn(`${HEADER},allowAnyVin\nZVW30-9000123,u,A,B,WAHR\n`);
    assert.equal(vehicle?.vin, 'ZVW30-9000123');
  });

  it('has all its lines checked, also behind one that cannot be parsed', () => {
    const { lines } = refusalOf(
      `${HEADER}\n${VINS[0]},"u,A,B\nSHORT,u,A,B\n${VINS[1]},u"x",A,B\n${VINS[2]},u,,B\n`,
    );
    assert.deepEqual(
      lines.slice(1).map((line) => /^- line (\d+): (.{9})/.exec(line)?.slice(1).join(' ')),
      ['2 A quotati', '3 vin: Char', '4 There is ', '5 firstName'],
    );
  });

  it('is refused where a row has more cells than there are columns', () => {
    const { lines } = refusalOf(`${HEADER}\n${VINS[0]},u,A,B,GmbH\n`);
    assert.deepEqual(lines.slice(1), [
      '- line 2: There are 5 cells for 4 columns; a cell with a "," in it needs quotes.',
    ]);
  });

  it('has the same vehicles whatever the spreadsheet writes around them', () => {
    const cell = fc.stringMatching(/^[A-Za-zÄÖÜäöüß][A-Za-zÄÖÜäöüß ,;|"-]{0,20}[a-z]$/);
    const file = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      end: fc.constantFrom('\n', '\r\n', '\r'),
      sep: fc.boolean(),
      encoding: fc.constantFrom('utf8' as const, 'utf16le' as const),
      mark: fc.boolean(),
      trailing: fc.nat({ max: 3 }),
      names: fc.tuple(cell, cell),
    });
    fc.assert(
      fc.property(file, ({ delimiter, end, sep, encoding, mark, trailing, names }) => {
        const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
        const rows = [HEADER.split(','), [VINS[0], 'u', ...quoted]];
        const lines = rows.map((row) => [...row, ...Array<string>(trailing).fill('')].join(delimiter));
        const text = [...(sep ? [`sep=${delimiter}`] : []), ...lines, ''].join(end);
        const [vehicle, ...others] = vehiclesIn(Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, encoding));
        assert.deepEqual([vehicle?.vin, vehicle?.firstName, vehicle?.lastName], [VINS[0], ...names]);
        assert.deepEqual([vehicle?.line, others.length], [sep ? 3 : 2, 0]);
      }),
    );
  });
});
