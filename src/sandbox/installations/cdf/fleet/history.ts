import type { Json } from '../../../kit/json.ts';
import { timeOf } from './times.ts';
import { ChaliceError } from './chalice.ts';
import type { StoredMessage } from './documents.ts';
import type { FleetIndex } from './fleetIndex.ts';
import { searchFailed } from './fleetQuery.ts';
import { encodePolyline } from './polyline.ts';
import { item, number } from './python.ts';
import { tripOf } from './vehicle.ts';

/** One page of trips or events, newest first. `offset` is that of the next page if this one is full. */
function page(rows: StoredMessage[], request: Json): { hits: StoredMessage[]; offset: number | null } {
  const pagination = item(request, 'pagination');
  const size = number(item(pagination, 'maxResults'));
  const from = number(item(pagination, 'offset'));
  const dates = item(item(request, 'filters'), 'dates');
  const start = item(dates, 'start');
  const end = start ? item(dates, 'end') : undefined;
  let wanted = rows;
  if (start && end) {
    const [first, last] = [dateOf(start), dateOf(end)];
    wanted = rows.filter(({ sentAt }) => sentAt >= first && sentAt <= last);
  }
  const hits = [...wanted].sort((a, b) => b.sentAt - a.sentAt).slice(from, from + size);
  return { hits, offset: hits.length > 0 && hits.length === size ? from + size : null };
}

/** Parses a date with or without a time. Elasticsearch refuses queries with anything else. */
function dateOf(text: unknown): number {
  if (typeof text !== 'string') throw searchFailed();
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : timeOf(text);
  if (Number.isNaN(time)) throw searchFailed();
  return time;
}

/** GET /vehicles/{vin}/trips. One trip without a complete summary fails the whole list. */
export function trips(index: FleetIndex, vin: string, request: Json): Json {
  const { hits, offset } = page(index.tripsOf(vin), request);
  return { trips: hits.map(({ message }) => tripOf(message)), offset };
}

/** GET /vehicles/{vin}/events. */
export function events(index: FleetIndex, vin: string, request: Json): Json {
  const { hits, offset } = page(index.eventsOf(vin), request);
  return {
    events: hits.map(({ message }) => ({
      messageId: item(message, 'messageid'),
      creationtimestamp: item(message, 'creationtimestamp'),
      alert: item(message, 'alert'),
    })),
    offset,
  };
}

/** GET /vehicles/route/{tripId}: the cardata of the trip between its start and its summary. */
export function route(index: FleetIndex, tripId: string): Json {
  const [trip] = [...index.tripsById(tripId)].sort((a, b) => b.sentAt - a.sentAt);
  if (!trip) throw new ChaliceError('NotFoundError', 'No Trip data to request a Route');
  const from = timeOf(item(item(trip.message, 'tripsummary'), 'starttime'));
  const to = timeOf(item(trip.message, 'creationtimestamp'));
  const points = index.points.between(trip.vin, tripId, from, to);
  if (points.length === 0) throw new ChaliceError('NotFoundError', 'No Route data');
  const unique = new Map(
    points.map(({ longitude, latitude }) => [`${longitude} ${latitude}`, [longitude, latitude] as const]),
  );
  const places = [...unique.values()].filter(([longitude, latitude]) => longitude !== 0 || latitude !== 0);
  return { geometry: encodePolyline(places.map(([longitude, latitude]) => [longitude, latitude])) };
}
