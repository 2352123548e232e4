import * as vscode from 'vscode';
import { type CmsError, isCancelled, isCmsError, messageOf } from '../../core/errors.ts';
import { systemClock, type Progress, type Work } from '../../core/work.ts';
import type { App, RunOptions } from '../app.ts';
import { errorWithRemedy, inLanguage } from './inLanguage.ts';
import { english } from '../../core/wording.ts';

/** Runs work under one cancellable progress notification; every step goes to the log as well. */
export async function runWork<T>(
  log: vscode.LogOutputChannel,
  options: RunOptions,
  task: (work: Work) => Promise<T>,
): Promise<T> {
  return vscode.window.withProgress(
    {
      location:
        options.quiet === true ? vscode.ProgressLocation.Window : vscode.ProgressLocation.Notification,
      title: options.title,
      cancellable: options.quiet !== true,
    },
    async (progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      log[options.quiet === true ? 'debug' : 'info'](options.title);
      try {
        const result = await task({
          signal: abort.signal,
          progress: (event) => report(log, progress, event),
          clock: systemClock,
          random: Math.random,
        });
        log[options.quiet === true ? 'debug' : 'info'](`${options.title}: done`);
        return result;
      } finally {
        listener.dispose();
      }
    },
  );
}

function report(
  log: vscode.LogOutputChannel,
  progress: vscode.Progress<{ message?: string }>,
  event: Progress,
): void {
  const line = `${event.vin === undefined ? '' : `${event.vin} `}[${event.step}] ${english(event.message)}`;
  log[event.level](line);
  if (event.level !== 'debug') progress.report({ message: inLanguage(event.message) });
}

/** Says that long work was cancelled, and offers to go on: every step looks first what is there. */
export async function showCancelled(
  log: vscode.LogOutputChannel,
  title: string,
  retry: () => void,
): Promise<void> {
  log.info(`${title}: cancelled`);
  const go = vscode.l10n.t('Continue');
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t('Cancelled: {0}. What was made so far stays; continuing picks up there.', title),
    go,
  );
  if (picked === go) retry();
}

/** Whether nothing needs to be said: the person ended it. */
export function endedByUser(error: unknown): boolean {
  return isCancelled(error) || error instanceof vscode.CancellationError;
}

/** Writes an error and its causes to the log, and says it once with buttons: the remedy's, retry, the log. */
export async function showError(
  app: Pick<App, 'log' | 'sandbox'>,
  error: unknown,
  retry?: () => void,
): Promise<void> {
  const { log } = app;
  if (endedByUser(error)) {
    log.info('Cancelled by the user.');
    return;
  }
  logError(log, error);
  const known = isCmsError(error) ? error : undefined;
  if (known?.code === 'ENDPOINT_UNREACHABLE') await app.sandbox.check();
  const action = known === undefined ? undefined : remedyOf(known, app);
  // Nothing changes by itself before the workspace is trusted.
  const again = known?.code === 'WORKSPACE_UNTRUSTED' ? undefined : retry;
  const retryTitle = again === undefined ? undefined : vscode.l10n.t('Try Again');
  const helpTitle = vscode.l10n.t('Explain');
  const logTitle = vscode.l10n.t('Show Log');
  const buttons = [action?.title, retryTitle, helpTitle, logTitle].filter((title) => title !== undefined);
  const picked = await vscode.window.showErrorMessage(errorWithRemedy(error), ...buttons);
  if (picked === undefined) return;
  if (picked === logTitle) log.show(true);
  else if (picked === helpTitle) {
    await vscode.commands.executeCommand('cmsEnablement.explainError', known?.code ?? 'INTERNAL');
  } else if (picked === retryTitle) again?.();
  else if (action !== undefined) {
    await action.act();
    if (action.thenRetry === true && app.sandbox.status === 'running') retry?.();
  }
}

export function logError(log: vscode.LogOutputChannel, error: unknown): void {
  for (let e: unknown = error, depth = 0; e !== undefined && depth < 5; depth++) {
    const code = isCmsError(e) ? `${e.code}: ` : '';
    const facts = isCmsError(e)
      ? Object.entries(e.details)
          .map(([key, value]) => ` ${key}=${value}`)
          .join('')
      : '';
    log.error(`${depth === 0 ? '' : 'caused by '}${code}${messageOf(e)}${facts}`);
    e = e instanceof Error ? e.cause : undefined;
  }
}

/** A remedy that is one click away. */
interface Remedy {
  title: string;
  act: () => Thenable<unknown>;
  /** The work is done again when the remedy has started the sandbox. */
  thenRetry?: true;
}

function remedyOf(error: CmsError, { sandbox }: Pick<App, 'sandbox'>): Remedy | undefined {
  const by = (title: string, command: string, ...args: unknown[]): Remedy => ({
    title,
    act: () => vscode.commands.executeCommand(command, ...args),
  });
  switch (error.code) {
    case 'ENDPOINT_UNREACHABLE':
      if (!sandbox.known || sandbox.status !== 'stopped') return undefined;
      return { ...by(vscode.l10n.t('Start Local Sandbox'), 'cmsEnablement.startSandbox'), thenRetry: true };
    case 'WORKSPACE_MISSING':
      return by(vscode.l10n.t('Open Folder'), 'vscode.openFolder');
    case 'WORKSPACE_UNTRUSTED':
      return by(vscode.l10n.t('Manage Trust'), 'workbench.trust.manage');
    case 'SANDBOX_START_FAILED':
      return by(vscode.l10n.t('Open Settings'), 'workbench.action.openSettings', 'cmsEnablement.sandbox');
    case 'CREDENTIALS_EXPIRED': {
      // The terminal it is run in is the person's to choose: it may be on another machine.
      const { command } = error.details;
      if (typeof command !== 'string') return undefined;
      return { title: vscode.l10n.t('Copy Command'), act: () => vscode.env.clipboard.writeText(command) };
    }
    case 'PROFILE_UNKNOWN':
    case 'CREDENTIALS_MISSING':
      return by(vscode.l10n.t('Add Connection'), 'cmsEnablement.addConnection');
    case 'USER_HAS_OTHER_PASSWORD':
    case 'SIGN_IN_FAILED':
    case 'SIGN_IN_CHALLENGE':
    case 'CMS_UNAUTHORIZED':
      return by(vscode.l10n.t('Sign In…'), 'cmsEnablement.signIn');
    default:
      return undefined;
  }
}
