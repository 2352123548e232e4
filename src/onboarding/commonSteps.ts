import type { Deployment } from '../cms/contract/deployment.ts';
import { step, type StepInfo } from '../cms/contract/steps.ts';
import { l10n, type Message } from '../core/message.ts';
import type { OnboardDeps } from './onboardDeps.ts';

/** Done once, however many vehicles follow. */
export const preparationSteps = {
  certificateFolder: step({
    id: 'certificate-folder',
    title: l10n.t('Check the certificate folder'),
    leaves: l10n.t('the certificate folder'),
    async run({ certificates }: OnboardDeps, work) {
      const step = 'certificate-folder';
      await certificates.ready((message) => work.progress({ step, level: 'warn', message }));
      return { outcome: 'done' };
    },
  }),

  findStacks: step({
    id: 'find-stacks',
    title: l10n.t('Find the CMS deployment'),
    leaves: undefined,
    async run({ findDeployment }: OnboardDeps, work) {
      const deployment = await findDeployment(work.signal);
      const message = placeOf(deployment);
      work.progress({ step: 'find-stacks', level: 'debug', message });
      return { outcome: 'found', deployment };
    },
  }),
};

/** The steps before those of the deployment. */
export const commonSteps: readonly StepInfo[] = Object.values(preparationSteps);

/** "CMS stack cms-dev1", and after it the facts that its generation adds. */
export function placeOf({ stack, facts }: Pick<Deployment, 'stack' | 'facts'>): Message {
  const where = l10n.t('CMS stack {stack}', { stack: stack.name });
  const others = facts.map(({ label, value }) => l10n.t('{label} {value}', { label, value }));
  return l10n.list([where, ...others], 'comma');
}
