/** What a drive keeps within. Metres, seconds. */
export const LIMITS = {
  /** 130 km/h. */
  speed: 36,
  /** A car in traffic, not in a race. */
  acceleration: 1.8,
  braking: 2.5,
  /** The `braking` event: hard, on dry asphalt. */
  hardBraking: 6.5,
  /** Sideways in a curve, as drivers do without thinking. */
  lateral: 2.5,
} as const;
