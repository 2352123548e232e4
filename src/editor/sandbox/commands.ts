import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { SandboxReady } from '../../protocol/sandboxReady.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { sayPlural } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { registerCliEnvironment } from './cliEnvironment.ts';
import { INSTALLATIONS_SETTING } from './installations.ts';
import type { SandboxController } from './sandboxController.ts';

/** Start, stop, reset and use the local sandbox. */
export class SandboxActions implements vscode.Disposable {
  readonly #tasks: Tasks;
  readonly #sandbox: SandboxController;
  readonly #driving: () => number;
  readonly #firstStarted = new vscode.EventEmitter<SandboxReady>();
  /** This user's first sandbox runs. */
  readonly onDidStartFirst = this.#firstStarted.event;

  /** @param driving how many vehicles this window simulates in the sandbox now */
  constructor(tasks: Tasks, sandbox: SandboxController, driving: () => number) {
    this.#tasks = tasks;
    this.#sandbox = sandbox;
    this.#driving = driving;
    tasks.addRemedy(['ENDPOINT_UNREACHABLE', 'SANDBOX_NOT_OURS'], async () => {
      const start = await this.ifStopped();
      if (start === undefined) return undefined;
      return {
        title: vscode.l10n.t('Start Local Sandbox'),
        act: start,
        retries: () => sandbox.status === 'running',
      };
    });
    tasks.addRemedy(['SANDBOX_START_FAILED'], () => ({
      title: vscode.l10n.t('Open Settings'),
      act: () => vscode.commands.executeCommand('workbench.action.openSettings', 'cmsEnablement.sandbox'),
    }));
  }

  /** Says itself what goes wrong. */
  async start(): Promise<void> {
    if (await this.#isRunning()) {
      void notify.info(vscode.l10n.t('The local sandbox is already running.'));
      return;
    }
    const first = !this.#sandbox.known;
    const ready = await this.#run();
    if (ready === undefined) return;
    // It may be one that another window started.
    await this.installMissing();
    if (first) {
      // The welcome button that had the focus is gone: the rows that took its place get it.
      await vscode.commands.executeCommand('cmsEnablement.stacks.focus');
      this.#firstStarted.fire(ready);
    } else vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) The local sandbox is running'), 4000);
  }

  /** Starts it unless it runs, for work that goes on in it; false when that failed, which is said then. */
  async ensureRunning(): Promise<boolean> {
    if (await this.#isRunning()) return true;
    const ready = await this.#run();
    if (ready === undefined) return false;
    await this.installMissing();
    await vscode.commands.executeCommand('cmsEnablement.stacks.focus');
    return true;
  }

  /** It may have ended a moment ago, or been started again by somebody else. */
  async #isRunning(): Promise<boolean> {
    if (this.#sandbox.status === 'running') await this.#sandbox.check();
    return this.#sandbox.status === 'running';
  }

  #run(): Promise<SandboxReady | undefined> {
    return this.#tasks.run({ title: vscode.l10n.t('Starting the local sandbox') }, (work) =>
      this.#sandbox.start(work.signal),
    );
  }

  /** Adds to a sandbox that runs what the setting names by now. */
  async installMissing(): Promise<void> {
    if (this.#sandbox.status !== 'running') return;
    const added = await this.#tasks.run(
      { title: vscode.l10n.t('Installing in the local sandbox'), quiet: true },
      (work) => this.#sandbox.installMissing(work.signal),
    );
    if (added === undefined || added.length === 0) return;
    vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Installed: {0}', added.join(', ')), 4000);
  }

  /** How to start it; undefined unless this user has one and it does not run. */
  async ifStopped(): Promise<(() => Promise<void>) | undefined> {
    await this.#sandbox.check();
    return this.#sandbox.known && this.#sandbox.status === 'stopped' ? () => this.start() : undefined;
  }

  /** Asks first while something drives in it, which would go on for nobody. */
  async stop(): Promise<void> {
    const driving = this.#driving();
    if (driving > 0) {
      const go = vscode.l10n.t('Stop Sandbox');
      const picked = await notify.warn(
        sayPlural(
          driving,
          l10n.t('1 vehicle is driving in the local sandbox. Stop the sandbox?'),
          l10n.t('{count} vehicles are driving in the local sandbox. Stop the sandbox?', { count: driving }),
        ),
        {
          modal: true,
          detail: vscode.l10n.t(
            'Their messages wait until the sandbox runs again, or the simulation ends. Other windows use the same sandbox.',
          ),
        },
        go,
      );
      if (picked !== go) return;
    }
    await this.#tasks.run({ title: vscode.l10n.t('Stopping the local sandbox'), quiet: true }, (work) =>
      this.#sandbox.stop(work.signal),
    );
  }

  dispose(): void {
    this.#firstStarted.dispose();
  }
}

type Backend = LoadBackend<'planProfile' | 'writeProfile'>;

/** @param features.forgetSignIns forgets who signs in to the sandbox */
export function registerSandbox(
  tasks: Tasks,
  sandbox: SandboxController,
  actions: SandboxActions,
  { backend, forgetSignIns }: { backend: Backend; forgetSignIns: () => Promise<void> },
): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(tasks, 'startSandbox', () => actions.start()),
    registerCommand(tasks, 'stopSandbox', () => actions.stop()),
    registerCommand(tasks, 'resetSandbox', () => reset(tasks, sandbox, forgetSignIns)),
    registerCliEnvironment(tasks, sandbox, backend),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(INSTALLATIONS_SETTING))
        void tasks.attempt(() => actions.installMissing());
    }),
  );
}

async function reset(
  tasks: Tasks,
  sandbox: SandboxController,
  forgetSignIns: () => Promise<void>,
): Promise<void> {
  const go = vscode.l10n.t('Reset');
  const picked = await notify.warn(
    vscode.l10n.t('Reset the local sandbox?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Every vehicle, user, certificate and message in the sandbox is deleted, and the stacks are created again. Certificate files in your workspace are kept, but no longer work.',
      ),
    },
    go,
  );
  if (picked !== go) return;
  await tasks.run({ title: vscode.l10n.t('Resetting the local sandbox') }, async (work) => {
    // First: with the stacks made anew nobody of the old ones can sign in.
    await forgetSignIns();
    await sandbox.reset(work.signal);
  });
}

/** The stacks that people know the installations by. */
function mainStacks({ installations }: SandboxReady): string[] {
  return installations.flatMap(({ stacks }) => Object.values(stacks).slice(0, 1));
}

/** Says that the first sandbox runs, and what to do with it. */
export async function showFirstStart(ready: SandboxReady, onboard: () => Promise<void>): Promise<void> {
  const title = vscode.l10n.t('Onboard Vehicle…');
  const picked = await notify.info(
    vscode.l10n.t(
      'The local sandbox is running at {0} with the stack {1}.',
      ready.endpoint,
      mainStacks(ready).join(', '),
    ),
    title,
  );
  if (picked === title) await onboard();
}
