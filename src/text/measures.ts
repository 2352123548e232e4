/** What speeds, distances and volumes are written in. */
export const UNITS = ['metric', 'us'] as const;
export type Units = (typeof UNITS)[number];

/** SI units as people read them. */
export interface Measures {
  /** From meters per second: `72 km/h`. */
  speed: (metresPerSecond: number) => string;
  /** From meters: `12.3 km`. */
  distance: (metres: number) => string;
  /** From meters, a place on a route: `3.217 km`. */
  place: (metres: number) => string;
  /** From liters: `3.2 L`. */
  volume: (liters: number) => string;
}

/** The international mile, and the gallon of the US: 231 cubic inches (NIST Handbook 44, appendix C). */
const METRES_A_MILE = 1609.344;
const LITERS_A_GALLON = 3.785411784;

const all: Readonly<Record<Units, Measures>> = {
  metric: {
    speed: (value) => `${Math.round(value * 3.6)} km/h`,
    distance: (value) => `${(value / 1000).toFixed(1)} km`,
    place: (value) => `${Number((value / 1000).toFixed(3))} km`,
    volume: (value) => `${value.toFixed(1)} L`,
  },
  us: {
    speed: (value) => `${Math.round((value * 3600) / METRES_A_MILE)} mph`,
    distance: (value) => `${(value / METRES_A_MILE).toFixed(1)} mi`,
    place: (value) => `${Number((value / METRES_A_MILE).toFixed(3))} mi`,
    volume: (value) => `${(value / LITERS_A_GALLON).toFixed(1)} gal`,
  },
};

export function measuresIn(units: Units = 'metric'): Measures {
  return all[units];
}
