import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  GetRoleCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  type Role,
} from '@aws-sdk/client-iam';
import { isPolicyArn } from '../aws/arn.ts';
import { alreadyExists, calling, unlessMissing } from '../aws/calls.ts';
import { defined } from '../core/defined.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { endingPages } from '../core/pages.ts';
import { l10n } from '../core/message.ts';
import { parsePrincipals } from './trust.ts';

export interface EnsuredRole {
  outcome: 'found' | 'created' | 'repaired';
  roleArn: string;
  /** Whether the managed policy was attached by this call. */
  attached: boolean;
  /** Whether the role was there with another permissions boundary than the one wished for, or with none. */
  otherBoundary: boolean;
}

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** AWS's own policy for provisioning templates. Source: AWS IoT "Provisioning templates", service role. */
export function registrationPolicyArn(partition: string): string {
  return `arn:${partition}:iam::aws:policy/service-role/AWSIoTThingsRegistration`;
}

/** Whether there is a role that AWS IoT may assume: `missing`, `untrusted`, or `ok`. */
export async function lookAtRole(
  iam: IAMClient,
  roleName: string,
  signal: AbortSignal,
): Promise<'missing' | 'untrusted' | 'ok'> {
  const answer = await unlessMissing(l10n.t('reading role {name}', { name: roleName }), () =>
    iam.send(new GetRoleCommand({ RoleName: roleName }), { abortSignal: signal }),
  );
  if (answer?.Role === undefined) return 'missing';
  return trustsIot(answer.Role) ? 'ok' : 'untrusted';
}

export interface RoleWish {
  roleName: string;
  policyArn: string;
  /** The permissions boundary of a role that is made; one that is there already keeps what it has. */
  boundary: string | undefined;
}

/**
 * The role AWS IoT registers things with. Throws ROLE_CONFLICT when the name is taken by a role of other trust,
 * REQUEST_INVALID for a boundary that can be none.
 */
export async function ensureRole(iam: IAMClient, wish: RoleWish, signal: AbortSignal): Promise<EnsuredRole> {
  const { roleName, policyArn, boundary } = wish;
  if (boundary !== undefined && !isPolicyArn(boundary)) {
    throw new CmsError('REQUEST_INVALID', l10n.t('"{boundary}" is not the ARN of a policy.', { boundary }), {
      remedy: l10n.t('Specify the permissions boundary as an ARN, such as {example}.', {
        example: 'arn:aws:iam::123456789012:policy/boundary',
      }),
    });
  }
  const abort = { abortSignal: signal };
  const read = async () =>
    (
      await unlessMissing(l10n.t('reading role {name}', { name: roleName }), () =>
        iam.send(new GetRoleCommand({ RoleName: roleName }), abort),
      )
    )?.Role;
  const create = async (): Promise<Role | undefined> => {
    try {
      const command = new CreateRoleCommand({
        RoleName: roleName,
        AssumeRolePolicyDocument: JSON.stringify(TRUST),
        Description: 'Lets AWS IoT register vehicles by a provisioning template',
        ...defined({ PermissionsBoundary: boundary }),
      });
      return (await iam.send(command, abort)).Role;
    } catch (error) {
      if (alreadyExists(error)) return undefined;
      throw error;
    }
  };

  const before = await read();
  const made =
    before === undefined
      ? await calling(l10n.t('creating role {name}', { name: roleName }), create).catch((error: unknown) => {
          throw boundary === undefined ? withBoundaryHint(error) : error;
        })
      : undefined;
  const role = before ?? made ?? (await read());
  if (role === undefined) {
    throw new CmsError(
      'AWS_CALL_FAILED',
      l10n.t('Role {name} was created but cannot be read yet.', { name: roleName }),
      { remedy: l10n.t('Run it again in a few seconds.') },
    );
  }
  if (made === undefined) checkTrust(roleName, role);

  const attached = made !== undefined || !(await hasPolicy(iam, roleName, policyArn, signal));
  if (attached) {
    await calling(l10n.t('attaching {policyArn} to role {name}', { policyArn, name: roleName }), () =>
      iam.send(new AttachRolePolicyCommand({ RoleName: roleName, PolicyArn: policyArn }), abort),
    );
  }
  return {
    outcome: made !== undefined ? 'created' : attached ? 'repaired' : 'found',
    roleArn: expectField(role, 'Arn', 'GetRole'),
    attached,
    otherBoundary: made === undefined && boundary !== undefined && boundaryOf(role) !== boundary,
  };
}

function boundaryOf(role: Role): string | undefined {
  return role.PermissionsBoundary?.PermissionsBoundaryArn;
}

/** Many companies let nobody make a role without a permissions boundary; IAM says no more than "denied" then. */
function withBoundaryHint(error: unknown): unknown {
  if (!isCmsError(error) || error.code !== 'ACCESS_DENIED') return error;
  return new CmsError(error.code, error.sentence, {
    remedy: l10n.t(
      'Ask for this permission, or use a profile that has it. If roles need a permissions boundary in this account, name it: --role-boundary, or the setting cmsEnablement.roleBoundary.',
    ),
    step: error.step,
    details: error.details,
    cause: error,
  });
}

async function hasPolicy(
  client: IAMClient,
  roleName: string,
  policyArn: string,
  signal: AbortSignal,
): Promise<boolean> {
  const doing = l10n.t('listing the policies of role {name}', { name: roleName });
  return calling(doing, async () => {
    const pages = paginateListAttachedRolePolicies(
      { client },
      { RoleName: roleName },
      { abortSignal: signal },
    );
    const ending = endingPages(pages, doing, ({ Marker: next, AttachedPolicies: items }) => ({
      next,
      items,
    }));
    for await (const page of ending) {
      if (page.AttachedPolicies?.some((policy) => policy.PolicyArn === policyArn) === true) return true;
    }
    return false;
  });
}

function trustsIot(role: Role): boolean {
  const document = expectField(role, 'AssumeRolePolicyDocument', 'GetRole');
  return parsePrincipals(document).includes('iot.amazonaws.com');
}

function checkTrust(roleName: string, role: Role): void {
  if (trustsIot(role)) return;
  throw new CmsError(
    'ROLE_CONFLICT',
    l10n.t('Role {name} exists, but AWS IoT may not assume it.', { name: roleName }),
    {
      remedy: l10n.t(
        'Let iot.amazonaws.com assume it (its trust policy), or rename it: it is not changed from here.',
      ),
      details: { roleName },
    },
  );
}
