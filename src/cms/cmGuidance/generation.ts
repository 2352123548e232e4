import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { FoundDeployment, Generation } from '../contract/generation.ts';
import { createDeployment } from './deployment.ts';
import { stackFacts } from './facts.ts';
import { listInfos } from './namedLists.ts';
import { cmGuidanceFields } from './onboarding/fields.ts';
import { recognise } from './recognize.ts';

const ID = 'cm-guidance';

/** Guidance for Connected Mobility on AWS (SO9618), 0.4 and near it. */
export const cmGuidance: Generation = {
  id: ID,
  label: 'CM Guidance (SO9618)',
  recognise: (stacks) => recognise(ID, stacks),
  facts: stackFacts,
  // A stack that is not ready makes it reject.
  open: (connection, found, credentials) =>
    new Promise((resolve) => {
      refuseUnready(found);
      resolve(createDeployment(connection, found, credentials));
    }),
  onboarding: cmGuidanceFields,
  attributes: {
    fleetId: l10n.t('Fleet'),
    status: l10n.t('Status'),
    connectionStatus: l10n.t('Connection'),
    activityStatus: l10n.t('Activity'),
    dataSource: l10n.t('Data source'),
    modelManifestName: l10n.t('Model manifest'),
  },
  lists: listInfos,
  offboarding: [],
};

/** @throws CmsError STACK_NOT_READY */
function refuseUnready({ state, stack }: FoundDeployment): void {
  if (state.kind === 'ready') return;
  throw new CmsError('STACK_NOT_READY', state.reason, {
    remedy: remedyOf(state.kind),
    details: { status: stack.status },
  });
}

function remedyOf(kind: Exclude<FoundDeployment['state']['kind'], 'ready'>): Message {
  switch (kind) {
    case 'in-progress':
      return l10n.t('Wait until CloudFormation is done, then try again.');
    case 'failed':
      return l10n.t(
        'Repair the stacks, or deploy the solution again with a stage of letters and digits only.',
      );
    case 'incomplete':
    case 'unsupported':
      return l10n.t('Deploy the solution again, with make deploy-all.');
  }
}
