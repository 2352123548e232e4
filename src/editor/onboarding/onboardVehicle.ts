import * as vscode from 'vscode';
import { isCmsError } from '../../core/errors.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import { askOnboarding, type OnboardAnswers } from './onboardWizard.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { stackTarget } from '../stacks/targets.ts';
import { onboardDeps, showOnboarded } from '../certificates/workDeps.ts';

/** Onboards one vehicle: asks, runs the work, shows where to go from there. */
export function registerOnboardVehicle(app: App): vscode.Disposable {
  return registerCommand(app, 'onboardVehicle', async (target) => {
    const ref = await stackTarget(app, target);
    if (ref === undefined) return;
    // Asked before the questions: nobody wants to answer them only to learn that there is no folder.
    await app.certificates.forWriting();
    const answers = await askOnboarding(app, ref);
    if (answers !== undefined) await onboardAnswered(app, ref, answers);
  });
}

async function onboardAnswered(app: App, ref: StackRef, answers: OnboardAnswers): Promise<void> {
  const work = app.work();
  const { request, warnings } = work.parseRequest(work.requestFromText(answers.fields), Date.now());
  let failure: unknown;
  const again = async (): Promise<void> => {
    // What was typed wrongly is asked again; anything else goes on where it stopped.
    const next = isAboutAnswers(failure) ? await askOnboarding(app, ref, answers.fields) : answers;
    if (next !== undefined) await onboardAnswered(app, ref, next);
  };
  const result = await app.run(
    {
      title: vscode.l10n.t('Onboarding {0}', request.vin),
      retry: () => void again().catch((error: unknown) => app.showError(error)),
    },
    async (running) => {
      try {
        return await work.onboard(request, await onboardDeps(app, ref, answers.signIn), running, warnings);
      } catch (error) {
        failure = error;
        await forgetWrongPassword(app, ref, error);
        throw error;
      }
    },
  );
  if (result !== undefined) await app.sessions.remember(ref, answers.signIn);
  app.refresh();
  if (result === undefined) return;
  // Ticks off the step of the walkthrough.
  void vscode.commands.executeCommand('setContext', 'cmsEnablement.onboarded', true);
  await showOnboarded(app, ref, result);
}

function isAboutAnswers(error: unknown): boolean {
  return isCmsError(error) && (WRONG_SIGN_IN.has(error.code) || error.code === 'PASSWORD_TOO_WEAK');
}

const WRONG_SIGN_IN: ReadonlySet<string> = new Set(['USER_HAS_OTHER_PASSWORD', 'SIGN_IN_FAILED']);

/** A password that does not work is not kept, so that the next try asks for it. */
export async function forgetWrongPassword(app: App, ref: StackRef, error: unknown): Promise<void> {
  if (!isCmsError(error) || !WRONG_SIGN_IN.has(error.code)) return;
  await app.passwords.forget(ref.connectionId, ref.stack);
  app.sessions.drop(ref.connectionId);
}
