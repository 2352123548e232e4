import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  isRouteName,
  LIKELY_ROUTES,
  ROUTE_FILE_EXTENSIONS,
  ROUTE_PERHAPS,
  ROUTE_TABLES,
  ROUTE_TEXTS,
} from '../../../../src/telemetry/routes/fileNames.ts';
import { gpx, pointsIn, trackPoint, WRITERS, zip } from './files.ts';

interface Entry {
  command?: string;
  when?: string;
}

const root = path.join(import.meta.dirname, '../../../..');
const { menus } = (
  JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    contributes: { menus: Record<string, Entry[]> };
  }
).contributes;

/** What `when` says of names: `resourceFilename =~ /…/i`. */
function names(menu: string, command: string): (name: string) => boolean {
  const { when = '' } = menus[menu]?.find((entry) => entry.command === `cmsEnablement.${command}`) ?? {};
  const [, pattern] = /resourceFilename =~ \/(.*)\/i$/.exec(when) ?? [];
  assert.ok(pattern !== undefined, `${menu}: ${when}`);
  return (name) => new RegExp(pattern, 'i').test(name);
}

const named = (endings: readonly string[]): string[] =>
  endings.flatMap((ending) => [`my route.${ending}`, `A.B.${ending.toUpperCase()}`]);
const packed = (endings: readonly string[]): string[] => endings.map((ending) => `${ending}.gz`);
const TEXTS = [...ROUTE_TEXTS, ...ROUTE_TABLES];
const ALL = [...TEXTS, ...ROUTE_PERHAPS, ...packed([...TEXTS, ...ROUTE_PERHAPS]), 'kmz', 'zip'];
/** What menus offer: a JSON file or an archive is most likely something else. */
const IN_MENUS = [...TEXTS, ...packed(TEXTS), 'kmz'];
const NEVER = named([
  'txt',
  'md',
  'tar.gz',
  'gz',
  'gpx.md',
  'jsonl',
  'cms-fleet.json',
  'cms-fleet.csv',
  'xkmz',
]);

describe('a menu for route files', () => {
  for (const [menu, commands, endings] of [
    ['cmsEnablement.file', ['previewRoute', 'simulateRoute'], IN_MENUS],
    ['editor/title', ['previewRoute', 'simulateRoute'], ROUTE_TEXTS],
  ] as const) {
    for (const command of commands) {
      it(`${menu} offers ${command} on what can be read there, and on nothing else`, () => {
        const offers = names(menu, command);
        for (const name of named(endings)) assert.ok(offers(name), name);
        const others = named(ALL.filter((ending) => !(endings as readonly string[]).includes(ending)));
        for (const name of [...others, ...NEVER]) assert.ok(!offers(name), name);
      });
    }
  }
});

describe('the name of a route file', () => {
  it('is known in dialogs, folders and archives alike', () => {
    for (const ending of ALL) assert.ok(ROUTE_FILE_EXTENSIONS.includes(ending.split('.').at(-1)!), ending);
    for (const ending of ALL) assert.equal(isRouteName(`a.${ending}`), ending !== 'zip', ending);
    for (const ending of LIKELY_ROUTES) assert.ok(isRouteName(`a.${ending}`), ending);
    for (const name of ['readme.txt', 'a.tar.gz', 'gpx', 'a.gpx.bak']) assert.ok(!isRouteName(name), name);
  });

  it('of every ending that is offered is one of a file that is read', async () => {
    const points = [0, 1, 2].map((i) => ({ latitude: 48 + i / 100, longitude: 11 }));
    const place = ({ latitude, longitude }: (typeof points)[number], distance: string): string =>
      `<Trackpoint><Position><LatitudeDegrees>${latitude}</LatitudeDegrees><LongitudeDegrees>${longitude}</LongitudeDegrees></Position><DistanceMeters>${distance}</DistanceMeters></Trackpoint>`;
    const feature = (from: number, to: number): string =>
      JSON.stringify({
        type: 'Feature',
        properties: {},
        geometry: {
          type: 'LineString',
          coordinates: points.slice(from, to).map((it) => [it.longitude, it.latitude]),
        },
      });
    const track = gpx(points.map((it) => trackPoint(it)).join(''));
    const contents: Record<string, string | Buffer> = {
      gpx: track,
      kml: WRITERS['route.kml'](points),
      tcx: `<TrainingCenterDatabase><Activities><Activity><Lap><Track>${points.map((it) => place(it, '0')).join('')}</Track></Lap></Activity></Activities></TrainingCenterDatabase>`,
      geojson: WRITERS['route.geojson'](points),
      geojsonl: `${feature(0, 2)}\n${feature(1, 3)}\n`,
      nmea: points
        .map(({ latitude }, i) => {
          const minutes = ((latitude - 48) * 60).toFixed(4).padStart(7, '0');
          return `$GPRMC,12000${i},A,48${minutes},N,01100.0000,E,0,0,010124,,`;
        })
        .join('\n'),
      csv: WRITERS['route.csv'](points),
      tsv: `latitude\tlongitude\n${points.map((it) => `${it.latitude}\t${it.longitude}`).join('\n')}\n`,
      json: JSON.stringify({ routes: [JSON.parse(feature(0, 3))], code: 'Ok' }),
      kmz: WRITERS['route.kmz'](points),
      zip: zip([['a/route.gpx', track]]),
      gz: gzipSync(track),
    };
    assert.deepEqual(Object.keys(contents).sort(), [...ROUTE_FILE_EXTENSIONS].sort());
    for (const [ending, content] of Object.entries(contents)) {
      const found = await pointsIn(content, `a.${ending}`);
      const ends = [found[0]!, found.at(-1)!].map(({ latitude }) => latitude.toFixed(6));
      assert.deepEqual(ends, ['48.000000', '48.020000'], ending);
      if (ending === 'zip' || ending === 'gz') continue;
      const inside = zip([
        [`__MACOSX/._a.${ending}`, 'Mac OS X'],
        [`a.${ending}`, content],
        ['readme.txt', 'x'],
      ]);
      assert.equal((await pointsIn(inside, 'a.zip')).length, found.length, `${ending} in a.zip`);
      assert.equal(
        (await pointsIn(gzipSync(content), `a.${ending}.gz`)).length,
        found.length,
        `${ending}.gz`,
      );
    }
  });
});
