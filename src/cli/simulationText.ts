import type {
  AcknowledgedMessage,
  SimulationResult,
  SimulationTotals,
  VehicleState,
} from '../protocol/simulation.ts';
import { columns } from './format.ts';

/** One line a message: time, VIN, topic, serial, place, speed, acknowledgement. */
export function describeMessage(message: AcknowledgedMessage): string {
  const { vin, serial, topic, time, ackMs, place, code } = message;
  const at = new Date(time).toISOString().slice(11, 23);
  const where =
    place &&
    `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}  ${Math.round(place.speed * 3.6)} km/h`;
  return [at, vin, topic, `#${serial}`, where ?? code ?? '', `ack ${Math.round(ackMs)} ms`]
    .filter(Boolean)
    .join('  ');
}

/** Where a run is, on one line: of one vehicle its place on the route, of more how many are on their way. */
export function describeTotals(totals: SimulationTotals, vehicles: Iterable<VehicleState>): string {
  const states = [...vehicles];
  const [only] = states;
  const where =
    totals.vehicles === 1 && only
      ? `${only.point}/${only.points} points, ${kilometres(only.metres)}`
      : `${totals.online}/${totals.vehicles} online, ${kilometres(sum(states, 'metres'))}`;
  const { messagesPerSecond, unacked, queued, lost } = totals;
  return `${where}, ${messagesPerSecond} msgs/s, unacked ${unacked}, queued ${queued}, lost ${lost}`;
}

/** More rows would scroll the totals away. */
const MOST_ROWS = 20;

export function describeResult({ totals, vehicles }: SimulationResult): string {
  const widths = [17, 8, 10, 9, 7, 6];
  const row = (it: VehicleState) =>
    columns(
      [
        it.vin,
        it.phase,
        kilometres(it.metres),
        `${it.trip} ${it.trip === 1 ? 'trip' : 'trips'}`,
        `${it.acknowledged} acknowledged, ${it.lost} lost${it.resent > 0 ? `, ${it.resent} sent again` : ''}`,
      ],
      widths,
    );
  const troubled = vehicles.filter(({ phase, lost }) => phase === 'failed' || lost > 0);
  const shown = vehicles.length <= MOST_ROWS ? vehicles : troubled.slice(0, MOST_ROWS);
  const problems = shown.flatMap(({ vin, phase, problem }) =>
    phase === 'failed' && problem ? [`${vin}: ${problem.message} (${problem.code})`] : [],
  );
  return [
    ...shown.map(row),
    `${totals.acknowledged} messages acknowledged, ${totals.lost} lost; ` +
      `acknowledged in ${totals.ack.p50} ms (99 %: ${totals.ack.p99} ms).`,
    ...problems,
  ].join('\n');
}

export function kilometres(metres: number): string {
  return `${(metres / 1000).toFixed(1)} km`;
}

function sum(states: readonly VehicleState[], key: 'metres'): number {
  return states.reduce((total, state) => total + state[key], 0);
}
