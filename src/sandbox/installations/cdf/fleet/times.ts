/** Parses an ISO 8601 string, UTC if it has no offset, to milliseconds since 1970. NaN for anything else. */
export function timeOf(time: unknown): number {
  if (typeof time !== 'string') return NaN;
  const match = /^(.{10})[T ](.*?)(?:Z|([+-]\d{2})(?::?(\d{2}))?)?$/.exec(time);
  if (!match) return NaN;
  const [, date = '', clock = '', hours, minutes = '00'] = match;
  return Date.parse(`${date}T${clock}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
}
