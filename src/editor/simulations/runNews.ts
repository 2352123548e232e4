import * as vscode from 'vscode';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { l10n } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { VehicleState } from '../../protocol/simulation.ts';
import { fittingButtons } from '../base/buttons.ts';
import { logError } from '../base/log.ts';
import { summaryWords } from '../../text/driveSummary.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { say, sayPlural, sayProblem } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { BackgroundRuns } from './backgroundRuns.ts';
import type { SimulationRun } from './run.ts';
import { simulationsWords } from './runWords.ts';
import type { Simulations } from './simulations.ts';

/** Crashes and failures that come together are told together. */
const TOGETHER_MS = 500;
const UNDER_WAY_KEY = 'drivesUnderWay';

/** What can be done about the news. */
export interface NewsActions {
  provision: (vehicle: VehicleOfStack) => Promise<void>;
  diagnose: (vehicle: VehicleOfStack) => Promise<void>;
  /** These vehicles; without any, the drive that was simulated last. */
  simulateAgain: (vehicles?: readonly VehicleOfStack[]) => Promise<void>;
  /** Starts the local sandbox; undefined unless it is there and stopped. */
  startSandbox: () => Promise<(() => Promise<void>) | undefined>;
  resume: (run: SimulationRun) => Promise<void>;
  showTelemetry: () => void;
  /** Of a run that is over. */
  exportDrive: (run: SimulationRun) => Promise<void>;
  compareDrive: (run: SimulationRun) => Promise<void>;
  /** Whether there is a drive to compare it with. */
  hasEarlier: (run: SimulationRun) => boolean;
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

  /**
   * @param state of the workspace, which outlives the window
   * @param background says of runs in the background when their end is certain
   */
  constructor(
    tasks: Tasks,
    simulations: Simulations,
    background: Pick<BackgroundRuns, 'onDidEnd'>,
    state: vscode.Memento,
    actions: NewsActions,
  ) {
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
        if (!run.isKept) this.#ended(run);
      }),
      background.onDidEnd((run) => this.#ended(run)),
      simulations.onDidStart(() => this.#keep()),
      // One that goes on in the background does not end with the window.
      simulations.onDidKeep(() => this.#keep()),
      simulations.onDidFailRecording(({ problem }) => void tasks.showError(problem)),
    );
  }

  /** Remembers what drives, so that it can be said when the window was closed or reloaded meanwhile. */
  #keep(): void {
    if (this.#simulations.isClosing) return;
    const titles = this.#simulations.active.filter(({ isKept }) => !isKept).map(({ title }) => title);
    void this.#state.update(UNDER_WAY_KEY, titles.length > 0 ? titles : undefined);
  }

  async #tellClosed(): Promise<void> {
    const titles = this.#state.get<string[]>(UNDER_WAY_KEY, []);
    if (titles.length === 0) return;
    await this.#state.update(UNDER_WAY_KEY, undefined);
    const again = vscode.l10n.t('Simulate Again');
    const text = sayPlural(
      titles.length,
      l10n.t('The simulation {title} ended when the window was closed.', { title: titles[0] ?? '' }),
      l10n.t('{count} simulations ended when the window was closed: {titles}', {
        count: titles.length,
        titles: l10n.list(titles, 'comma'),
      }),
    );
    const picked = await notify.info(text, again);
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
      this.#show(() => this.#tellEnd(run));
    }
  }

  /** What the drive came to, and what one may want next. */
  async #tellEnd(run: SimulationRun): Promise<void> {
    const { figures, title } = run;
    if (figures === undefined || figures.acknowledged === 0) return this.#tellNothing(run);
    const again = vscode.l10n.t('Simulate Again');
    const save = vscode.l10n.t('Export…');
    const compare = vscode.l10n.t('Compare with Last');
    const offers = fittingButtons([again, save], this.#actions.hasEarlier(run) ? [compare] : []);
    const words = summaryWords(figures, windowMeasures()).map(say).join(', ');
    const picked = await notify.info(vscode.l10n.t('{0} has ended: {1}', title, words), ...offers);
    if (picked === compare) await this.#actions.compareDrive(run);
    if (picked === save) await this.#actions.exportDrive(run);
    if (picked === again)
      await this.#actions.simulateAgain(run.names.of().map((name) => ({ ref: run.ref, ...name })));
  }

  /** A drive of which nothing arrived, and why. */
  async #tellNothing(run: SimulationRun): Promise<void> {
    if (this.#told.has(run) || this.#failing.has(run)) return;
    const { title, vehicles } = run;
    const states = [...vehicles.values()];
    const failed = states.find((it) => it.problem !== undefined);
    // Whoever stops it may not wait for what is under way then.
    if (failed === undefined && run.hasBeenStopped) {
      await notify.info(vscode.l10n.t('{0} was stopped before a message arrived.', title));
      return;
    }
    const lost = run.totals?.lost ?? 0;
    const isOne = run.ids.length === 1;
    const why =
      failed?.problem !== undefined
        ? wordsOf(failed.vin, sayProblem(failed.problem), isOne)
        : lost > 0
          ? sayPlural(
              lost,
              l10n.t('The message that was sent was never acknowledged.'),
              l10n.t('{count} messages were sent, and none was acknowledged.', { count: lost }),
            )
          : vscode.l10n.t('Nothing was sent before its end.');
    const suspect = failed ?? states.find((it) => it.lost > 0) ?? run.names.of()[0];
    const diagnose = isOne
      ? vscode.l10n.t('Diagnose Vehicle')
      : vscode.l10n.t('Diagnose {0}', suspect?.vin ?? '');
    const output = vscode.l10n.t('Show Telemetry Output');
    const offers = fittingButtons(
      suspect === undefined ? [output] : [diagnose],
      suspect === undefined ? [] : [output],
    );
    const text = vscode.l10n.t('{0} has ended, and no message arrived. {1}', title, why);
    const picked = await notify.warn(text, ...offers);
    if (picked === output) this.#actions.showTelemetry();
    if (picked !== diagnose || suspect === undefined) return;
    const { vin, id } = suspect;
    await this.#actions.diagnose({ ref: run.ref, vin, id });
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
    const count = runs.length;
    const what = count === 1 ? first.title : simulationsWords(count);
    const resume = vscode.l10n.t('Resume');
    const log = vscode.l10n.t('Show Log');
    const text =
      resumable.length > 0
        ? vscode.l10n.t(
            'The device process ended, and with it {0}. What was acknowledged is in the cloud. Resuming continues where each vehicle was, as a new trip.',
            what,
          )
        : vscode.l10n.t(
            'The device process ended, and with it {0}. What was acknowledged is in the cloud.',
            what,
          );
    const picked = await notify.error(text, ...(resumable.length > 0 ? [resume, log] : [log]));
    if (picked === log) this.#tasks.log.show(true);
    if (picked !== resume) return;
    for (const run of resumable) await this.#tasks.attempt(() => this.#actions.resume(run));
  }

  async #tellFailure(run: SimulationRun, vehicles: readonly VehicleState[]): Promise<void> {
    const problem = vehicles[0]?.problem;
    if (problem === undefined) return;
    for (const it of vehicles) {
      if (it.problem !== undefined)
        this.#tasks.log.error(`${it.vin} ${it.problem.code}: ${english(it.problem.sentence)}`);
    }
    const sentence = sayProblem(problem);
    const count = vehicles.length;
    const text = sayPlural(
      count,
      l10n.verbatim(sentence),
      l10n.t('{count} vehicles of {run} failed. {sentence}', { count, run: run.title, sentence }),
    );
    const failed = vehicles.map(({ vin, id }) => ({ ref: run.ref, vin, id }));
    const remedy = await remedyOf(problem.code, failed, this.#actions);
    const output = vscode.l10n.t('Show Telemetry Output');
    const picked = await notify.error(text, ...fittingButtons([remedy.title], [output]));
    if (picked === output) this.#actions.showTelemetry();
    else if (picked !== undefined) await remedy.act();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
  }
}

