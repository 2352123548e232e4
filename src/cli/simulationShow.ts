import { describeCommand, describeMessage, describeTotals } from '../text/describe.ts';
import { measuresIn, type Units } from '../text/measures.ts';
import type { RunningSimulation } from '../device/client/startSimulation.ts';
import { l10n } from '../core/message.ts';
import type { SimulationRequest, SimulationUpdate, VehicleState } from '../protocol/simulation.ts';
import type { Session } from './session.ts';
import { stateJson } from './simulationText.ts';

/** With more messages per second, which nobody could follow, one line per second sums them up. */
const MOST_LINES_PER_SECOND = 50;
const SUMMARY_MS = 1000;

/** Shows updates: changes of vehicles at once; messages one by one, or as a summary once a second. */
export function simulationShower(
  session: Session,
  request: SimulationRequest,
  { verbose, units }: { verbose: boolean; units: Units | undefined },
) {
  const measures = measuresIn(units);
  const { output, work } = session;
  const seen = new Map<string, string>();
  const single = request.vehicles.length * (request.rate ?? 1) <= MOST_LINES_PER_SECOND;
  let summedUpAt = work.clock.now();
  const route = request.routes[0]?.name ?? l10n.t('a route');
  const count = request.vehicles.length;
  work.progress({
    step: 'simulate',
    level: 'info',
    message: l10n.plural(
      count,
      l10n.t('Starting a vehicle on {route}', { route }),
      l10n.t('Starting {count} vehicles on {route}', { count, route }),
    ),
  });
  return (update: SimulationUpdate, running: RunningSimulation) => {
    for (const state of update.vehicles) {
      const now = `${state.phase} ${state.link} ${state.problem?.code ?? ''}`;
      if (seen.get(state.id) === now) continue;
      seen.set(state.id, now);
      showChange(state);
    }
    if (single) {
      for (const message of update.messages) {
        const { type: kind, ...rest } = message;
        if (output.json) output.result('message', { kind, ...rest }, '');
        else if (verbose) output.note(describeMessage(message, measures));
      }
    }
    for (const command of update.commands ?? []) {
      if (output.json) output.result('command', command, '');
      else output.note(describeCommand(command));
    }
    if (update.notice) {
      const { sentence, remedy } = update.notice;
      work.progress({ step: 'simulate', level: 'warn', message: l10n.list([sentence, remedy], 'sentences') });
    }
    if (work.clock.now() - summedUpAt < SUMMARY_MS) return;
    summedUpAt = work.clock.now();
    if (output.json) output.result('totals', update.totals, '');
    else {
      const message = l10n.verbatim(describeTotals(update.totals, running.vehicles.values(), measures));
      work.progress({ step: 'simulate', level: 'info', message });
    }
  };

  function showChange(state: VehicleState): void {
    const { vin, phase, problem } = state;
    if (output.json) output.result('vehicle-state', stateJson(state), '');
    else if (problem !== undefined) {
      const reason = problem.sentence;
      const message =
        phase === 'failed'
          ? l10n.t('failed: {reason}', { reason })
          : l10n.t('is offline and keeps its messages: {reason}', { reason });
      work.progress({ step: 'simulate', level: 'warn', vin, message });
    } else {
      const distance = measures.distance(state.metres);
      const message = l10n.t('{phase}, {link} ({distance})', { phase, link: state.link, distance });
      work.progress({ step: 'simulate', level: 'debug', vin, message });
    }
  }
}
