import * as vscode from 'vscode';
import { english } from '../../core/wording.ts';
import type { OnboardDeps } from '../../onboarding/onboardDeps.ts';
import type { OnboardingResult } from '../../onboarding/onboard.ts';
import type { ProvisionDeps } from '../../provisioning/provision.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import type { OnboardAnswers } from '../onboarding/onboardWizard.ts';
import { askNewPassword } from '../stacks/signIn.ts';

/**
 * What onboarding needs, for a stack; the device process is started by the first use of it.
 * A password that has to be replaced at the sign-in is replaced in `signIn` too.
 */
export async function onboardDeps(
  app: App,
  ref: StackRef,
  signIn: OnboardAnswers['signIn'],
): Promise<OnboardDeps> {
  const deps = await diagnoseDeps(app, ref, signIn);
  return { ...deps, certificates: await app.certificates.forWriting() };
}

/** The same without a folder to write to: looking is possible in any window. */
export async function diagnoseDeps(
  app: App,
  ref: StackRef,
  signIn: OnboardAnswers['signIn'],
): Promise<OnboardDeps> {
  const connection = await app.connections.open(ref.connectionId);
  return {
    connection,
    findDeployment: (signal) => app.work().openDeployment(connection, { stack: ref.stack }, signal),
    signIn: {
      ...signIn,
      newPassword: async () => (signIn.password = await askNewPassword(app, signIn.username)),
    },
    certificates: app.certificates.forReading(),
    device: await app.device(),
  };
}

export async function provisionDeps(app: App, ref: StackRef, signal: AbortSignal): Promise<ProvisionDeps> {
  await app.certificates.forWriting();
  return vehicleDeps(app, ref, signal);
}

/** What acting as a vehicle or on it needs: uses the certificates there are, and writes none. */
export async function vehicleDeps(app: App, ref: StackRef, signal: AbortSignal): Promise<ProvisionDeps> {
  app.certificates.requireTrust();
  return {
    connection: await app.connections.open(ref.connectionId),
    deployment: await app.sessions.open(ref, signal),
    certificates: app.certificates.forReading(),
    device: await app.device(),
  };
}

/** One notification with where to go next. */
export async function showOnboarded(app: App, ref: StackRef, result: OnboardingResult): Promise<void> {
  const reveal = vscode.l10n.t('Reveal Certificates');
  const diagnose = vscode.l10n.t('Diagnose Vehicle');
  const made = `${result.live.make} ${result.live.model}`;
  const text = vscode.l10n.t('{0} is onboarded onto {1} and live as {2}.', result.vin, result.stack, made);
  for (const warning of result.warnings) app.log.warn(`${result.vin} ${english(warning)}`);
  const simulate = vscode.l10n.t('Simulate a Drive');
  const picked = await vscode.window.showInformationMessage(text, simulate, reveal, diagnose);
  const target = { ref, vin: result.vin, node: undefined };
  if (picked === simulate) await vscode.commands.executeCommand('cmsEnablement.simulateDrive', target);
  if (picked === reveal) await vscode.commands.executeCommand('cmsEnablement.revealCertificates', target);
  if (picked === diagnose) await vscode.commands.executeCommand('cmsEnablement.diagnoseVehicle', target);
}
