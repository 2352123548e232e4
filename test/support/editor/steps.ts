import { answerUpToReview } from './wizardSteps.ts';
import type { Workbench } from './workbench.ts';

/** Starts the sandbox with the welcome view's button. */
export async function startFromWelcome(workbench: Workbench): Promise<void> {
  await workbench.openView();
  // Other views have buttons, too, and may have them before this one.
  const buttons = workbench.page.locator('.welcome-view-content .monaco-button');
  await buttons.filter({ hasText: 'Start Local Sandbox' }).press('Enter');
  await workbench.row('Provisioning').waitFor();
}

/** Answers the editor's question about a folder that it has not seen yet. */
export async function trustFolder(workbench: Workbench): Promise<void> {
  const question = workbench.page.getByRole('dialog').filter({ hasText: 'Do you trust the authors' });
  await question.getByText('Yes, I trust the authors').click();
  await question.waitFor({ state: 'hidden' });
}

/** Signs in from the row that offers it. */
export async function signIn(workbench: Workbench, user: string, password: string): Promise<void> {
  await workbench.clickFor('Sign in to see the vehicles', 'User name in the user pool');
  await workbench.answer('User name in the user pool', user);
  await workbench.answer('Password; stored only in VS Code’s secret storage', password);
}

/** Completes the wizard by keyboard. It asks for a password only while none is saved. */
export async function answerWizard(workbench: Workbench, vin: string, password?: string): Promise<void> {
  await answerUpToReview(workbench, vin, password);
  await workbench.pick('Onboard');
}
