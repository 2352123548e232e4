import { CmsError } from '../core/errors.ts';
import { addedUp, type Durations, spreadOf } from '../core/histogram.ts';
import { l10n, type Message } from '../core/message.ts';
import type { SimulationResult, SimulationTotals, VehicleState } from '../protocol/simulation.ts';
import type { DriveFigures } from '../text/driveSummary.ts';
import type { Driven, ShardResult } from './results.ts';
import { shardText } from './shard.ts';

/** What an attempt took with it: nothing of this is lost messages, and none of it is hidden. */
export interface Gap {
  shard: number;
  /** The attempt that ended before its time. */
  attempt: number;
  seconds: number;
  vehicles: number;
  /** Whether another attempt went on. */
  closed: boolean;
}

export interface MergedResult extends SimulationResult {
  runs: string[];
  shards: number;
  /** How many results went in. */
  attempts: number;
  figures: DriveFigures;
  gaps: Gap[];
  /** Shards that left no result. */
  missing: number[];
}

interface Added {
  /** Without its vehicles. */
  result: ShardResult;
  name: string;
  vehicles: number;
}

/** Adds results up, one at a time: of all vehicles only what the sums need is kept. */
export class Merge {
  readonly #added: Added[] = [];
  readonly #vehicles = new Map<string, VehicleState>();
  /** Of each vehicle, the last attempt that was added. */
  readonly #newest = new Map<string, number>();
  #lag: Durations = { buckets: [], max: 0 };
  #ack: Durations = { buckets: [], max: 0 };

