import { defined } from '../../../core/defined.ts';
import { type CmsError } from '../../../core/errors.ts';
import { problemOf } from '../../../core/problem.ts';
import { removeFile, writeFileSafely } from '../../../core/safeFiles.ts';
import type { KeepOrder, RunResult, RunSoFar } from '../../../protocol/backgroundRun.ts';
import type { SimulationControl } from '../../../protocol/control.ts';
import type { SimulationResult, SimulationUpdate } from '../../../protocol/simulation.ts';
import { DriveMeter } from '../../../text/driveSummary.ts';
import { DriveHistory } from '../../../text/history/driveHistory.ts';
import { type RunServer, startRunServer } from './runServer.ts';

interface Steering {
  /** @param window who says so */
  control: (control: SimulationControl, window: object) => void;
  abort: () => void;
  /** A window that will say nothing more. */
  left: (window: object) => void;
}

/**
 * A run that may outlive the window that started it: counts what it comes to, tells windows that attach, and leaves its
 * result in a file. Its record is written once it listens. Holds no key.
 */
export class KeptRun {
  readonly #file: string;
  readonly #resultFile: string;
  readonly #history: DriveHistory;
  readonly #meter: DriveMeter;
  readonly #vehicles: Map<string, SimulationUpdate['vehicles'][number]>;
  #totals: SimulationUpdate['totals'] | undefined;
  #speed: number;
  #server: RunServer | undefined;

  private constructor({ file, resultFile, soFar }: KeepOrder) {
    this.#file = file;
    this.#resultFile = resultFile;
    this.#history = new DriveHistory({}, soFar.history);
    this.#meter = new DriveMeter(soFar.meter);
    this.#vehicles = new Map(soFar.vehicles.map((state) => [state.id, state]));
    this.#totals = soFar.totals;
    this.#speed = soFar.speed;
  }

  static async start(order: KeepOrder, steering: Steering): Promise<KeptRun> {
    const run = new KeptRun(order);
    const server = await startRunServer({
      soFar: () => run.#soFar,
      left: (window) => steering.left(window),
      told: (message, window) => {
        if (message.kind === 'abort') {
          steering.abort();
          return;
        }
        run.steered(message.control);
        steering.control(message.control, window);
      },
    });
    run.#server = server;
    const { socket, token } = server;
    try {
      const facts = JSON.parse(order.facts) as unknown;
      await writeFileSafely(order.file, JSON.stringify({ version: 1, socket, token, facts }));
    } catch (error) {
      await server.close();
      throw error;
    }
    return run;
  }

  /** What came while it was handed over. */
  count(missed: readonly SimulationUpdate[]): void {
    for (const update of missed) this.#count(update);
  }

  /** As if nobody had asked to keep it. */
  async discard(): Promise<void> {
    await removeFile(this.#file);
    await this.#server?.close();
  }

  /** Resolves when every window has taken it. */
  async update(update: SimulationUpdate): Promise<void> {
    this.#count(update);
    await this.#server?.tell({ kind: 'simulation-update', ...update });
  }

  /** What a window did, for those that come later. */
  steered(control: SimulationControl): void {
    if (control.do === 'speed' && control.ids === undefined) this.#speed = control.factor;
  }

  async done(result: SimulationResult): Promise<void> {
    this.#totals = result.totals;
    for (const state of result.vehicles) this.#vehicles.set(state.id, state);
    await this.#end({});
    await this.#server?.tell({ kind: 'done', result });
    await this.#server?.close();
  }

  async failed(error: CmsError): Promise<void> {
    const problem = problemOf(error);
    await this.#end({ problem });
    await this.#server?.tell({ kind: 'failed', problem });
    await this.#server?.close();
  }

  #count(update: SimulationUpdate): void {
    this.#totals = update.totals;
    for (const state of update.vehicles) this.#vehicles.set(state.id, state);
    this.#meter.add(update);
    this.#history.add(update.messages);
  }

  get #soFar(): RunSoFar {
    return {
      ...this.#cameTo,
      speed: this.#speed,
    };
  }

  get #cameTo(): Omit<RunSoFar, 'speed'> {
    return {
      vehicles: [...this.#vehicles.values()],
      meter: this.#meter.state,
      history: [...this.#history.vehicles],
      ...defined({ totals: this.#totals }),
    };
  }

  async #end(outcome: Pick<RunResult, 'problem'>): Promise<void> {
    const result: RunResult = { version: 1, endedAt: Date.now(), ...this.#cameTo, ...outcome };
    // A full disk costs the result, not the windows that wait for the end.
    await writeFileSafely(this.#resultFile, JSON.stringify(result)).catch(() => undefined);
  }
}
