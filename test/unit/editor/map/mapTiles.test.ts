import assert from 'node:assert/strict';
import { readTiles } from '../../../../src/editor/map/mapTiles.ts';

const attribution = '© Somebody';

describe('the setting for street tiles', () => {
  it('means none when it is absent or empty', () => {
    for (const setting of [undefined, null, {}, { url: '' }]) assert.equal(readTiles(setting), undefined);
  });

  it('takes a template with zoom, column and row for raster tiles of its host', () => {
    const url = 'https://tiles.example.com:8443/{z}/{x}/{y}.png?key=1';
    assert.deepEqual(readTiles({ url, attribution }), {
      tiles: { kind: 'raster', url, attribution },
      hosts: ['https://tiles.example.com:8443'],
    });
  });

  it('takes any other URL for a style, which may load from further hosts', () => {
    const url = 'https://maps.example.com/style.json';
    assert.deepEqual(readTiles({ url, attribution, hosts: ['*.example.org', 'maps.example.com'] }), {
      tiles: { kind: 'style', url, attribution },
      hosts: ['https://maps.example.com', 'https://*.example.org'],
    });
  });

  it('allows plain HTTP on this computer only', () => {
    const local = readTiles({ url: 'http://localhost:8080/{z}/{x}/{y}.png', attribution });
    assert.ok(local && 'hosts' in local);
    assert.deepEqual(local.hosts, ['http://localhost:8080']);
    assert.deepEqual(readTiles({ url: 'http://example.com/style.json', attribution }), {
      problem: 'insecure',
    });
  });

  for (const [name, setting, problem] of [
    ['a text', 'https://example.com/style.json', 'no-object'],
    ['a list', [], 'no-object'],
    ['a URL that is none', { url: 'tiles', attribution }, 'no-url'],
    ['a script', { url: 'javascript:alert(1)', attribution }, 'insecure'],
    ['data', { url: 'data:application/json,{}', attribution }, 'insecure'],
    ['a host with a wildcard', { url: 'https://*.com/{z}/{x}/{y}.png', attribution }, 'wildcard-host'],
    ['no attribution', { url: 'https://example.com/style.json' }, 'no-attribution'],
    ['an empty attribution', { url: 'https://example.com/style.json', attribution: ' ' }, 'no-attribution'],
    ['hosts that are no list', { url: 'https://example.com/s.json', attribution, hosts: 'a.com' }, 'no-host'],
    [
      'a host that would widen the policy',
      { url: 'https://example.com/s.json', attribution, hosts: ["a.com; script-src 'unsafe-inline'"] },
      'no-host',
    ],
    ['every host', { url: 'https://example.com/s.json', attribution, hosts: ['*'] }, 'no-host'],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(readTiles(setting), { problem });
    });
  }

  it('takes OpenStreetMap, and Amazon Location Service of a connection, which the editor loads', () => {
    const osm = readTiles({ preset: 'openstreetmap' });
    assert.ok(osm && 'tiles' in osm);
    assert.deepEqual([osm.hosts, osm.ofHost], [[], { preset: 'openstreetmap' }]);
    assert.equal(osm.tiles.attribution, '© OpenStreetMap contributors');
    const preset = 'amazon-location';
    const aws = readTiles({ preset, connection: 'c1' }, true);
    assert.ok(aws && 'tiles' in aws);
    assert.deepEqual([aws.hosts, aws.ofHost], [[], { preset, connection: 'c1' }]);
    assert.match(aws.tiles.url, /color-scheme=Dark$/);
    for (const setting of [{ preset }, { preset: 'else' }, { preset: 7, url: 'https://example.com' }]) {
      assert.deepEqual(readTiles(setting), { problem: 'no-preset' });
    }
  });
});
