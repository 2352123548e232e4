import * as vscode from 'vscode';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { english } from '../../core/wording.ts';
import type { VehicleState } from '../../protocol/simulation.ts';
import type { App } from '../app.ts';
import { logError } from '../base/tasks.ts';
import { problemText } from '../base/inLanguage.ts';
import type { SimulationRun } from './run.ts';
import { runProgress } from './runWords.ts';

/** Crashes and failures that come together are told together. */
const TOGETHER_MS = 500;
const SAID_FOR_MS = 10_000;
const UNDER_WAY_KEY = 'drivesUnderWay';

/** Tells a person what of the simulations needs them: a notification each, with what can be done. */
export class RunNews implements vscode.Disposable {
  readonly #app: App;
  readonly #subscriptions: vscode.Disposable;
  readonly #failing = new Map<SimulationRun, VehicleState[]>();
  /** Runs of which a failure was told: the rest is in their rows. */
  readonly #told = new WeakSet<SimulationRun>();
  #crashed: SimulationRun[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#show(() => this.#tellClosed());
    const { simulations } = app;
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
      simulations.onDidFailRecording(({ problem }) => app.showError(problem)),
    );
  }

  /** Remembers what drives, so that it can be said when the window was closed or reloaded meanwhile. */
  #keep(): void {
    const { simulations, context } = this.#app;
    if (simulations.isClosing) return;
    const titles = simulations.active.map(({ title }) => title);
    void context.workspaceState.update(UNDER_WAY_KEY, titles.length > 0 ? titles : undefined);
  }

  async #tellClosed(): Promise<void> {
    const { workspaceState } = this.#app.context;
    const titles = workspaceState.get<string[]>(UNDER_WAY_KEY, []);
    if (titles.length === 0) return;
    await workspaceState.update(UNDER_WAY_KEY, undefined);
    const again = vscode.l10n.t('Simulate Again');
    const text = vscode.l10n.t('The drive {0} ended with the window.', titles.join(', '));
    const picked = await vscode.window.showInformationMessage(text, again);
    if (picked === again) await vscode.commands.executeCommand('cmsEnablement.simulateAgain');
  }

  #ended(run: SimulationRun): void {
    if (this.#app.simulations.isClosing) return;
    if (run.state === 'crashed') {
      this.#crashed.push(run);
      this.#soon();
    } else if (run.state === 'failed' && run.problem !== undefined) {
      this.#app.showError(run.problem);
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
    tell().catch((error: unknown) => this.#app.showError(error));
  }

  async #tellCrash(runs: readonly SimulationRun[]): Promise<void> {
    const [first] = runs;
    if (first === undefined) return;
    logError(this.#app.log, first.problem);
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
    if (picked === log) this.#app.log.show(true);
    if (picked !== resume) return;
    for (const run of resumable)
      await vscode.commands.executeCommand('cmsEnablement.simulationResumeCrashed', { run: run.id });
  }

  async #tellFailure(run: SimulationRun, vehicles: readonly VehicleState[]): Promise<void> {
    const [first] = vehicles;
    if (first?.problem === undefined) return;
    const { vin, problem } = first;
    for (const it of vehicles) {
      if (it.problem !== undefined)
        this.#app.log.error(`${it.vin} ${it.problem.code}: ${english(it.problem.sentence)}`);
    }
    const sentence = problemText(problem);
    const text =
      vehicles.length === 1
        ? sentence
        : vscode.l10n.t('{0} vehicles of {1} failed. {2}', vehicles.length, run.title, sentence);
    const remedy = await this.#remedyOf(problem.code);
    const output = vscode.l10n.t('Show Telemetry Output');
    const picked = await vscode.window.showErrorMessage(
      text,
      ...(remedy ? [remedy.title, output] : [output]),
    );
    if (picked === output) await vscode.commands.executeCommand('cmsEnablement.showTelemetry');
    else if (picked === remedy?.title && remedy !== undefined) {
      await vscode.commands.executeCommand(remedy.command, { ref: run.ref, vin, node: undefined });
    }
  }

  /** What helps against a failure and is one click away. */
  async #remedyOf(code: string): Promise<{ title: string; command: string } | undefined> {
    const { sandbox } = this.#app;
    switch (code as ErrorCode) {
      case 'CERTIFICATE_UNUSABLE':
        return { title: vscode.l10n.t('Rotate Certificate'), command: 'cmsEnablement.rotateCertificate' };
      case 'CERTIFICATE_MISSING':
        return {
          title: vscode.l10n.t('Provision Certificates'),
          command: 'cmsEnablement.provisionCertificates',
        };
      case 'CLIENT_ID_IN_USE':
        return { title: vscode.l10n.t('Simulate Again'), command: 'cmsEnablement.simulateAgain' };
      case 'ENDPOINT_UNREACHABLE':
        await sandbox.check();
        return sandbox.known && sandbox.status === 'stopped'
          ? { title: vscode.l10n.t('Start Local Sandbox'), command: 'cmsEnablement.startSandbox' }
          : { title: vscode.l10n.t('Simulate Again'), command: 'cmsEnablement.simulateAgain' };
      default:
        return { title: vscode.l10n.t('Diagnose Vehicle'), command: 'cmsEnablement.diagnoseVehicle' };
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscriptions.dispose();
  }
}
