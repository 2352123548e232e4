import { l10n } from '../core/message.ts';
import { ok } from '../cms/contract/checks.ts';
import type { Check } from '../cms/contract/checks.ts';
import { placeOf } from './commonSteps.ts';
import { check } from './diagnoseDeps.ts';

/** Whether the account and the stacks are there. */
export const commonChecks: readonly Check[] = [
  check({
    id: 'profile',
    title: l10n.t('Profile and credentials'),
    stage: 'deployment',
    needs: ['deps'],
    async run({ deps }, { signal }) {
      const { accountId, arn } = await deps.connection.identity(signal);
      const { label } = deps.connection;
      return ok(l10n.t('{label}: account {accountId}, {arn}.', { label, accountId, arn }));
    },
  }),
  check({
    id: 'stacks',
    title: l10n.t('CMS stack and its outputs'),
    stage: 'deployment',
    needs: ['deps'],
    async run({ deps }, { signal }) {
      const deployment = await deps.findDeployment(signal);
      return ok(l10n.t('{place}.', { place: placeOf(deployment) }), { deployment });
    },
  }),
];
