import assert from 'node:assert/strict';
import { kml, kmlLine, read, WRITERS, zip } from './files.ts';

const formats = Object.keys(WRITERS) as (keyof typeof WRITERS)[];
const here = { latitude: 48.1, longitude: 11.5 };
const there = { latitude: 48.2, longitude: 11.6 };

describe('a bad route, in every format,', () => {
  for (const name of formats) {
    const write = (...points: Parameters<(typeof WRITERS)[typeof name]>[0]) => WRITERS[name](points);

    it(`is one of no point (${name})`, async () => {
      await assert.rejects(read(write(), name), { code: 'ROUTE_INVALID' });
    });

    it(`is one of a single point (${name})`, async () => {
      await assert.rejects(read(write(here), name), { code: 'ROUTE_INVALID', message: /two points/ });
    });

    it(`is one whose points are all one place (${name})`, async () => {
      await assert.rejects(read(write(here, here, here), name), {
        code: 'ROUTE_INVALID',
        message: /two different points/,
      });
    });

    it(`is none because of a number beyond all, which is left out and said (${name})`, async () => {
      // JSON does not know it; its writer makes null of it.
      for (const bad of [Infinity, -Infinity]) {
        for (const place of [
          { latitude: bad, longitude: 1 },
          { latitude: 1, longitude: bad },
        ]) {
          const { routes, notes } = await read(write(here, place, there), name);
          assert.deepEqual(routes[0]!.points, [here, there]);
          assert.match(notes.join(), /no position: 1 point/);
        }
      }
    });

    it(`is none because one record of it has no position, which the notes say (${name})`, async () => {
      for (const place of [
        { latitude: NaN, longitude: 1 },
        { latitude: 1, longitude: NaN },
      ]) {
        const { routes, notes } = await read(write(here, place, there), name);
        assert.deepEqual(routes[0]!.points, [here, there]);
        assert.match(notes.join(), /^Left out because there is no position: 1 point, the first in /);
      }
    });

    it(`is none because one record of it is no place on the earth, which is left out and said (${name})`, async () => {
      for (const [latitude, longitude] of [
        [214.7483647, 214.7483647],
        [180, 180],
        [255, 255],
        [999, 11.5],
        [48.1, 999],
        [-999.9, -999.9],
        [91, 181],
      ] as const) {
        const { routes, notes } = await read(write(here, { latitude, longitude }, there), name);
        assert.deepEqual(routes[0]!.points, [here, there], `${latitude}, ${longitude}`);
        const text = `Left out because "${latitude}, ${longitude}" is not a real position: 1 point`;
        assert.ok(notes.join().includes(text), notes.join());
      }
    });

    it(`is one beyond the poles (${name})`, async () => {
      const beyond = { latitude: 181, longitude: 11 };
      await assert.rejects(read(write(here, beyond, { ...beyond, latitude: 182 }), name), {
        code: 'ROUTE_INVALID',
        message: /181 isn’t a valid latitude/,
      });
      // Not far from the others: it is the file that is wrong.
      const polar = [88, 89, 90.5].map((latitude) => ({ latitude, longitude: 11 }));
      await assert.rejects(read(write(...polar), name), { message: /90\.5 isn’t a valid latitude/ });
    });
  }
});

describe('a KML without anything to drive', () => {
  for (const [what, text] of [
    ['no byte', ''],
    ['a root only', '<kml/>'],
    ['a root that is not closed', '<kml>'],
    ['an empty document', kml('<Document/>')],
    ['an empty line', kmlLine('')],
    ['blanks for a line', kmlLine(' \n\t ')],
  ] as const) {
    it(`is refused: ${what}`, async () => {
      await assert.rejects(read(text, 'empty.kml'), { code: 'ROUTE_INVALID' });
      await assert.rejects(read(zip([['doc.kml', text]]), 'empty.kmz'), { code: 'ROUTE_INVALID' });
    });
  }
});

describe('a header of brackets', () => {
  it('is refused by one look at each of them', async () => {
    // Of a pattern that looks again from each of them, the length of this is the third power of the time.
    const header = `11.5,48.1 ${'('.repeat(20_000)}48.2${')'.repeat(20_000)},x`;
    await assert.rejects(read(`${header}\n1,2\n`, 'a.csv'), {
      code: 'ROUTE_INVALID',
      message: /neither two numbers/,
    });
  });
});

describe('an entity bomb in an archive', () => {
  it('is refused before it is lit', async () => {
    const levels = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};">`).join(
      '',
    );
    const text = `<!DOCTYPE kml [<!ENTITY e0 "boom">${levels}]><kml><name>&e30;</name></kml>`;
    await assert.rejects(read(zip([['doc.kml', text]]), 'bomb.kmz'), {
      code: 'ROUTE_INVALID',
      message: /DOCTYPE: entities/,
    });
  });
});
