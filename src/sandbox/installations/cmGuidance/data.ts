import type { Context } from '../../kernel/context.ts';
import type { Table } from '../../kernel/table.ts';
import type { Aws } from '../../services/services.ts';
import { createLive, type Live } from './live.ts';
import type { Names, StorageTable } from './names.ts';
import { type Rows, rowsOf } from './rows.ts';
import type { GuidanceSpec, Switches } from './spec.ts';

/** What the functions of one deployment read and write. */
export interface Data {
  readonly names: Names;
  readonly stage: string;
  /** A table of the storage stack, under the name that the functions know. */
  storage(table: StorageTable): Rows;
  readonly modelManifests: Rows;
  readonly decoderManifests: Rows;
  readonly signals: Rows;
  readonly events: Rows;
  readonly campaigns: Rows;
  readonly simulations: Rows;
  /** The Redis cache. */
  readonly live: Live;
  readonly switches: () => Switches;
  change(switches: Partial<Switches>): void;
  readonly now: () => number;
}

export function createData(
  { store, clock }: Context,
  aws: Pick<Aws, 'dynamoDb'>,
  names: Names,
  spec: GuidanceSpec,
): Data {
  const switches: Table<Switches> = store.table('cm-guidance.switches');
  const rows = (table: string): Rows => rowsOf(aws.dynamoDb, table);
  const current = (): Switches => ({ ...spec.switches, ...switches.get(spec.stage) });
  return {
    names,
    stage: spec.stage,
    storage: (table) => rows(names.known(table)),
    modelManifests: rows(names.modelManifests),
    decoderManifests: rows(names.decoderManifests),
    signals: rows(names.signalCatalog),
    events: rows(names.eventCatalog),
    campaigns: rows(names.campaigns),
    simulations: rows(names.simulations),
    live: createLive(store, clock, spec.stage),
    switches: current,
    change: (change) => switches.set(spec.stage, { ...current(), ...change }),
    now: () => clock.now(),
  };
}
