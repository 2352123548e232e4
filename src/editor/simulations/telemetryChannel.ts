import * as vscode from 'vscode';
import { windowMeasures } from '../map/mapSettings.ts';
import { forTooltip } from '../base/shown.ts';
import type { Simulations } from './simulations.ts';
import { TelemetryLog } from './telemetryLog.ts';

/** The output channel with what the simulated vehicles send. A plain one: its lines carry their own time. */
export class TelemetryChannel implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('Connected Mobility Telemetry', 'log');
  #log: TelemetryLog | undefined;
  readonly #subscriptions: vscode.Disposable;

  constructor(simulations: Simulations) {
    this.#subscriptions = vscode.Disposable.from(
      simulations.onDidStart((run) => this.log.started(run)),
      simulations.onDidUpdate(({ run, update }) => this.log.updated(run, update)),
      simulations.onDidEnd((run) => this.log.ended(run)),
    );
  }

  /** Made when the first simulation starts. */
  get log(): TelemetryLog {
    this.#log ??= new TelemetryLog({
      append: (text) => this.#channel.append(forTooltip(text)),
      now: () => Date.now(),
      measures: windowMeasures,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    });
    return this.#log;
  }

  /** A line of something else than a simulation. */
  append(line: string): void {
    this.#channel.append(forTooltip(line));
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#log?.flush();
    this.#log?.dispose();
    this.#subscriptions.dispose();
    this.#channel.dispose();
  }
}
