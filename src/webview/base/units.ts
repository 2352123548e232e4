import type { MapSettings } from '../../protocol/map.ts';
import type { MapWord } from '../../protocol/mapWords.ts';

/** How figures in SI units are shown. */
export interface Units {
  speed: { word: MapWord; perMetreSecond: number };
  distance: { word: MapWord; metres: number };
  volume: { word: MapWord; litres: number };
  /** Speeds at which the trail gets its next color, in the unit of `speed`. */
  speedSteps: readonly [number, number, number, number];
  legendTrail: MapWord;
  scale: 'metric' | 'imperial';
}

/** The international mile, and the gallon of the US: 231 cubic inches (NIST Handbook 44, appendix C). */
const METRES_A_MILE = 1609.344;
const LITRES_A_GALLON = 3.785411784;

const all: Readonly<Record<MapSettings['units'], Units>> = {
  metric: {
    speed: { word: 'kmh', perMetreSecond: 3.6 },
    distance: { word: 'km', metres: 1000 },
    volume: { word: 'litres', litres: 1 },
    speedSteps: [20, 50, 80, 110],
    legendTrail: 'legendTrail',
    scale: 'metric',
  },
  us: {
    speed: { word: 'mph', perMetreSecond: 3600 / METRES_A_MILE },
    distance: { word: 'miles', metres: METRES_A_MILE },
    volume: { word: 'gallons', litres: LITRES_A_GALLON },
    speedSteps: [15, 30, 50, 70],
    legendTrail: 'legendTrailUs',
    scale: 'imperial',
  },
};

export function unitsOf(setting: MapSettings['units']): Units {
  return all[setting];
}

/** The index of a speed's color: how many steps it has passed. The speed is in meters per second. */
export function speedStep(speed: number, { speed: { perMetreSecond }, speedSteps }: Units): number {
  // A speed at the step itself must not fall below it by rounding.
  return speedSteps.filter((from) => speed * perMetreSecond >= from - 1e-9).length;
}
