import { summaryWords } from '../../text/driveSummary.ts';
import {
  describeCommand,
  describeMessage,
  describeTotals,
  metresOf,
  timeOfDay,
} from '../../text/describe.ts';
import { type Measures, measuresIn } from '../../text/measures.ts';
import { messageOf } from '../../core/errors.ts';
import { english } from '../../core/wording.ts';
import type { AcknowledgedMessage, SimulationUpdate, VehicleState } from '../../protocol/simulation.ts';
import type { SimulationRun } from './run.ts';

/** More lines a second than anybody can follow: then a line a second sums them up. */
const MOST_LINES_PER_SECOND = 50;
/** A few writes a second, however many lines. */
const FLUSH_MS = 300;
const SUMMARY_MS = 1000;
/** Vehicles named one by one when many change at once, as in a fleet that starts. */
const MOST_NAMED = 10;

export interface TelemetryLogPorts {
  /** Whole lines, each with its end. */
  append(text: string): void;
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** Metric without it. */
  measures?(): Measures;
}

/** What each run last said, to tell what is new. */
interface Told {
  /** Vehicles by phase, link and problem; kept only for those that are not simply driving. */
  troubles: Map<string, string>;
  summedUpAt: number;
  /** Messages since the last summary. */
  since: number;
}

/**
 * Telemetry as lines for people: one a message while one can follow them, otherwise one a second; beginnings, ends and
 * problems always. Holds no payload and no secret.
 */
export class TelemetryLog {
  readonly #ports: TelemetryLogPorts;
  readonly #told = new Map<string, Told>();
  #lines: string[] = [];
  #leftOut = 0;
  /** Lines of messages in this second, over all runs. */
  #second = { from: 0, lines: 0 };
  #cancelFlush: (() => void) | undefined;

  constructor(ports: TelemetryLogPorts) {
    this.#ports = ports;
  }

  started(run: SimulationRun): void {
    const { request, ids } = run;
    const routes = request.routes
      .map(({ name }) => name)
      .slice(0, 3)
      .join(', ');
    const speed = run.speed === 1 ? '' : `, ${run.speed} times as fast`;
    this.#told.set(run.id, { troubles: new Map(), summedUpAt: this.#ports.now(), since: 0 });
    const word = run.found === undefined ? 'START' : 'FOUND';
    this.#say(`${word}  ${run.title}: ${count(ids.length, 'vehicle')} on ${routes}${speed}  (${run.id})`);
  }

  updated(run: SimulationRun, update: SimulationUpdate): void {
    const told = this.#told.get(run.id);
    if (told === undefined) return;
    this.#tellTroubles(told, update.vehicles);
    for (const command of update.commands ?? []) this.#line(describeCommand(command));
    if (update.notice !== undefined) {
      const { vin, sentence, remedy } = update.notice;
      this.#say(`${vin}  NOTE ${english(sentence)} ${english(remedy)}`);
    }
    const expected = run.ids.length * (run.request.rate ?? 1);
    const many = Math.max(expected, update.totals.messagesPerSecond) > MOST_LINES_PER_SECOND;
    told.since += update.messages.length + update.omitted;
    if (!many) {
      for (const message of update.messages) this.#tellMessage(message);
      told.since = 0;
      return;
    }
    // What happens seldom is worth its line in a large run, too.
    for (const message of update.messages) if (message.type === 'trouble') this.#tellMessage(message);
    const now = this.#ports.now();
    if (now - told.summedUpAt < SUMMARY_MS) return;
    told.summedUpAt = now;
    const { lag, ack } = update.totals;
    this.#say(
      `${run.title}: ${describeTotals(update.totals, run.vehicles.values(), this.#measures)}; ${count(told.since, 'message')}, ` +
        `ack ${ack.p50} ms (99 %: ${ack.p99} ms), lag ${lag.p99} ms`,
    );
    told.since = 0;
  }

  ended(run: SimulationRun): void {
    this.#told.delete(run.id);
    const { totals } = run;
    const figures =
      totals === undefined
        ? 'nothing was sent'
        : `${this.#measures.distance(metresOf(run.vehicles.values()))}, ${totals.acknowledged} acknowledged, ${totals.lost} lost` +
          (totals.resent > 0 ? `, ${totals.resent} sent again` : '') +
          (totals.failed > 0 ? `, ${count(totals.failed, 'vehicle')} failed` : '');
    const why = run.problem === undefined ? '' : `  ERROR ${messageOf(run.problem)}`;
    const summary = run.figures;
    if (summary?.averageSpeed !== undefined)
      this.#say(`${run.title}: ${summaryWords(summary, this.#measures).map(english).join(', ')}`);
    this.#say(`${run.state.toUpperCase()}  ${run.title}: ${figures}${why}`);
    this.flush();
  }

  get #measures(): Measures {
    return this.#ports.measures?.() ?? measuresIn();
  }

  /** A line about a run that is no message. */
  note(run: SimulationRun, text: string): void {
    this.#say(`${run.title}: ${text}`);
  }

  /** Writes what waits. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#leftOut > 0) {
      this.#say(`and ${count(this.#leftOut, 'more message')}`);
      this.#leftOut = 0;
    }
    if (this.#lines.length === 0) return;
    this.#ports.append(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }

  dispose(): void {
    this.#cancelFlush?.();
  }

  #tellMessage(message: AcknowledgedMessage): void {
    const now = this.#ports.now();
    if (now - this.#second.from >= 1000) this.#second = { from: now, lines: 0 };
    this.#second.lines += 1;
    // After an outage more comes at once than the rate tells.
    if (this.#second.lines > 2 * MOST_LINES_PER_SECOND) {
      this.#leftOut += 1;
      this.#schedule();
    } else this.#line(describeMessage(message, this.#measures));
  }

  #tellTroubles(told: Told, states: readonly VehicleState[]): void {
    const changed: { state: VehicleState; text: string }[] = [];
    for (const state of states) {
      const text = troubleOf(state);
      if (text === told.troubles.get(state.id)) continue;
      if (text === undefined) {
        told.troubles.delete(state.id);
        changed.push({ state, text: `online again, ${count(state.queued, 'message')} to catch up` });
      } else {
        told.troubles.set(state.id, text);
        changed.push({ state, text });
      }
    }
    for (const { state, text } of changed.slice(0, MOST_NAMED)) this.#say(`${state.vin}  ${text}`);
    if (changed.length > MOST_NAMED)
      this.#say(`and ${count(changed.length - MOST_NAMED, 'more vehicle')} alike`);
  }

  #say(text: string): void {
    this.#line(`${timeOfDay(this.#ports.now())}  ${text}`);
  }

  #line(line: string): void {
    this.#lines.push(line);
    this.#schedule();
  }

  #schedule(): void {
    this.#cancelFlush ??= this.#ports.after(FLUSH_MS, () => this.flush());
  }
}

/** What is wrong with a vehicle; undefined while all is well. */
function troubleOf({ phase, link, problem }: VehicleState): string | undefined {
  if (phase === 'failed') {
    const why = problem === undefined ? 'it gave up' : english(problem.sentence);
    return `ERROR failed: ${why} ${problem?.remedy === undefined ? '' : english(problem.remedy)}`.trimEnd();
  }
  if (problem === undefined || phase === 'ended' || link === 'online') return undefined;
  return `WARN offline, its messages wait: ${english(problem.sentence)}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
