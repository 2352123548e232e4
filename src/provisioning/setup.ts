import { byOwnCa } from '../cms/contract/provisioner.ts';
import { scopeOf } from '../aws/arn.ts';
import type { Connection } from '../aws/connection.ts';
import type { ClaimSetup, Provisioner, ProvisionWay } from '../cms/contract/provisioner.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { claimPolicyDocument, ensureClaimPolicy } from './claimPolicy.ts';
import { ensureOwnCa } from './ca/ensureOwnCa.ts';
import type { OpenOwnCa } from './ca/ownCa.ts';
import { ensureRegistrationRole, mostOf, type Made, type SetupResult } from './registrationRole.ts';
import { ensureTemplate } from './template.ts';

export type { Made, SetupResult } from './registrationRole.ts';

export interface SetupRequest {
  templateName: string;
  /** How certificates are to come; undefined: the way the CMS has for it. */
  way?: ProvisionWay | undefined;
}

export interface SetupDeps {
  connection: Connection;
  provisioner: Provisioner;
  /** ARN of the permissions boundary that a role made here gets, where the account demands one. */
  roleBoundary?: string | undefined;
  /** For the ways `jitp` and `jitr`. */
  ca?: OpenOwnCa | undefined;
}

/**
 * IAM role, claim policy and provisioning template: what every vehicle of an account shares. Each is looked at, made
 * if missing, completed if that takes nothing away from others, and refused if its name is taken by something else.
 * Nothing is done where the stacks of the CMS bring their own, or certificates do not come by claim.
 * For certificates of an own CA: the CA, and with `jitp` the role and the template.
 * Throws ROLE_CONFLICT, POLICY_VERSION_LIMIT, TEMPLATE_CONFLICT, CA_CONFLICT, or what AWS calls throw.
 */
export async function ensureSetup(request: SetupRequest, deps: SetupDeps, work: Work): Promise<SetupResult> {
  const { provisioner } = deps;
  if (byOwnCa(request.way)) return ensureOwnCa(request.way, deps, work);
  if (provisioner.kind !== 'claim' || provisioner.setup === undefined) {
    return { result: 'found', roleArn: undefined, made: [] };
  }
  const policyName = provisioner.claimPolicyNameOf(request.templateName);
  return ensureShared({ ...request, policyName }, provisioner.setup, deps, work);
}

async function ensureShared(
  { templateName, policyName }: SetupRequest & { policyName: string },
  { roleName, thingParameter, devicePolicy, thingType }: ClaimSetup,
  { connection, roleBoundary: boundary }: SetupDeps,
  work: Work,
): Promise<SetupResult> {
  const { signal } = work;
  const tell = (step: string, message: Message) => work.progress({ step, message, level: 'debug' });
  const scope = scopeOf(await connection.identity(signal), connection.region);
  const made: Made[] = [];

  const role = await ensureRegistrationRole(roleName, { connection, roleBoundary: boundary }, work);
  made.push(...role.made);

  tell('claim-policy', l10n.t('Checking claim policy {name}', { name: policyName }));
  const wanted = claimPolicyDocument(scope, templateName);
  const policy = await ensureClaimPolicy(connection, policyName, wanted, signal);
  if (policy.outcome === 'created') made.push({ kind: 'policy', policyName });
  if (policy.version !== undefined) made.push({ kind: 'policy-version', policyName, ...policy.version });

  tell('template', l10n.t('Checking provisioning template {name}', { name: templateName }));
  const wish = {
    ...{ templateName, roleArn: role.roleArn, thingParameter, devicePolicy, thingType },
    type: 'FLEET_PROVISIONING' as const,
  };
  const template = await ensureTemplate(connection, wish, work);
  if (template === 'created') made.push({ kind: 'template', templateName });

  const outcomes = [role.outcome, policy.outcome, template];
  return {
    result: mostOf(outcomes),
    roleArn: role.roleArn,
    made,
  };
}
