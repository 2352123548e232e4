import * as vscode from 'vscode';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { type CmsError, isCancelled, isCmsError } from '../../core/errors.ts';
import { hearingWaits } from '../../core/patience.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import { systemClock, type Progress, type Work } from '../../core/work.ts';
import { english } from '../../core/wording.ts';
import { fittingButtons } from './buttons.ts';
import { showErrorHelp } from './errorHelp.ts';
import { sayErrorAndRemedy, say } from './say.ts';
import { type Log, logError } from './log.ts';
import { forNotification, notify } from './shown.ts';

/** How long somebody waits without wanting to end it. */
const LONG_MS = 1000;

/** Where the steps of a task are shown. */
type Shown = vscode.Progress<{ message?: string }>;

/** How one long task is shown and cancelled. */
export interface TaskOptions {
  /** Title of the progress notification; the step's name follows it. */
  title: string;
  /** Takes a moment as a rule: shown in the status bar, and with Cancel only when it takes longer. */
  quiet?: boolean;
  /** Offered as a button when the task fails or is cancelled. */
  retry?: () => void;
  /** One more thing that can be done when the task fails. */
  otherwise?: { title: string; act: () => void };
}

/** What helps against an error and is one click away. */
export interface Remedy {
  title: string;
  act: () => PromiseLike<unknown>;
  /** Whether what failed is done again afterwards. */
  retries?: () => boolean;
}

/** Looks whether there is a remedy for an error at this moment. */
export type FindRemedy = (error: CmsError) => Remedy | undefined | Promise<Remedy | undefined>;

/** Runs what people ask for, with progress and Cancel, and shows each error once, with what helps against it. */
export class Tasks {
  readonly log: Log;
  readonly #extensionUri: vscode.Uri;
  readonly #timers: Timers;
  readonly #remedies = new Map<ErrorCode, FindRemedy>();

  constructor(log: Log, extensionUri: vscode.Uri, timers: Timers = systemTimers) {
    this.#timers = timers;
    this.log = log;
    this.#extensionUri = extensionUri;
    for (const [code, find] of Object.entries(remediesOfTheEditor))
      this.#remedies.set(code as ErrorCode, find);
  }

  /** Each feature adds the remedies that it knows. */
  addRemedy(codes: readonly ErrorCode[], find: FindRemedy): void {
    for (const code of codes) this.#remedies.set(code, find);
  }

  /** Runs a task under cancellable progress; undefined when it was cancelled or failed, which is shown already. */
  async run<T>(options: TaskOptions, task: (work: Work) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.watched(options, task);
    } catch (error) {
      if (options.retry !== undefined && endedByUser(error)) {
        const { title, retry } = options;
        void this.attempt(() => this.#showCancelled(title, retry));
      } else void this.showError(error, options.retry, options.otherwise);
      return undefined;
    }
  }

  /** The same, but whoever calls gets what the task throws, CANCELLED included, and shows it. */
  async watched<T>(
    options: Pick<TaskOptions, 'title' | 'quiet'>,
    task: (work: Work) => Promise<T>,
  ): Promise<T> {
    const { Notification, Window } = vscode.ProgressLocation;
    const { title, quiet = false } = options;
    const level = quiet ? 'debug' : 'info';
    return vscode.window.withProgress(
      { location: quiet ? Window : Notification, title: forNotification(title), cancellable: !quiet },
      async (progress, token) => {
        const abort = new AbortController();
        const shown: Shown[] = [progress];
        const listener = token.onCancellationRequested(() => abort.abort());
        const takeOffer = quiet ? this.#offerCancel(title, abort, shown) : () => undefined;
        this.log[level](title);
        try {
          const work: Work = {
            signal: abort.signal,
            progress: (event) => this.#report(shown, event),
            clock: systemClock,
            random: Math.random,
          };
          const result = await hearingWaits(
            (message) => this.#report(shown, { step: 'network', level: 'info', message }),
            () => task(work),
          );
          this.log[level](`${title}: done`);
          return result;
        } finally {
          takeOffer();
          listener.dispose();
        }
      },
    );
  }

