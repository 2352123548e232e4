import { scopeOf } from '../aws/arn.ts';
import type { Connection } from '../aws/connection.ts';
import type { ClaimSetup, Provisioner } from '../cms/contract/provisioner.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { claimPolicyDocument, ensureClaimPolicy } from './claimPolicy.ts';
import { ensureRole, registrationPolicyArn } from './role.ts';
import { ensureTemplate } from './template.ts';

export interface SetupRequest {
  templateName: string;
}

export interface SetupDeps {
  connection: Connection;
  provisioner: Provisioner;
  /** ARN of the permissions boundary that a role made here gets, where the account demands one. */
  roleBoundary?: string | undefined;
}

/** Something this run made, in words for people and with what undoing it needs. */
export type Made =
  | { kind: 'role'; roleName: string }
  | { kind: 'role-policy'; roleName: string; policyArn: string }
  | { kind: 'policy'; policyName: string }
  | { kind: 'policy-version'; policyName: string; made: string; before: string }
  | { kind: 'template'; templateName: string };

export interface SetupResult {
  /** The most that was done to any of the three. */
  result: 'found' | 'repaired' | 'created';
  /** Undefined where the CMS brings its own. */
  roleArn: string | undefined;
  /** In the order it was made; `undoSetup` takes it back. */
  made: Made[];
}

/**
 * IAM role, claim policy and provisioning template: what every vehicle of an account shares. Each is looked at, made
 * if missing, completed if that takes nothing away from others, and refused if its name is taken by something else.
 * Nothing is done where the stacks of the CMS bring their own, or certificates do not come by claim.
 * Throws ROLE_CONFLICT, POLICY_VERSION_LIMIT, TEMPLATE_CONFLICT, or what AWS calls throw.
 */
export async function ensureSetup(request: SetupRequest, deps: SetupDeps, work: Work): Promise<SetupResult> {
  const { provisioner } = deps;
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

  tell('role', l10n.t('Looking at role {name}', { name: roleName }));
  const policyArn = registrationPolicyArn(scope.partition);
  const role = await ensureRole(await connection.iam(), { roleName, policyArn, boundary }, signal);
  if (role.otherBoundary && boundary !== undefined) {
    work.progress({
      step: 'role',
      level: 'warn',
      message: l10n.t(
        'Role {name} is there without the permissions boundary {boundary}; it is left as it is.',
        {
          name: roleName,
          boundary,
        },
      ),
    });
  }
  if (role.outcome === 'created') made.push({ kind: 'role', roleName });
  if (role.attached) made.push({ kind: 'role-policy', roleName, policyArn });

  tell('claim-policy', l10n.t('Looking at claim policy {name}', { name: policyName }));
  const wanted = claimPolicyDocument(scope, templateName);
  const policy = await ensureClaimPolicy(connection, policyName, wanted, signal);
  if (policy.outcome === 'created') made.push({ kind: 'policy', policyName });
  if (policy.version !== undefined) made.push({ kind: 'policy-version', policyName, ...policy.version });

  tell('template', l10n.t('Looking at provisioning template {name}', { name: templateName }));
  const wish = { templateName, roleArn: role.roleArn, thingParameter, devicePolicy, thingType };
  const template = await ensureTemplate(connection, wish, work);
  if (template === 'created') made.push({ kind: 'template', templateName });

  const outcomes = [role.outcome, policy.outcome, template];
  return {
    result: outcomes.includes('created') ? 'created' : outcomes.includes('repaired') ? 'repaired' : 'found',
    roleArn: role.roleArn,
    made,
  };
}
