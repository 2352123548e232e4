import assert from 'node:assert/strict';
import { CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import { english } from '../../../../src/core/wording.ts';
import { allowedByVinAlone, isAllowList, readAllowList } from '../../../../src/provisioning/ca/allowList.ts';
import { judgeNewcomer, namesCertificate } from '../../../../src/provisioning/ca/judge.ts';
import { batchCsv, type IssuedVehicle } from '../../../../src/provisioning/ca/batch.ts';

const VIN = 'LSH14J4C4LA046511';
const ID = 'ab'.repeat(32);
const same = (vin: string): string => vin;
const refused = (line: number, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CmsError, String(error));
  assert.equal(error.code, 'MANIFEST_INVALID');
  assert.match(error.message, new RegExp(`^Line ${line} of the list of vehicles: `));
  assert.match(error.message, words);
  return true;
};

describe('the list of vehicles that may come in', () => {
  for (const [what, header] of [
    ['as it is written', 'vin,thingName,certificateId,serialNumber,publicKey,notAfter'],
    ['in capital letters', 'VIN,ThingName'],
    ['quoted', '"vin","certificateId"'],
    ['with empty columns at its end', 'vin,certificateId,,'],
    ['with semicolons', 'vin;certificateId'],
    ['after a byte order mark', '\uFEFFvin'],
  ] as const) {
    it(`is known by its header ${what}`, () => assert.ok(isAllowList(`${header}\n`)));
  }

  for (const [what, text] of [
    ['a fleet file', 'vin,username,firstName\nX,eva,Eva\n'],
    ['JSON', '[{"vin": "X"}]'],
    ['a list without VINs', 'thingName,certificateId\n'],
    ['a header with one column twice', 'vin,VIN\n'],
    ['nothing', ''],
  ] as const) {
    it(`is not ${what}`, () => assert.ok(!isAllowList(text)));
  }

  it('reads capital letters, quotes and empty columns like any other header', () => {
    const list = readAllowList(`"VIN","CertificateID",,\n"${VIN}","${ID.toUpperCase()}",,\n`, same);
    const expected = { vin: VIN, thingName: VIN, certificateId: ID };
    assert.deepEqual(list.get(VIN), { ...expected, serialNumber: undefined, publicKey: undefined });
  });

  for (const column of ['certificateId', 'serialNumber', 'publicKey']) {
    it(`with the column ${column}, a row that leaves it empty lets nobody in`, () => {
      const text = `vin,${column}\nA,${ID}\n${VIN},\n`;
      assert.throws(() => readAllowList(text, same), refused(3, /does not say which certificate/));
    });
  }

  it('takes a row that names its certificate in one of several columns', () => {
    const list = readAllowList(`vin,certificateId,publicKey\n${VIN},,${ID}\n`, same);
    assert.equal(list.get(VIN)?.publicKey, ID);
  });

  for (const [what, row] of [
    ['fewer', VIN],
    ['more', `${VIN},${ID},${ID}`],
  ] as const) {
    it(`a row with ${what} cells than the header is an error`, () => {
      assert.throws(() => readAllowList(`vin,certificateId\n${row}\n`, same), refused(2, /the header has 2/));
    });
  }

  it('names the line of a VIN that the CMS does not take', () => {
    const strict = (vin: string): string => {
      if (vin !== VIN) throw new CmsError('VIN_INVALID', l10n.t('It is not a VIN.'));
      return vin;
    };
    assert.throws(() => readAllowList(`vin\n${VIN}\nX\n`, strict), refused(3, /It is not a VIN/));
  });

  it('a thing of another name than the CMS gives the vehicle is an error', () => {
    const text = `vin,thingName\n${VIN},other\n`;
    assert.throws(() => readAllowList(text, same), refused(2, /not other/));
    assert.equal(readAllowList(text, () => undefined).get('other')?.vin, VIN);
  });

  it('knows which rows allow by the VIN alone, and which name the very certificate', () => {
    const alone = readAllowList(`vin\nA\nB\n`, same);
    const serial = readAllowList(`vin,serialNumber\nA,0f\n`, same);
    const named = readAllowList(`vin,certificateId\nA,${ID}\n`, same);
    assert.deepEqual([alone, serial, named].map(allowedByVinAlone), [2, 0, 0]);
    assert.deepEqual(
      [alone, serial, named].map((list) => namesCertificate(list.get('A')!)),
      [false, false, true],
    );
  });

  it('a certificate that cannot be read is not let in, and said to be unreadable', () => {
    const judgment = judgeNewcomer(readAllowList(`vin\n${VIN}\n`, same), {
      ...{ certificateId: ID, pem: 'no certificate', now: 0 },
    });
    assert.ok(!judgment.allowed && !judgment.revocable);
    assert.equal(english(judgment.why), 'its certificate cannot be read');
  });
});

describe('the list of a factory’s batches', () => {
  const vehicle = (vin: string, certificateId: string): IssuedVehicle => ({
    ...{ vin, thingName: vin, certificateId },
    ...{ serialNumber: '0f', publicKey: 'cd', notAfter: '2030-01-01T00:00:00.000Z' },
  });
  const header = 'vin,thingName,certificateId,serialNumber,publicKey,notAfter';
  const row = (vin: string, id: string) => `${vin},${vin},${id},0f,cd,2030-01-01T00:00:00.000Z`;

  it('keeps the vehicles of earlier batches, and has each vehicle once', () => {
    const first = batchCsv([vehicle('A', '01'), vehicle('B', '02')]);
    assert.equal(first, `${[header, row('A', '01'), row('B', '02')].join('\n')}\n`);
    const next = batchCsv([vehicle('C', '03'), vehicle('B', '04')], first);
    assert.equal(next, `${[header, row('A', '01'), row('C', '03'), row('B', '04')].join('\n')}\n`);
  });

  it('is not written over another file', () => {
    assert.throws(() => batchCsv([], 'vin,username\nA,eva\n'), refused(1, /did not write it/));
  });
});
