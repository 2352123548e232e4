import type { Json } from '../../kit/json.ts';
import type { Aws } from '../../services/services.ts';
import { eventRows, signalRows } from './catalogues.ts';
import type { Names } from './names.ts';
import { rowsOf } from './rows.ts';
import { DAYS, type GuidanceSpec } from './spec.ts';
import { isoUtc } from './times.ts';

/** What `make phase-seeds` puts in, and a fleet for demonstration when it is wanted. */
export function seedTables(
  aws: Pick<Aws, 'dynamoDb'>,
  names: Names,
  { seeds, demo, switches }: GuidanceSpec,
  now: number,
): void {
  const fill = (table: string, rows: readonly Json[]): void => {
    const found = rowsOf(aws.dynamoDb, table);
    for (const row of rows) found.put(row);
  };
  if (seeds.includes('signals')) fill(names.signalCatalog, signalRows);
  if (seeds.includes('events')) fill(names.eventCatalog, eventRows);
  if (seeds.includes('manifests')) {
    const name = switches.asOf < DAYS.newest ? 'CMS-Fleet-Default' : 'CMS-FLEET-MODEL';
    fill(names.modelManifests, [
      manifestRow(
        { name, version: '1', status: 'ACTIVE', decoder: 'cms-fleet-v3', isDefault: true },
        isoUtc(now),
      ),
    ]);
    fill(names.decoderManifests, [
      {
        pk: 'DECODER#cms-fleet-v3',
        sk: 'DECODER#cms-fleet-v3',
        decoderManifestName: 'cms-fleet-v3',
        status: 'ACTIVE',
      },
    ]);
  }
  if (demo) seedDemo(fill, names, now);
}

function manifestRow(
  model: { name: string; version: string; status: string; decoder: string; isDefault: boolean },
  at: string,
): Json {
  return {
    pk: `MODEL#${model.name}#${model.version}`,
    sk: `MODEL#${model.name}`,
    modelManifestName: model.name,
    modelManifestVersion: model.version,
    status: model.status,
    decoderManifestRef: model.decoder,
    ecuConfigId: 'ECU-CONFIG-CMS-BASELINE',
    isDefault: model.isDefault,
    createdAt: at,
    updatedAt: at,
  };
}

const DEMO_FLEET = 'FLEET-1789999000';

function seedDemo(fill: (table: string, rows: readonly Json[]) => void, names: Names, now: number): void {
  const at = isoUtc(now);
  fill(names.storage('fleets'), [
    {
      fleetId: DEMO_FLEET,
      name: 'Demo fleet',
      description: 'Seeded',
      status: 'active',
      data_source: 'vehicle-telemetry',
      createdAt: at,
      updatedAt: at,
    },
  ]);
  fill(
    names.storage('drivers'),
    ['Ada Lopez', 'Ben Ito'].map((name, i) => ({
      driverId: `DRV-${1_789_999_100 + i}`,
      name,
      email: `${name.split(' ')[0]?.toLowerCase()}@example.com`,
      status: 'active',
      fleetId: DEMO_FLEET,
      createdAt: at,
    })),
  );
}
