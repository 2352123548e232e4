/** The limits of a drive, in meters and seconds. */
export const LIMITS = {
  /** 130 km/h: how fast a driver goes where no recording says more. */
  speed: 36,
  /** 250 km/h: faster than any car of a fleet. What a recording has above it is said, and driven. */
  fastest: 250 / 3.6,
  /** Typical for a car in traffic. */
  acceleration: 1.8,
  braking: 2.5,
  /** The `braking` event: hard, on dry asphalt. */
  hardBraking: 6.5,
  /** Lateral acceleration in a curve that drivers find comfortable. */
  lateral: 2.5,
} as const;
