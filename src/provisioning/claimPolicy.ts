import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyVersionCommand,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iot';
import { iotArn, type Scope } from '../aws/arn.ts';
import { alreadyExists, calling } from '../aws/calls.ts';
import type { Connection } from '../aws/connection.ts';
import { isAwsError, toCmsError } from '../aws/errors.ts';
import { findPolicy } from '../aws/iot/policies.ts';
import { CmsError } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { l10n } from '../core/message.ts';
import { allows, holds, parsePolicy, type PolicyDocument } from './policyDocument.ts';
import { claimClientPrefix } from './claimNames.ts';

export interface EnsuredPolicy {
  outcome: 'found' | 'created' | 'repaired';
  /** Of a repaired policy: the version made, and the one that was in force before. */
  version?: { made: string; before: string };
}

/**
 * What a claim certificate may do: connect under a claim's client id, and the topics of certificate creation and of
 * one template. The subscription to the CSR answers is a `topicfilter`, which the ancestor's policy got wrong.
 */
export function claimPolicyDocument(scope: Scope, templateName: string): PolicyDocument {
  const topics = [
    '$aws/certificates/create/*',
    '$aws/certificates/create-from-csr/*',
    `$aws/provisioning-templates/${templateName}/provision/*`,
  ];
  const arns = (kind: string) => topics.map((topic) => iotArn(scope, `${kind}/${topic}`));
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['iot:Connect'], Resource: [iotArn(scope, `client/${claimClientPrefix}*`)] },
      { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: arns('topic') },
      { Effect: 'Allow', Action: ['iot:Subscribe'], Resource: arns('topicfilter') },
    ],
  };
}

/**
 * Makes the policy, or adds what it lacks as a new default version. What it allows already stays allowed:
 * claims of devices in the field may live on it. Throws POLICY_VERSION_LIMIT when five versions are not ours to delete.
 */
export async function ensureClaimPolicy(
  connection: Connection,
  policyName: string,
  wanted: PolicyDocument,
  signal: AbortSignal,
): Promise<EnsuredPolicy> {
  let found = await findPolicy(connection, policyName, signal);
  if (found === undefined) {
    const iot = await connection.iot();
    try {
      const policyDocument = JSON.stringify(wanted);
      await iot.send(new CreatePolicyCommand({ policyName, policyDocument }), { abortSignal: signal });
      return { outcome: 'created' };
    } catch (error) {
      // Someone made it between the look and the call: look again.
      if (alreadyExists(error)) found = await findPolicy(connection, policyName, signal);
      if (found === undefined)
        throw toCmsError(error, l10n.t('creating policy {name}', { name: policyName }));
    }
  }

  const existing = parsePolicy(found.document);
  if (allows(existing, wanted)) return { outcome: 'found' };
  const document = { ...existing, Statement: [...existing.Statement, ...wanted.Statement] };
  const made = await addVersion(connection, policyName, document, wanted, signal);
  return { outcome: 'repaired', version: { made, before: found.versionId } };
}

/** Returns the id of the new version. */
async function addVersion(
  connection: Connection,
  policyName: string,
  document: PolicyDocument,
  wanted: PolicyDocument,
  signal: AbortSignal,
): Promise<string> {
  const iot = await connection.iot();
  const command = new CreatePolicyVersionCommand({
    policyName,
    policyDocument: JSON.stringify(document),
    setAsDefault: true,
  });
  const create = async () =>
    expectField(await iot.send(command, { abortSignal: signal }), 'policyVersionId', 'CreatePolicyVersion');
  const doing = l10n.t('updating policy {name}', { name: policyName });
  try {
    return await create();
  } catch (error) {
    if (!isAwsError(error, 'VersionsLimitExceededException')) throw toCmsError(error, doing);
    await deleteOneOfOurs(connection, policyName, wanted, signal);
    return calling(doing, create);
  }
}

/** Deletes the oldest version not in force that holds our statements word for word: only we make such versions. */
async function deleteOneOfOurs(
  connection: Connection,
  policyName: string,
  wanted: PolicyDocument,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  const abort = { abortSignal: signal };
  const name = policyName;
  const { policyVersions = [] } = await calling(
    l10n.t('listing the versions of policy {name}', { name }),
    () => iot.send(new ListPolicyVersionsCommand({ policyName }), abort),
  );
  const idle = policyVersions
    .filter((version) => version.isDefaultVersion !== true)
    .map((version) => expectField(version, 'versionId', 'ListPolicyVersions'))
    .sort((a, b) => Number(a) - Number(b));
  for (const version of idle) {
    const id = { policyName, policyVersionId: version };
    const { policyDocument } = await calling(
      l10n.t('reading version {version} of policy {name}', { version, name }),
      () => iot.send(new GetPolicyVersionCommand(id), abort),
    );
    // A version without a document allows nothing, so it is not one of ours.
    if (policyDocument === undefined || !holds(parsePolicy(policyDocument), wanted)) continue;
    await calling(l10n.t('deleting version {version} of policy {name}', { version, name }), () =>
      iot.send(new DeletePolicyVersionCommand(id), abort),
    );
    return;
  }
  const count = policyVersions.length;
  throw new CmsError(
    'POLICY_VERSION_LIMIT',
    l10n.t('Policy {name} has {count} versions, the most AWS IoT keeps, and none of them was created here.', {
      name,
      count,
    }),
    {
      remedy: l10n.t(
        'Delete one that is not needed (aws iot delete-policy-version --policy-name {name} --policy-version-id {version}), or use another template name, which has its own policy.',
        { name, version: idle[0] ?? 'N' },
      ),
      details: { policyName, versions: count },
    },
  );
}
