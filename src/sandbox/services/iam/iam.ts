import { randomInt } from 'node:crypto';
import { AwsError } from '../../kernel/http.ts';
import type { Context } from '../../kernel/context.ts';
import {
  createQueryService,
  membersOf,
  required,
  queryPage,
  type QueryService,
} from '../../protocols/query.ts';
import { members } from '../../protocols/xml.ts';
import { iamArn, partitionOf } from '../../kit/partition.ts';
import { checkTrustPolicy } from './trustPolicy.ts';
import { checkDuration, checkName, checkPath, describeRole, type Role, tagsOf } from './role.ts';

/** "IAM and AWS STS quotas": managed policies attached to a role. */
const MAX_ATTACHED_POLICIES = 10;

/** AWS managed policies that can be attached here; the ARN of any other does not exist. */
const MANAGED_POLICIES = [
  'service-role/AWSIoTThingsRegistration',
  'service-role/AWSIoTLogging',
  'service-role/AWSIoTRuleActions',
  'AWSIoTFullAccess',
  'AWSIoTConfigAccess',
  'AdministratorAccess',
  'ReadOnlyAccess',
];

/** IAM 2010-05-08: the operations for creating and removing the roles of provisioning templates. */
export function createIam(context: Context): { service: QueryService } {
  const partition = partitionOf(context.config.region);
  const managedPolicies = new Set(MANAGED_POLICIES.map((name) => `arn:${partition}:iam::aws:policy/${name}`));
  // Role names are unique regardless of case.
  const roles = context.store.table<Role>('iam.roles');

  function roleOf(form: URLSearchParams): Role {
    const name = checkName(required(form, 'RoleName'));
    const role = roles.get(name.toLowerCase());
    if (!role) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
    return role;
  }

  function save(role: Role): void {
    roles.set(role.name.toLowerCase(), role);
  }

  const service = createQueryService({
    name: 'iam',
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: {
      CreateRole(form) {
        const name = checkName(required(form, 'RoleName'));
        const trustPolicy = checkTrustPolicy(required(form, 'AssumeRolePolicyDocument'));
        const path = checkPath(form.get('Path') ?? '/');
        if (roles.has(name.toLowerCase())) {
          throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
        }
        const role: Role = {
          name,
          path,
          id: newRoleId(),
          arn: iamArn(context.config, `role${path}${name}`),
          createdAt: context.clock.now(),
          trustPolicy,
          description: form.get('Description') ?? undefined,
          maxSessionSeconds: checkDuration(form.get('MaxSessionDuration')),
          tags: tagsOf(form),
          attached: [],
        };
        save(role);
        return { Role: describeRole(role) };
      },

      GetRole: (form) => ({ Role: describeRole(roleOf(form)) }),

      ListRoles(form) {
        const prefix = form.get('PathPrefix') ?? '/';
        const all = [...roles.values()].filter((role) => role.path.startsWith(prefix));
        all.sort((a, b) => (a.name < b.name ? -1 : 1));
        const page = queryPage(all, { list: 'ListRoles', token: form.get('Marker'), size: sizeOf(form) });
        return {
          Roles: members(page.items.map(describeRole)),
          IsTruncated: page.next !== undefined,
          Marker: page.next,
        };
      },

      DeleteRole(form) {
        const role = roleOf(form);
        if (role.attached.length > 0) {
          throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
        }
        roles.delete(role.name.toLowerCase());
        return undefined;
      },

      UpdateAssumeRolePolicy(form) {
        const role = roleOf(form);
        save({ ...role, trustPolicy: checkTrustPolicy(required(form, 'PolicyDocument')) });
        return undefined;
      },

      AttachRolePolicy(form) {
        const role = roleOf(form);
        const arn = required(form, 'PolicyArn');
        if (!/^arn:[\w-]+:iam::/.test(arn)) {
          throw new AwsError('InvalidInput', `ARN ${arn} is not valid.`, 400);
        }
        if (!managedPolicies.has(arn)) {
          throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
        }
        if (role.attached.includes(arn)) return undefined;
        if (role.attached.length >= MAX_ATTACHED_POLICIES) {
          throw new AwsError(
            'LimitExceeded',
            `Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED_POLICIES}`,
            409,
          );
        }
        save({ ...role, attached: [...role.attached, arn] });
        return undefined;
      },

      DetachRolePolicy(form) {
        const role = roleOf(form);
        const arn = required(form, 'PolicyArn');
        if (!role.attached.includes(arn)) {
          throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
        }
        save({ ...role, attached: role.attached.filter((other) => other !== arn) });
        return undefined;
      },

      ListAttachedRolePolicies(form) {
        const role = roleOf(form);
        const page = queryPage(role.attached, {
          list: 'ListAttachedRolePolicies',
          token: form.get('Marker'),
          size: sizeOf(form),
        });
        return {
          AttachedPolicies: members(
            page.items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn })),
          ),
          IsTruncated: page.next !== undefined,
          Marker: page.next,
        };
      },

      /** Inline policies are not supported, so there are none. */
      ListRolePolicies(form) {
        roleOf(form);
        return { PolicyNames: '', IsTruncated: false };
      },

      /** EC2 instance profiles are not supported, so there are none. */
      ListInstanceProfilesForRole(form) {
        roleOf(form);
        return { InstanceProfiles: '', IsTruncated: false };
      },

      TagRole(form) {
        const role = roleOf(form);
        save({ ...role, tags: { ...role.tags, ...tagsOf(form) } });
        return undefined;
      },

      UntagRole(form) {
        const role = roleOf(form);
        const removed = new Set(membersOf(form, 'TagKeys'));
        save({
          ...role,
          tags: Object.fromEntries(Object.entries(role.tags).filter(([key]) => !removed.has(key))),
        });
        return undefined;
      },

      ListRoleTags(form) {
        const { tags } = roleOf(form);
        return {
          Tags: members(Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))),
          IsTruncated: false,
        };
      },
    },
  });
  return { service };
}

function newRoleId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return `AROA${Array.from({ length: 17 }, () => letters.charAt(randomInt(letters.length))).join('')}`;
}

function sizeOf(form: URLSearchParams): number {
  const text = form.get('MaxItems') ?? '100';
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw new AwsError(
      'ValidationError',
      `Value '${text}' at 'maxItems' failed to satisfy constraint: 1 to 1000`,
    );
  }
  return size;
}
