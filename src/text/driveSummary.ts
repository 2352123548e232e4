import { defined } from '../core/defined.ts';
import { l10n, type Message } from '../core/message.ts';
import type { MeterState } from '../protocol/driveHistory.ts';
import type { SimulationTotals, SimulationUpdate, VehicleState } from '../protocol/simulation.ts';
import { metresOf } from './describe.ts';
import { measuresIn } from './measures.ts';

/** What a simulation came to, of all its vehicles together. */
export interface DriveFigures {
  vehicles: number;
  metres: number;
  /** Of simulated driving, standing included, of all vehicles together; undefined before two positions came. */
  seconds: number | undefined;
  /** Meters per second. */
  averageSpeed: number | undefined;
  topSpeed: number | undefined;
  /** Liters burned. */
  fuel: number;
  /** Batteries used: 1 is a whole one. */
  charge: number;
  acknowledged: number;
  lost: number;
  /** Sent again after a drop. */
  resent: number;
  /** How often a vehicle had to connect again. */
  reconnects: number;
  /** Acknowledged messages that were not looked at, because too many came. */
  omitted: number;
  troubleCodes: string[];
}

interface Gauges {
  fuel: number;
  charge: number | undefined;
}

/** More between two messages does not come from braking. */
const CHARGED = 0.02;

/** Adds up what a simulation tells while it runs. */
export class DriveMeter {
  readonly #gauges = new Map<string, Gauges>();
  readonly #codes = new Set<string>();
  #samples = 0;
  #speeds = 0;
  #top = 0;
  #fuel = 0;
  #charge = 0;
  #omitted = 0;

  /** @param before goes on where another one was */
  constructor(before?: MeterState) {
    if (before === undefined) return;
    for (const { id, fuel, charge } of before.gauges) this.#gauges.set(id, { fuel, charge });
    for (const code of before.codes) this.#codes.add(code);
    this.#samples = before.samples;
    this.#speeds = before.speeds;
    this.#top = before.top;
    this.#fuel = before.fuel;
    this.#charge = before.charge;
    this.#omitted = before.omitted;
  }

  get state(): MeterState {
    return {
      gauges: [...this.#gauges].map(([id, { fuel, charge }]) => ({ id, fuel, ...defined({ charge }) })),
      codes: [...this.#codes],
      samples: this.#samples,
      speeds: this.#speeds,
      top: this.#top,
      fuel: this.#fuel,
      charge: this.#charge,
      omitted: this.#omitted,
    };
  }

  add({ messages, omitted }: Pick<SimulationUpdate, 'messages' | 'omitted'>): void {
    this.#omitted += omitted;
    for (const { vin, id = vin, place, code } of messages) {
      if (code !== undefined) this.#codes.add(code);
      if (place === undefined) continue;
      const { speed, fuel, charge } = place;
      this.#samples += 1;
      this.#speeds += speed;
      this.#top = Math.max(this.#top, speed);
      const before = this.#gauges.get(id);
      if (before !== undefined) {
        // A tank that is fuller than before was filled on the way.
        this.#fuel += Math.max(0, before.fuel - fuel);
        // Braking charges a battery a little; more at once is a charging station.
        const used = (before.charge ?? 0) - (charge ?? 0);
        if (used > -CHARGED) this.#charge += used;
      }
      this.#gauges.set(id, { fuel, charge });
    }
  }

  figures(totals: SimulationTotals, states: Iterable<VehicleState>): DriveFigures {
    const all = [...states];
    const metres = metresOf(all);
    // Samples are as far apart in simulated time: their mean is the mean over time.
    const averageSpeed = this.#samples < 2 ? undefined : this.#speeds / this.#samples;
    return {
      vehicles: totals.vehicles,
      metres,
      seconds: averageSpeed === undefined || averageSpeed === 0 ? undefined : metres / averageSpeed,
      averageSpeed,
      topSpeed: this.#samples < 2 ? undefined : this.#top,
      fuel: this.#fuel,
      charge: this.#charge,
      acknowledged: totals.acknowledged,
      lost: totals.lost,
      resent: totals.resent,
      reconnects: all.reduce((sum, { connects }) => sum + Math.max(0, connects - 1), 0),
      omitted: this.#omitted,
      troubleCodes: [...this.#codes].sort(),
    };
  }
}

/** The figures in words, what matters first: "12.3 km in 9 min 40 s, average 76 km/h, top speed 132 km/h". */
export function summaryWords(figures: DriveFigures, measures = measuresIn()): Message[] {
  const { metres, seconds, averageSpeed, topSpeed, fuel, charge, lost, reconnects, troubleCodes } = figures;
  const { acknowledged, omitted, vehicles } = figures;
  const distance = measures.distance(metres);
  return [
    seconds === undefined
      ? l10n.verbatim(distance)
      : l10n.plural(
          vehicles,
          l10n.t('{distance} in {time}', { distance, time: duration(seconds) }),
          // Nobody waited that long: it is the sum of all.
          l10n.t('{distance} and {time} of driving in total', { distance, time: duration(seconds) }),
        ),
    ...(averageSpeed === undefined || topSpeed === undefined
      ? []
      : [
          l10n.t('average {average}', { average: measures.speed(averageSpeed) }),
          l10n.t('top speed {top}', { top: measures.speed(topSpeed) }),
        ]),
    ...(fuel >= 0.05 ? [l10n.t('{volume} of fuel', { volume: measures.volume(fuel) })] : []),
    ...(charge >= 0.005
      ? [l10n.t('{percent} % of a battery', { percent: String(Math.round(charge * 100)) })]
      : []),
    l10n.plural(
      acknowledged,
      l10n.t('1 message acknowledged'),
      l10n.t('{count} messages acknowledged', { count: acknowledged }),
    ),
    ...(omitted > 0
      ? [l10n.t('speeds and codes from {seen} of them', { seen: acknowledged - omitted })]
      : []),
    ...(lost > 0 ? [l10n.t('{count} lost', { count: lost })] : []),
    ...(reconnects > 0
      ? [l10n.plural(reconnects, l10n.t('1 reconnect'), l10n.t('{count} reconnects', { count: reconnects }))]
      : []),
    ...(troubleCodes.length > 0
      ? [l10n.t('trouble codes: {codes}', { codes: l10n.list(troubleCodes, 'comma') })]
      : []),
  ];
}

/** `9 min 40 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
