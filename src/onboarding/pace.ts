/** Vehicles worked on at the same time. */
export const CONCURRENCY = 4;

/**
 * Vehicles begun in one second. Each makes two certificates, and AWS IoT allows ten such calls a second in an account
 * (AWS IoT Core endpoints and quotas).
 */
export const STARTS_PER_SECOND = 4;

/** Seconds that a fleet takes at least, at that rate. */
export function leastSeconds(vehicles: number): number {
  return Math.ceil(vehicles / STARTS_PER_SECOND);
}
