import { readFileSync } from 'node:fs';
import path from 'node:path';
import { manifestProblems, readManifest, type ManifestFormat } from '../../../../src/onboarding/manifest.ts';
import { Broken, type Target } from '../target.ts';
import { cdfFields } from '../../../../src/cms/cdf/onboarding/fields.ts';
import { known } from './known.ts';

const folder = path.resolve(import.meta.dirname, '../../../../tools/start/sample');
const sample = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const NOW = Date.UTC(2026, 0, 1);

function fleet(format: ManifestFormat, seeds: readonly string[], words: readonly string[]): Target {
  return {
    name: `fleet-${format}`,
    seeds,
    words,
    sources: ['/src/onboarding/', '/node_modules/csv-parse/', '/node_modules/jsonc-parser/'],
    open: () => Promise.resolve({ read: (input) => read(Buffer.from(input).toString('utf8'), format) }),
  };
}

function read(text: string, format: ManifestFormat): string {
  const options = { fields: cdfFields, format, now: NOW };
  const problems = manifestProblems(text, options);
  const errors = problems.filter(({ isWarning }) => isWarning !== true);
  for (const { range } of problems) {
    if (range && (range.offset < 0 || range.offset + range.length > text.length))
      throw new Broken(`a problem beyond the file: ${JSON.stringify(range)}`);
  }
  try {
    const vehicles = readManifest(text, options);
    if (errors.length > 0) throw new Broken('read, although there are problems');
    return vehicles.length > 1 ? 'several' : 'one';
  } catch (error) {
    const code = known(error, 'MANIFEST_INVALID');
    if (errors.length === 0) throw new Broken('refused without a problem');
    return code;
  }
}

const FIELDS = [
  'vin', 'username', 'firstName', 'lastName', 'make', 'model', 'modelYear', 'keys', 'latitude', 'longitude', 'tags',
  'LSH14J4C4LA046511', 'csr-ec',
]; // prettier-ignore

export const fleetTargets: readonly Target[] = [
  fleet(
    'csv',
    [
      sample('fleet.csv'),
      'VIN;User Name;first-name;last_name;tags\nLSH14J4C4LA046511;a;b;c;"x y"\n',
      '\ufeff\r\n \r\n\r\nsep=;\r\nvin;username;firstName;lastName\r\nLSH14J4C4LA046511;a;b;c\r\n',
      '\r\n'.repeat(40) + 'vin\r\n"LSH14J4C4LA046511"x\r\n"a\r\n',
    ],
    [...FIELDS, ',', ';', '\t', '"', '\r\n', 'sep=', '"sep=;"', '\r\n\r\n\r\n\r\n', '="', '\u00a0'],
  ),
  fleet(
    'json',
    [sample('sample.cms-fleet.json'), '{"$schema":"x","vehicles":[{"vin":"LSH14J4C4LA046511","username":"a","firstName":"b","lastName":"c","tags":["x"]}]}'],
    [...FIELDS.map((field) => `"${field}":`), '"defaults":', '"vehicles":', '//', '/*', ',]'],
  ), // prettier-ignore
];
