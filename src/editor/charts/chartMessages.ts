import { redact } from '../../core/secrets.ts';
import type { ChartedVehicle, ChartMessage, ChartRequest, ChartScene } from '../../protocol/chart.ts';
import { MOST_CHARTED_VEHICLES } from '../../protocol/chartLimits.ts';
import type { ChartSource } from './chartSource.ts';

/** What a page wants to draw. */
export type Wanted = Omit<Extract<ChartRequest, { kind: 'want' }>, 'kind'>;

/** What there is to choose from, without the secrets of this process in whatever somebody named. */
export function sceneOf(source: ChartSource, select: readonly string[] | undefined): ChartScene {
  const histories = source.vehicles();
  const signals = new Set(histories.flatMap(({ columns }) => Object.keys(columns)));
  const note = source.note?.();
  return {
    kind: 'scene',
    title: redact(source.title),
    live: source.isLive(),
    vehicles: histories.map(({ id, vin }) => ({ id, vin: redact(vin) })),
    signals: [...signals].filter((name) => redact(name) === name),
    acts: source.showPayload === undefined ? [] : ['show-payload'],
    ...(note !== undefined && { note: redact(note) }),
    ...(select !== undefined && { select: select.slice(0, MOST_CHARTED_VEHICLES) }),
  };
}

/** The samples of what is wanted. */
export function dataOf(source: ChartSource, { vehicles, signals }: Wanted): ChartMessage {
  const histories = new Map(source.vehicles().map((each) => [each.id, each]));
  const charted = vehicles.flatMap((id): ChartedVehicle[] => {
    const history = histories.get(id);
    if (history === undefined) return [];
    const { times, columns, codes, dropped = 0 } = history;
    const wanted = signals.flatMap((name) =>
      Object.hasOwn(columns, name) ? [[name, columns[name] ?? []] as const] : [],
    );
    return [{ id, times, columns: Object.fromEntries(wanted), codes, dropped }];
  });
  return { kind: 'data', vehicles: charted };
}