  /** Does what a person asked for; whatever it throws is shown once, with Try Again. */
  async attempt(act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
    } catch (error) {
      void this.showError(error, () => void this.attempt(act));
    }
  }

  /** Writes an error and its causes to the log, and shows it with buttons: the remedy's, retry, help, the log. */
  async showError(error: unknown, retry?: () => void, otherwise?: TaskOptions['otherwise']): Promise<void> {
    if (endedByUser(error)) {
      this.log.info('Canceled by the user.');
      return;
    }
    logError(this.log, error);
    try {
      await this.#offerHelp(error, retry, otherwise);
    } catch (unexpected) {
      // Nobody is behind this one: it is said, and no button may fail again.
      logError(this.log, unexpected);
      void notify.error(sayErrorAndRemedy(unexpected));
    }
  }

  async #offerHelp(
    error: unknown,
    retry: (() => void) | undefined,
    otherwise: TaskOptions['otherwise'],
  ): Promise<void> {
    const known = isCmsError(error) ? error : undefined;
    const remedy = known === undefined ? undefined : await this.#remedyOf(known);
    // Nothing changes by itself before the workspace is trusted.
    const again = known?.code === 'WORKSPACE_UNTRUSTED' ? undefined : retry;
    const retryTitle = again === undefined ? undefined : vscode.l10n.t('Try Again');
    const helpTitle = vscode.l10n.t('Explain');
    const logTitle = vscode.l10n.t('Show Log');
    const needed = [remedy?.title, retryTitle, otherwise?.title].filter((title) => title !== undefined);
    // The log is a command, too.
    const buttons = fittingButtons(needed, [helpTitle, logTitle]);
    const picked = await notify.error(sayErrorAndRemedy(error), ...buttons);
    if (picked === undefined) return;
    if (picked === logTitle) this.log.show(true);
    else if (picked === helpTitle) await showErrorHelp(this.#extensionUri, known?.code ?? 'INTERNAL');
    else if (picked === retryTitle) again?.();
    else if (picked === otherwise?.title) otherwise.act();
    else {
      await remedy?.act();
      if (remedy?.retries?.() === true) retry?.();
    }
  }

  /** An error is shown without its remedy when that cannot be found. */
  async #remedyOf(error: CmsError): Promise<Remedy | undefined> {
    try {
      return await this.#remedies.get(error.code)?.(error);
    } catch (unexpected) {
      logError(this.log, unexpected);
      return undefined;
    }
  }

  /** The status bar has no Cancel: what takes longer gets a notification, too. The function returned takes it away. */
  #offerCancel(title: string, abort: AbortController, shown: Shown[]): () => void {
    let close = (): void => undefined;
    const closed = new Promise<void>((resolve) => (close = resolve));
    const takeTimer = this.#timers.after(LONG_MS, () => {
      const location = vscode.ProgressLocation.Notification;
      const options = { location, title: forNotification(title), cancellable: true };
      void vscode.window.withProgress(options, async (progress, token) => {
        shown.push(progress);
        const listener = token.onCancellationRequested(() => abort.abort());
        await closed;
        listener.dispose();
      });
    });
    return () => {
      takeTimer();
      close();
    };
  }

  #report(shown: readonly Shown[], event: Progress): void {
    const vehicle = event.vin === undefined ? '' : `${event.vin} `;
    this.log[event.level](`${vehicle}[${event.step}] ${english(event.message)}`);
    if (event.level === 'debug') return;
    const message = forNotification(say(event.message));
    for (const progress of shown) progress.report({ message });
  }

  /** Says that a long task was cancelled, and offers to continue: every step looks first what is there. */
  async #showCancelled(title: string, retry: () => void): Promise<void> {
    this.log.info(`${title}: cancelled`);
    const go = vscode.l10n.t('Continue');
    const picked = await notify.info(
      vscode.l10n.t('Canceled: {0}. What has been created so far is kept; Continue picks up there.', title),
      go,
    );
    if (picked === go) retry();
  }
}

/** Whether nothing needs to be said: the person ended it. */
export function endedByUser(error: unknown): boolean {
  return isCancelled(error) || error instanceof vscode.CancellationError;
}

/** Those that are commands of VS Code itself. */
const remediesOfTheEditor = {
  WORKSPACE_MISSING: () => command(vscode.l10n.t('Open Folder'), 'vscode.openFolder'),
  WORKSPACE_UNTRUSTED: () => command(vscode.l10n.t('Manage Trust'), 'workbench.trust.manage'),
} satisfies Partial<Record<ErrorCode, FindRemedy>>;

function command(title: string, id: string): Remedy {
  return { title, act: () => vscode.commands.executeCommand(id) };
}
