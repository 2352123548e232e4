import assert from 'node:assert/strict';
import { commonTroubleCodes, mapWords, type MapWord } from '../../../src/protocol/mapWords.ts';
import { unitsOf } from '../../../src/webview/base/units.ts';
import { Format } from '../../../src/webview/base/format.ts';
import { graticule } from '../../../src/webview/map/graticule.ts';
import { createWords } from '../../../src/webview/base/words.ts';

const words = createWords({});
const letters = { north: 'N', east: 'O', south: 'S', west: 'W' };

describe('words', () => {
  it('come from the editor, in English where one is missing, with values put in', () => {
    const german = createWords({ kmh: '{value} km/h schnell' });
    assert.equal(german('kmh', { value: 7 }), '7 km/h schnell');
    assert.equal(german('pageOf', { page: 1, pages: 2 }), 'Page 1 of 2');
  });

  it('are all used by the page', async () => {
    const { readdir, readFile } = await import('node:fs/promises');
    const folder = new URL('../../../src/webview/', import.meta.url);
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const text = (await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n');
    const ofCodes = new Set<string>(commonTroubleCodes.map((code) => `code${code}`));
    const unused = (Object.keys(mapWords) as MapWord[]).filter(
      (key) => !text.includes(`'${key}'`) && !ofCodes.has(key),
    );
    assert.deepEqual(unused, []);
  });
});

describe('figures in words', () => {
  const format = new Format(words, 'en', unitsOf('metric'));

  it('have the units people know', () => {
    assert.equal(format.speed(13.89), '50 km/h');
    assert.equal(format.distance(12_345), '12.3 km');
    assert.equal(format.fuel(41.49), '41.5 L');
  });

  it('are in miles and gallons for the US', () => {
    const us = new Format(words, 'en', unitsOf('us'));
    // 1 mph = 0.44704 m/s, 1 mi = 1609.344 m, 1 US gal = 3.785411784 l.
    assert.equal(us.speed(60 * 0.44704), '60 mph');
    assert.equal(us.distance(16_093.44), '10.0 mi');
    assert.equal(us.fuel(37.85411784), '10.0 gal');
  });

  it('name the point of the compass, and are never 360°', () => {
    assert.equal(format.heading(359.9), '0° N');
    assert.equal(format.heading(-90), '270° W');
    assert.equal(format.heading(44), '44° NE');
  });

  it('survive a time and a language that do not exist', () => {
    assert.equal(format.time(1e300), '');
    assert.equal(new Format(words, 'xx-klingon', unitsOf('metric')).count(1234), '1,234');
  });
});

describe('the grid', () => {
  const texts = (west: number, south: number, east: number, north: number) =>
    graticule([west, south, east, north], letters).features.flatMap(
      ({ properties }) => (properties as { text?: string }).text ?? [],
    );

  it('has round degrees for the world and for a street', () => {
    assert.deepEqual(texts(-180, -60, 180, 60).slice(0, 3), ['150° W', '120° W', '90° W']);
    assert.ok(texts(11.5, 48.1, 11.52, 48.11).includes('11.504° O'));
  });

  it('counts on across the 180th meridian', () => {
    assert.ok(texts(170, 0, 190, 10).includes('175° W'));
  });
});
