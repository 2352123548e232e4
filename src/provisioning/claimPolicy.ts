import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IoTClient,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iot';
import { isAwsError, toCmsError } from '../aws/errors.ts';
import { CmsError } from '../core/errors.ts';
import { alreadyExists, calling, unlessMissing } from './awsCalls.ts';
import { claimClientPrefix, iotArn, type Scope } from './names.ts';
import { allows, holds, parsePolicy, type PolicyDocument } from './policyDocument.ts';

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
  iot: IoTClient,
  policyName: string,
  wanted: PolicyDocument,
  signal: AbortSignal,
): Promise<EnsuredPolicy> {
  const abort = { abortSignal: signal };
  const read = () =>
    unlessMissing(`reading policy ${policyName}`, () =>
      iot.send(new GetPolicyCommand({ policyName }), abort),
    );

  let found = await read();
  if (found === undefined) {
    try {
      const policyDocument = JSON.stringify(wanted);
      await iot.send(new CreatePolicyCommand({ policyName, policyDocument }), abort);
      return { outcome: 'created' };
    } catch (error) {
      // Someone made it between the look and the call: look again.
      if (alreadyExists(error)) found = await read();
      if (found === undefined) throw toCmsError(error, `creating policy ${policyName}`);
    }
  }

  const existing = parsePolicy(found.policyDocument ?? '');
  if (allows(existing, wanted)) return { outcome: 'found' };
  const document = { ...existing, Statement: [...existing.Statement, ...wanted.Statement] };
  const made = await addVersion(iot, policyName, document, wanted, signal);
  return { outcome: 'repaired', version: { made, before: found.defaultVersionId ?? '' } };
}

async function addVersion(
  iot: IoTClient,
  policyName: string,
  document: PolicyDocument,
  wanted: PolicyDocument,
  signal: AbortSignal,
): Promise<string> {
  const command = new CreatePolicyVersionCommand({
    policyName,
    policyDocument: JSON.stringify(document),
    setAsDefault: true,
  });
  const create = () => iot.send(command, { abortSignal: signal });
  const doing = `updating policy ${policyName}`;
  try {
    return (await create()).policyVersionId ?? '';
  } catch (error) {
    if (!isAwsError(error, 'VersionsLimitExceededException')) throw toCmsError(error, doing);
    await deleteOneOfOurs(iot, policyName, wanted, signal);
    return (await calling(doing, create)).policyVersionId ?? '';
  }
}

/** Deletes the oldest version not in force that holds our statements word for word: only we make such versions. */
async function deleteOneOfOurs(
  iot: IoTClient,
  policyName: string,
  wanted: PolicyDocument,
  signal: AbortSignal,
): Promise<void> {
  const abort = { abortSignal: signal };
  const { policyVersions = [] } = await calling(`listing the versions of policy ${policyName}`, () =>
    iot.send(new ListPolicyVersionsCommand({ policyName }), abort),
  );
  const idle = policyVersions
    .filter((version) => version.isDefaultVersion !== true)
    .sort((a, b) => Number(a.versionId) - Number(b.versionId));
  for (const { versionId } of idle) {
    const id = { policyName, policyVersionId: versionId };
    const version = await calling(`reading version ${versionId ?? ''} of policy ${policyName}`, () =>
      iot.send(new GetPolicyVersionCommand(id), abort),
    );
    if (!holds(parsePolicy(version.policyDocument ?? ''), wanted)) continue;
    await calling(`deleting version ${versionId ?? ''} of policy ${policyName}`, () =>
      iot.send(new DeletePolicyVersionCommand(id), abort),
    );
    return;
  }
  throw new CmsError(
    'POLICY_VERSION_LIMIT',
    `Policy ${policyName} has ${policyVersions.length} versions, the most AWS IoT keeps, and none of them was made here.`,
    {
      remedy:
        `Delete one that is not needed (aws iot delete-policy-version --policy-name ${policyName} ` +
        `--policy-version-id ${idle[0]?.versionId ?? 'N'}), or use another template name, which has its own policy.`,
      details: { policyName, versions: policyVersions.length },
    },
  );
}
