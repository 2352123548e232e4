/** How the functions of the deployment write times: ISO 8601 in UTC without a zone, with microseconds. */
export function isoUtc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000`;
}

/** The same with a zone, as the enrolment has it. */
export function isoWithZone(ms: number): string {
  return `${isoUtc(ms)}+00:00`;
}