/** Of several vehicles, which one has the problem. */
function wordsOf(vin: string, sentence: string, isOne: boolean): string {
  return isOne || sentence.includes(vin) ? sentence : vscode.l10n.t('{0}: {1}', vin, sentence);
}

/** What helps against a failure that vehicles have in common and is one click away. */
async function remedyOf(
  code: string,
  vehicles: readonly VehicleOfStack[],
  actions: NewsActions,
): Promise<{ title: string; act: () => Promise<void> }> {
  const again = {
    title: vscode.l10n.t('Simulate Again'),
    act: () => actions.simulateAgain(vehicles),
  };
  const [first, second] = vehicles;
  if (first === undefined) return again;
  // What is done with one vehicle says with which, when others failed with it.
  const title = (one: string, named: string): string => (second === undefined ? one : named);
  const { vin } = first;
  switch (code as ErrorCode) {
    // Rotating begins with the certificate there is: one that cannot be used is replaced.
    case 'CERTIFICATE_UNUSABLE':
    case 'CERTIFICATE_MISSING':
      return {
        title: title(
          vscode.l10n.t('Provision Certificates'),
          vscode.l10n.t('Provision Certificates for {0}', vin),
        ),
        act: () => actions.provision(first),
      };
    case 'CLIENT_ID_IN_USE':
      return again;
    case 'ENDPOINT_UNREACHABLE': {
      const start = await actions.startSandbox();
      return start === undefined ? again : { title: vscode.l10n.t('Start Local Sandbox'), act: start };
    }
    default:
      return {
        title: title(vscode.l10n.t('Diagnose Vehicle'), vscode.l10n.t('Diagnose {0}', vin)),
        act: () => actions.diagnose(first),
      };
  }
}
