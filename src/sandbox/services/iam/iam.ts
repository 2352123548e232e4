import { AwsError } from '../../kernel/http.ts';
import type { Context } from '../../kernel/context.ts';
import { createQueryService, membersOf, required, type QueryService } from '../../protocols/query.ts';
import { defined } from '../../kit/defined.ts';
import { iamArn } from '../../kit/partition.ts';
import { checkTrustPolicy, trustsService } from './trustPolicy.ts';
import { newId } from './ids.ts';
import { inlinePolicyOperations } from './inlinePolicies.ts';
import { createManagedPolicies } from './managedPolicies.ts';
import { policyOperations } from './policyOperations.ts';
import { checkPathPrefix, iamPage } from './page.ts';
import { checkPolicyDocument } from './policyDocument.ts';
import {
  checkDuration,
  checkName,
  checkPath,
  createdRole,
  listedRole,
  readRole,
  type Role,
  tagsOf,
} from './role.ts';

/** "IAM and AWS STS quotas": managed policies attached to a role. */
const MAX_ATTACHED_POLICIES = 10;

export interface Iam {
  service: QueryService;
  /** Whether there is such a role, and a service such as `iot.amazonaws.com` may assume it. */
  mayAssume: (service: string, roleArn: string) => boolean;
  /** Makes a role that this service may assume, unless it is there. */
  ensureRole: (name: string, service: string) => void;
  /** Makes a role of a stack, or one that it made before anew; its ARN and id. */
  putRole: (role: StackRole) => { arn: string; id: string };
  /** With all that is attached to it. */
  removeRole: (name: string) => void;
  /** The documents of its own policies; undefined if there is no such role. */
  policiesOf: (roleArn: string) => readonly string[] | undefined;
}

/** A role as a template describes it. */
export interface StackRole {
  name: string;
  trustPolicy: string;
  boundary: string | undefined;
  inline: Record<string, string>;
}

/** IAM 2010-05-08: the operations for the roles of provisioning templates, and for the policies they need. */
export function createIam(context: Context): Iam {
  const policies = createManagedPolicies(context);
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

  /** A role that nobody may assume yet. */
  const bare = (name: string): Role => ({
    name,
    path: '/',
    id: newId('AROA'),
    arn: iamArn(context.config, `role/${name}`),
    createdAt: context.clock.now(),
    trustPolicy: '',
    description: undefined,
    maxSessionSeconds: 3600,
    tags: {},
    attached: [],
  });

  const service = createQueryService({
    name: 'iam',
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: {
      CreateRole(form) {
        const name = checkName(required(form, 'RoleName'));
        const trustPolicy = checkTrustPolicy(required(form, 'AssumeRolePolicyDocument'));
        const path = checkPath(form.get('Path') ?? '/');
        const boundary = form.get('PermissionsBoundary') ?? undefined;
        if (boundary !== undefined) policies.checkBoundary(boundary);
        if (roles.has(name.toLowerCase())) {
          throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
        }
        const role: Role = {
          name,
          path,
          id: newId('AROA'),
          arn: iamArn(context.config, `role${path}${name}`),
          createdAt: context.clock.now(),
          trustPolicy,
          description: form.get('Description') ?? undefined,
          maxSessionSeconds: checkDuration(form.get('MaxSessionDuration')),
          tags: tagsOf(form),
          attached: [],
          ...defined({ boundary }),
        };
        save(role);
        return { Role: createdRole(role) };
      },

      GetRole: (form) => ({ Role: readRole(roleOf(form)) }),

      ListRoles(form) {
        const prefix = checkPathPrefix(form.get('PathPrefix') ?? '/');
        const all = [...roles.values()].filter((role) => role.path.startsWith(prefix));
        all.sort((a, b) => (a.name < b.name ? -1 : 1));
        return iamPage(form, 'ListRoles', 'Roles', all.map(listedRole));
      },

      DeleteRole(form) {
        const role = roleOf(form);
        if (role.attached.length > 0) {
          throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
        }
        if (Object.keys(role.inline ?? {}).length > 0) {
          throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
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
        policies.checkAttachable(arn);
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
        const prefix = checkPathPrefix(form.get('PathPrefix') ?? '/');
        const attached = role.attached.filter((arn) => pathOfPolicy(arn).startsWith(prefix));
        return iamPage(
          form,
          'ListAttachedRolePolicies',
          'AttachedPolicies',
          attached.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn })),
        );
      },

      ...policyOperations(context, policies, () => roles.values()),

      PutRolePermissionsBoundary(form) {
        const boundary = required(form, 'PermissionsBoundary');
        policies.checkBoundary(boundary);
        save({ ...roleOf(form), boundary });
        return undefined;
      },

      DeleteRolePermissionsBoundary(form) {
        const role = { ...roleOf(form) };
        delete role.boundary;
        save(role);
        return undefined;
      },

      ...inlinePolicyOperations(roleOf, save),

      /** EC2 instance profiles are not supported, so there are none. */
      ListInstanceProfilesForRole(form) {
        roleOf(form);
        return iamPage(form, 'ListInstanceProfilesForRole', 'InstanceProfiles', []);
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
        const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        return iamPage(form, 'ListRoleTags', 'Tags', list);
      },
    },
  });
  return {
    service,
    mayAssume: (name, arn) =>
      [...roles.values()].some((role) => role.arn === arn && trustsService(role.trustPolicy, name)),
    ensureRole(name, trusted) {
      if (roles.has(name.toLowerCase())) return;
      const trustPolicy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: trusted }, Action: 'sts:AssumeRole' }],
      });
      save({ ...bare(name), trustPolicy });
    },
    putRole({ name, trustPolicy, boundary, inline }) {
      if (boundary !== undefined) policies.checkBoundary(boundary);
      for (const document of Object.values(inline)) checkPolicyDocument(document);
      const { id, arn, createdAt } = roles.get(name.toLowerCase()) ?? bare(name);
      const kept = { id, arn, createdAt, trustPolicy: checkTrustPolicy(trustPolicy), inline };
      save({ ...bare(name), ...kept, ...defined({ boundary }) });
      return { arn, id };
    },
    removeRole: (name) => void roles.delete(name.toLowerCase()),
    policiesOf(arn) {
      const role = [...roles.values()].find((each) => each.arn === arn);
      return role && Object.values(role.inline ?? {});
    },
  };
}

/** `/` or `/service-role/`: what stands before the name of a policy. */
function pathOfPolicy(arn: string): string {
  return arn.slice(arn.indexOf(':policy/') + ':policy'.length, arn.lastIndexOf('/') + 1);
}
