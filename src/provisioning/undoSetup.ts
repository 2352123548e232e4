import { DeleteRoleCommand, DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteProvisioningTemplateCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iot';
import { unlessMissing } from '../aws/calls.ts';
import { deleteCa, updateCa } from '../aws/iot/caCertificates.ts';
import type { Connection } from '../aws/connection.ts';
import { isCancelled, sentenceOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { Made, SetupResult } from './setup.ts';

/**
 * Removes what a run of `ensureSetup` made, newest first. What others use by now stays (AWS refuses to delete it)
 * and is named in a warning. Returns what was removed.
 */
export async function undoSetup(
  setup: Pick<SetupResult, 'made'>,
  connection: Connection,
  work: Work,
): Promise<Made[]> {
  const removed: Made[] = [];
  for (const made of [...setup.made].reverse()) {
    try {
      await remove(made, connection, work.signal);
      removed.push(made);
    } catch (error) {
      if (isCancelled(error)) throw error;
      const why = sentenceOf(error);
      const message = l10n.t('Left in place: {what}: {why}', { what: nameOf(made), why });
      work.progress({ step: 'undo-setup', level: 'warn', message });
    }
  }
  return removed;
}

async function remove(made: Made, connection: Connection, signal: AbortSignal): Promise<void> {
  const abort = { abortSignal: signal };
  const [iot, iam] = [await connection.iot(), await connection.iam()];
  await unlessMissing(l10n.t('removing {what}', { what: nameOf(made) }), async () => {
    switch (made.kind) {
      case 'template':
        await iot.send(new DeleteProvisioningTemplateCommand({ templateName: made.templateName }), abort);
        break;
      case 'policy':
        await iot.send(new DeletePolicyCommand({ policyName: made.policyName }), abort);
        break;
      case 'policy-version': {
        const { policyName } = made;
        const before = { policyName, policyVersionId: made.before };
        await iot.send(new SetDefaultPolicyVersionCommand(before), abort);
        await iot.send(new DeletePolicyVersionCommand({ policyName, policyVersionId: made.made }), abort);
        break;
      }
      case 'role-policy':
        await iam.send(
          new DetachRolePolicyCommand({ RoleName: made.roleName, PolicyArn: made.policyArn }),
          abort,
        );
        break;
      case 'ca':
        // Only what is switched off can be deleted.
        await updateCa(connection, made.caId, { status: 'INACTIVE' }, signal);
        await deleteCa(connection, made.caId, signal);
        break;
      case 'role':
        await iam.send(new DeleteRoleCommand({ RoleName: made.roleName }), abort);
        break;
    }
  });
}

function nameOf(made: Made): Message {
  switch (made.kind) {
    case 'template':
      return l10n.t('provisioning template {name}', { name: made.templateName });
    case 'policy':
      return l10n.t('policy {name}', { name: made.policyName });
    case 'policy-version':
      return l10n.t('version {version} of policy {name}', { version: made.made, name: made.policyName });
    case 'role-policy':
      return l10n.t('policy {arn} of role {name}', { arn: made.policyArn, name: made.roleName });
    case 'ca':
      return l10n.t('CA certificate {id}', { id: made.caId });
    case 'role':
      return l10n.t('role {name}', { name: made.roleName });
  }
}
