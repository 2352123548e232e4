import assert from 'node:assert/strict';
import { csvKind } from '../../../../src/editor/base/csvKind.ts';

describe('a CSV file', () => {
  for (const [head, kind] of [
    ['vin,username\n', 'fleet'],
    ['\nsep=;\nvin;username\n', 'fleet'],
    ['longitude,latitude\n11.5,48.1\n', 'route'],
    ['Time\tLat\tLng\n', 'route'],
    ['Breitengrad;Längengrad\n', 'route'],
    ['48.1,11.5\n48.2,11.6\n', 'route'],
    // A table of routes of several vehicles; a fleet with places of its vehicles may look alike.
    ['vin,lat,lon,time\n', 'route'],
    ['"VIN";"Zeit";"Breitengrad";"Längengrad"\r\n', 'route'],
    ['vin,lat,lon\nA,48.1,11.5\nB,48.1,11.6\nA,48.2,11.5\n', 'route'],
    ['vin,lat,lon\nA,48.1,11.5\nB,48.1,11.6\n', undefined],
    ['\uFEFF"Username";"VIN";"latitude";"longitude"\r\n', undefined],
    ['name,price\nbread,3\n', undefined],
    ['x,y,price\n', undefined],
    ['1,apples\n', undefined],
    ['', undefined],
  ] as const) {
    it(`that begins with ${JSON.stringify(head)} is ${kind === undefined ? 'neither for sure' : `a ${kind}`}`, () => {
      assert.equal(csvKind(head), kind);
    });
  }
});
