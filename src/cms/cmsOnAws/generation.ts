import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { FoundDeployment, Generation } from '../contract/generation.ts';
import type { StackInfo } from '../contract/stacks.ts';
import { ALERT_LIST } from './alerts.ts';
import { openDeployment } from './deployment.ts';
import { stackFacts } from './facts.ts';
import { STORED_LIST } from './graphql/vehiclesWithTelemetry.ts';
import { cmsOnAwsFields } from './onboarding/fields.ts';
import { provisioningOf, recognise } from './recognize.ts';

const ID = 'cms-on-aws';

/** Connected Mobility Solution on AWS (SO0241), 2.x and 3.0.0. */
export const cmsOnAws: Generation = {
  id: ID,
  label: 'CMS on AWS (SO0241)',
  recognise: (stacks) => recognise(ID, stacks),
  facts: stackFacts,
  open: async (connection, found, credentials, signal) =>
    openDeployment(connection, found, { provisioning: provisioningOrThrow(found), credentials }, signal),
  onboarding: cmsOnAwsFields,
  lists: [STORED_LIST, ALERT_LIST],
  offboarding: [],
};

function provisioningOrThrow(found: FoundDeployment): StackInfo {
  const { state, stack } = found;
  const provisioning = provisioningOf(found);
  if (state.kind === 'ready' && provisioning !== undefined) return provisioning;
  const reason = state.kind === 'ready' ? l10n.verbatim(stack.name) : state.reason;
  throw new CmsError('STACK_NOT_READY', reason, {
    remedy:
      state.kind === 'in-progress'
        ? l10n.t('Wait until CloudFormation is done, then try again.')
        : l10n.t('Deploy the module cms-provisioning for this app, or repair its stack in CloudFormation.'),
    details: { status: stack.status },
  });
}
