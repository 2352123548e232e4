import * as vscode from 'vscode';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { english } from '../../core/wording.ts';
import type { VehicleState } from '../../protocol/simulation.ts';
import { logError } from '../base/log.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { sayProblem } from '../base/say.ts';
import type { SimulationRun } from './run.ts';
import { runProgress } from './runWords.ts';
import type { Simulations } from './simulations.ts';

/** Crashes and failures that come together are told together. */
const TOGETHER_MS = 500;
const SAID_FOR_MS = 10_000;
const UNDER_WAY_KEY = 'drivesUnderWay';

/** What can be done about the news. */
export interface NewsActions {
  rotate: (vehicle: VehicleOfStack) => Promise<void>;
  provision: (vehicle: VehicleOfStack) => Promise<void>;
  diagnose: (vehicle: VehicleOfStack) => Promise<void>;
  simulateAgain: (vehicle?: VehicleOfStack) => Promise<void>;
  /** Starts the local sandbox; undefined unless it is there and stopped. */
  startSandbox: () => Promise<(() => Promise<void>) | undefined>;
  resume: (run: SimulationRun) => Promise<void>;
  showTelemetry: () => void;
}

/** Tells a person what of the simulations needs them: a notification each, with what can be done. */
export class RunNews implements vscode.Disposable {
  readonly #tasks: Tasks;
  readonly #simulations: Simulations;
  readonly #state: vscode.Memento;
  readonly #actions: NewsActions;
  readonly #subscriptions: vscode.Disposable;
  readonly #failing = new Map<SimulationRun, VehicleState[]>();
  /** Runs of which a failure was told: the rest is in their rows. */
  readonly #told = new WeakSet<SimulationRun>();
  #crashed: SimulationRun[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param state of the workspace, which outlives the window */
  constructor(tasks: Tasks, simulations: Simulations, state: vscode.Memento, actions: NewsActions) {
    this.#tasks = tasks;
    this.#simulations = simulations;
    this.#state = state;
    this.#actions = actions;
    this.#show(() => this.#tellClosed());
    this.#subscriptions = vscode.Disposable.from(
      simulations.onDidFailVehicles(({ run, vehicles }) => {
        if (this.#told.has(run)) return;
        this.#failing.set(run, [...(this.#failing.get(run) ?? []), ...vehicles]);
        this.#soon();
      }),
      simulations.onDidEnd((run) => {
        this.#keep();
        this.#ended(run);
      }),
      simulations.onDidStart(() => this.#keep()),
      simulations.onDidFailRecording(({ problem }) => void tasks.showError(problem)),
    );
  }

  /** Remembers what drives, so that it can be said when the window was closed or reloaded meanwhile. */
  #keep(): void {
    if (this.#simulations.isClosing) return;
    const titles = this.#simulations.active.map(({ title }) => title);
    void this.#state.update(UNDER_WAY_KEY, titles.length > 0 ? titles : undefined);
  }

  async #tellClosed(): Promise<void> {
    const titles = this.#state.get<string[]>(UNDER_WAY_KEY, []);
    if (titles.length === 0) return;
    await this.#state.update(UNDER_WAY_KEY, undefined);
    const again = vscode.l10n.t('Simulate Again');
    const text = vscode.l10n.t('The drive {0} ended with the window.', titles.join(', '));
    const picked = await vscode.window.showInformationMessage(text, again);
    if (picked === again) await this.#actions.simulateAgain();
  }

  #ended(run: SimulationRun): void {
    if (this.#simulations.isClosing) return;
    if (run.state === 'crashed') {
      this.#crashed.push(run);
      this.#soon();
    } else if (run.state === 'failed' && run.problem !== undefined) {
      void this.#tasks.showError(run.problem);
    } else if (run.state === 'ended') {
      const text = vscode.l10n.t('{0} has ended: {1}', run.title, runProgress(run));
      vscode.window.setStatusBarMessage(`$(pass) ${text}`, SAID_FOR_MS);
    }
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const crashed = this.#crashed;
      this.#crashed = [];
      if (crashed.length > 0) this.#show(() => this.#tellCrash(crashed));
      for (const [run, vehicles] of this.#failing) {
        this.#told.add(run);
        this.#show(() => this.#tellFailure(run, vehicles));
      }
      this.#failing.clear();
    }, TOGETHER_MS);
  }

  #show(tell: () => Promise<void>): void {
    tell().catch((error: unknown) => void this.#tasks.showError(error));
  }

  async #tellCrash(runs: readonly SimulationRun[]): Promise<void> {
    const [first] = runs;
    if (first === undefined) return;
    logError(this.#tasks.log, first.problem);
    const resumable = runs.filter((run) => run.isResumable);
    const what = runs.length === 1 ? first.title : vscode.l10n.t('{0} simulations', runs.length);
    const resume = vscode.l10n.t('Resume');
    const log = vscode.l10n.t('Show Log');
    const picked = await vscode.window.showErrorMessage(
      vscode.l10n.t(
        'The device process ended, and with it {0}. What was acknowledged is in the cloud; resuming goes on where each vehicle was, as a new trip.',
        what,
      ),
      ...(resumable.length > 0 ? [resume, log] : [log]),
    );
    if (picked === log) this.#tasks.log.show(true);
    if (picked !== resume) return;
    for (const run of resumable) await this.#tasks.attempt(() => this.#actions.resume(run));
  }

  async #tellFailure(run: SimulationRun, vehicles: readonly VehicleState[]): Promise<void> {
    const [first] = vehicles;
    if (first?.problem === undefined) return;
    const { vin, problem } = first;
    for (const it of vehicles) {
      if (it.problem !== undefined)
        this.#tasks.log.error(`${it.vin} ${it.problem.code}: ${english(it.problem.sentence)}`);
    }
    const sentence = sayProblem(problem);
    const text =
      vehicles.length === 1
        ? sentence
        : vscode.l10n.t('{0} vehicles of {1} failed. {2}', vehicles.length, run.title, sentence);
    const remedy = await this.#remedyOf(problem.code, { ref: run.ref, vin });
    const output = vscode.l10n.t('Show Telemetry Output');
    const picked = await vscode.window.showErrorMessage(text, remedy.title, output);
    if (picked === output) this.#actions.showTelemetry();
    else if (picked !== undefined) await remedy.act();
  }

  /** What helps against a failure of a vehicle and is one click away. */
  async #remedyOf(
    code: string,
    vehicle: VehicleOfStack,
  ): Promise<{ title: string; act: () => Promise<void> }> {
    const actions = this.#actions;
    const again = {
      title: vscode.l10n.t('Simulate Again'),
      act: () => actions.simulateAgain(vehicle),
    };
    switch (code as ErrorCode) {
      case 'CERTIFICATE_UNUSABLE':
        return { title: vscode.l10n.t('Rotate Certificate'), act: () => actions.rotate(vehicle) };
      case 'CERTIFICATE_MISSING':
        return { title: vscode.l10n.t('Provision Certificates'), act: () => actions.provision(vehicle) };
      case 'CLIENT_ID_IN_USE':
        return again;
      case 'ENDPOINT_UNREACHABLE': {
        const start = await actions.startSandbox();
        return start === undefined ? again : { title: vscode.l10n.t('Start Local Sandbox'), act: start };
      }
      default:
        return { title: vscode.l10n.t('Diagnose Vehicle'), act: () => actions.diagnose(vehicle) };
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
  }
}
