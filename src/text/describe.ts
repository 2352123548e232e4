import { oneLine } from '../core/foreignText.ts';
import type {
  AcknowledgedMessage,
  SimulationTotals,
  VehicleCommand,
  VehicleState,
} from '../protocol/simulation.ts';
import { measuresIn } from './measures.ts';

/** One line a message: time (UTC), VIN, topic, serial, place, speed, acknowledgement. */
export function describeMessage(message: AcknowledgedMessage, measures = measuresIn()): string {
  const { vin, serial, topic, time, ackMs, place, code } = message;
  const where =
    place && `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}  ${measures.speed(place.speed)}`;
  return lineOf([
    timeOfDay(time),
    vin,
    topic,
    `#${serial}`,
    where ?? '',
    code ?? '',
    `ack ${Math.round(ackMs)} ms`,
  ]);
}

/** One line for what became known of a job or command: time (UTC), VIN, job, operation, status, what the vehicle said. */
export function describeCommand(command: VehicleCommand): string {
  const { vin, jobId, kind, operation, status, time, details = {} } = command;
  const said = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return lineOf([timeOfDay(time), vin, `${kind ?? 'job'} ${jobId}`, operation ?? '', status, ...said]);
}

/** Some of it may come from a file or the cloud. */
function lineOf(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => oneLine(part))
    .join('  ');
}

/** Where a run is, on one line: of one vehicle its place on the route, of more how many are on their way. */
export function describeTotals(
  totals: SimulationTotals,
  vehicles: Iterable<VehicleState>,
  measures = measuresIn(),
): string {
  const states = [...vehicles];
  const [only] = states;
  const where =
    totals.vehicles === 1 && only
      ? `${only.point}/${only.points} points, ${measures.distance(only.metres)}`
      : `${totals.online}/${totals.vehicles} online, ${measures.distance(metresOf(states))}`;
  const { messagesPerSecond, unacked, queued, lost } = totals;
  return `${where}, ${messagesPerSecond} msgs/s, unacked ${unacked}, queued ${queued}, lost ${lost}`;
}

/** Metres driven by all together. */
export function metresOf(states: Iterable<VehicleState>): number {
  let sum = 0;
  for (const { metres } of states) sum += metres;
  return sum;
}

/** UTC, as in the messages: `16:04:09.123`. */
export function timeOfDay(time: number): string {
  const date = new Date(time);
  // A file may say any number.
  return Number.isNaN(date.getTime()) ? '--:--:--.---' : date.toISOString().slice(11, 23);
}