  /**
   * @param name of the file, for errors
   * @throws CmsError REQUEST_INVALID for a result of another run, or one that is there already
   */
  add(result: ShardResult, name: string): void {
    const [first] = this.#added;
    if (first !== undefined) refuseOther(first, result, name);
    const same = this.#added.find(
      ({ result: { shard, attempt } }) => shard.number === result.shard.number && attempt === result.attempt,
    );
    if (same !== undefined) {
      throw refused(
        l10n.t('{one} and {other} are both attempt {attempt} of shard {shard}.', {
          ...{ one: same.name, other: name, attempt: result.attempt, shard: shardText(result.shard) },
        }),
      );
    }
    const { durations, attempt, vehicles } = result;
    const { counts } = result;
    this.#added.push({
      result: { ...result, vehicles: [] },
      name,
      vehicles: counts?.vehicles ?? vehicles.length,
    });
    this.#lag = addedUp([this.#lag, durations.lag]);
    this.#ack = addedUp([this.#ack, durations.ack]);
    for (const driven of vehicles) this.#vehicles.set(driven.id, this.#together(driven, attempt));
  }

  /** The attempts of a vehicle added up; where it stands is what the last one says. */
  #together(driven: Driven, attempt: number): VehicleState {
    const before = this.#vehicles.get(driven.id);
    const state = stateOf(driven);
    if (before === undefined) {
      this.#newest.set(driven.id, attempt);
      return state;
    }
    const later = attempt > (this.#newest.get(driven.id) ?? 0);
    if (later) this.#newest.set(driven.id, attempt);
    const { phase, problem } = later ? state : before;
    const sum: VehicleState = {
      ...state,
      phase,
      metres: before.metres + state.metres,
      trip: before.trip + state.trip,
      serial: before.serial + state.serial,
      acknowledged: before.acknowledged + state.acknowledged,
      lost: before.lost + state.lost,
      resent: before.resent + state.resent,
      connects: before.connects + state.connects,
    };
    delete sum.problem;
    return problem === undefined ? sum : { ...sum, problem };
  }

  /** @throws CmsError REQUEST_INVALID when nothing was added */
  result(): MergedResult {
    const [first] = this.#added;
    if (first === undefined) throw refused(l10n.t('There are no results to add up.'));
    const { count } = first.result.shard;
    const there = new Set(this.#added.map(({ result }) => result.shard.number));
    const vehicles = [...this.#vehicles.values()];
    const durations = { lag: this.#lag, ack: this.#ack };
    const totals = withCounts(totalsOf(vehicles, durations), this.#added);
    return {
      runs: [...new Set(this.#added.map(({ result }) => result.run))].sort(),
      shards: count,
      attempts: this.#added.length,
      totals,
      vehicles,
      durations,
      figures: figuresOf(
        this.#added.map(({ result }) => result.drive),
        totals,
        vehicles,
      ),
      gaps: gapsOf(this.#added),
      missing: Array.from({ length: count }, (_, i) => i + 1).filter((number) => !there.has(number)),
    };
  }
}

/** From the last news of an attempt that broke off to when the vehicles of the next one drove. */
function gapsOf(added: readonly Added[]): Gap[] {
  const gaps: Gap[] = [];
  for (const { result, vehicles } of added) {
    const { broken, endedAt, attempt, shard } = result;
    if (!broken) continue;
    const next = added
      .filter(({ result: other }) => other.shard.number === shard.number && other.attempt > attempt)
      .sort((a, b) => a.result.attempt - b.result.attempt)[0];
    const until = next?.result.startedAt ?? Math.max(...added.map(({ result: { endedAt: end } }) => end));
    gaps.push({
      ...{ shard: shard.number, attempt, vehicles, closed: next !== undefined },
      seconds: Math.round(Math.max(0, until - endedAt) / 1000),
    });
  }
  return gaps.sort((a, b) => a.shard - b.shard || a.attempt - b.attempt);
}

function refuseOther({ result: one, name: first }: Added, other: ShardResult, next: string): void {
  const differs: [boolean, Message][] = [
    [one.shard.count !== other.shard.count, l10n.t('the number of shards')],
    [one.fleet !== other.fleet, l10n.t('the size of the fleet')],
    [one.generation !== other.generation, l10n.t('the generation of CMS')],
  ];
  const what = differs.find(([is]) => is)?.[1];
  if (what === undefined) return;
  throw refused(
    l10n.t('{one} and {other} are not of the same run: {what} differs.', {
      ...{ one: first, other: next, what },
    }),
  );
}

function refused(sentence: Message): CmsError {
  return new CmsError('REQUEST_INVALID', sentence, {
    remedy: l10n.t('Name each result of one run once.'),
  });
}

/** As a vehicle's state is told; what only a running vehicle has is empty. */
function stateOf({ trips, made, ...driven }: Driven): VehicleState {
  return {
    ...{ link: 'offline', point: 0, points: 0, fraction: 0, unacked: 0, queued: 0 },
    ...driven,
    trip: trips,
    serial: made,
  };
}

/** With what attempts acknowledged whose vehicles are not known one by one. */
function withCounts(totals: SimulationTotals, added: readonly Added[]): SimulationTotals {
  const all = added.flatMap(({ result: { counts, shard } }) =>
    counts ? [{ ...counts, shard: shard.number }] : [],
  );
  const known = new Set(added.flatMap(({ result }) => (result.counts ? [] : result.shard.number)));
  const sum = { ...totals };
  const unknown = new Map<number, number>();
  for (const { shard, vehicles, acknowledged, lost, resent } of all) {
    sum.acknowledged += acknowledged;
    sum.lost += lost;
    sum.resent += resent;
    if (!known.has(shard)) unknown.set(shard, vehicles);
  }
  for (const vehicles of unknown.values()) sum.vehicles += vehicles;
  return sum;
}

function totalsOf(
  vehicles: readonly VehicleState[],
  { lag, ack }: SimulationResult['durations'],
): SimulationTotals {
  const sum = (of: (state: VehicleState) => number) => vehicles.reduce((all, state) => all + of(state), 0);
  return {
    vehicles: vehicles.length,
    online: 0,
    ended: sum(({ phase }) => Number(phase === 'ended')),
    failed: sum(({ phase }) => Number(phase === 'failed')),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    unacked: 0,
    queued: 0,
    lost: sum(({ lost }) => lost),
    resent: sum(({ resent }) => resent),
    messagesPerSecond: 0,
    lag: spreadOf(lag),
    ack: spreadOf(ack),
  };
}

function figuresOf(
  drives: readonly ShardResult['drive'][],
  totals: SimulationTotals,
  vehicles: readonly VehicleState[],
): DriveFigures {
  const metres = vehicles.reduce((sum, state) => sum + state.metres, 0);
  const timed = drives.flatMap(({ seconds }) => seconds ?? []);
  const seconds = timed.length === 0 ? undefined : timed.reduce((sum, some) => sum + some, 0);
  const tops = drives.flatMap(({ topSpeed }) => topSpeed ?? []);
  const sum = (of: (drive: ShardResult['drive']) => number) => drives.reduce((all, it) => all + of(it), 0);
  return {
    vehicles: totals.vehicles,
    metres,
    seconds,
    averageSpeed: seconds === undefined || seconds === 0 ? undefined : metres / seconds,
    topSpeed: tops.length === 0 ? undefined : Math.max(...tops),
    fuel: sum(({ fuel }) => fuel),
    charge: sum(({ charge }) => charge),
    acknowledged: totals.acknowledged,
    lost: totals.lost,
    resent: totals.resent,
    reconnects: vehicles.reduce((all, { connects }) => all + Math.max(0, connects - 1), 0),
    omitted: sum(({ omitted }) => omitted),
    troubleCodes: [...new Set(drives.flatMap(({ troubleCodes }) => troubleCodes))].sort(),
  };
}
