import { defined } from '../core/defined.ts';
import { english } from '../core/wording.ts';
import { type DriveFigures, summaryWords } from '../text/driveSummary.ts';
import { measuresIn, type Units } from '../text/measures.ts';
import type { SimulationResult, VehicleState } from '../protocol/simulation.ts';
import { columns, counted } from './format.ts';

/** More rows would scroll the totals out of view. */
const MOST_ROWS = 20;

/** Those whose time was over before they had a connection. */
export function neverConnected(vehicles: readonly VehicleState[]): VehicleState[] {
  return vehicles.filter(({ phase, connects }) => phase !== 'failed' && connects === 0);
}

export function describeResult(
  { totals, vehicles }: SimulationResult,
  figures?: DriveFigures,
  units?: Units,
): string {
  const measures = measuresIn(units);
  const widths = [17, 8, 10, 9, 7, 6];
  const row = (it: VehicleState) =>
    columns(
      [
        it.vin,
        it.phase,
        measures.distance(it.metres),
        counted(it.trip, 'trip'),
        `${it.acknowledged} acknowledged, ${it.lost} lost${it.resent > 0 ? `, ${it.resent} sent again` : ''}`,
      ],
      widths,
    );
  const unreached = neverConnected(vehicles);
  const troubled = vehicles.filter(
    ({ phase, lost, connects }) => phase === 'failed' || lost > 0 || connects === 0,
  );
  const shown = vehicles.length <= MOST_ROWS ? vehicles : troubled.slice(0, MOST_ROWS);
  const problems = shown.flatMap(({ vin, phase, problem }) =>
    phase === 'failed' && problem ? [`${vin}: ${english(problem.sentence)} (${problem.code})`] : [],
  );
  return [
    ...shown.map(row),
    ...(figures === undefined ? [] : [`${summaryWords(figures, measures).map(english).join(', ')}.`]),
    `${counted(totals.acknowledged, 'message')} acknowledged, ${totals.lost} lost; ` +
      `acknowledged in ${totals.ack.p50} ms (99 %: ${totals.ack.p99} ms).`,
    ...(unreached.length === 0 ? [] : [`${counted(unreached.length, 'vehicle')} never connected.`]),
    ...problems,
  ].join('\n');
}

/** A vehicle's state as printed with `--json`, with its problem in English. */
export function stateJson({ problem, ...state }: VehicleState) {
  if (problem === undefined) return state;
  const { code, sentence, remedy, details } = problem;
  return {
    ...state,
    problem: defined({
      code,
      message: english(sentence),
      remedy: remedy && english(remedy),
      details,
    }),
  };
}

export function resultJson({ totals, vehicles }: SimulationResult, figures?: DriveFigures) {
  return { totals, ...defined({ drive: figures }), vehicles: vehicles.map(stateJson) };
}
