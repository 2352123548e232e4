import { AwsError } from '../../kernel/http.ts';
import type { Context } from '../../kernel/context.ts';
import { required, type QueryOperation } from '../../protocols/query.ts';
import { members, xmlTime, type XmlObject } from '../../protocols/xml.ts';
import { iamArn } from '../../kit/partition.ts';
import { newId } from './ids.ts';
import type { ManagedPolicies, NamedPolicy, Policy } from './managedPolicies.ts';
import { checkPathPrefix, iamPage } from './page.ts';
import { checkPolicyDocument } from './policyDocument.ts';
import { type Role, tagsOf } from './role.ts';

/** `policyDescriptionType` of IAM's model. */
const LONGEST_DESCRIPTION = 1000;

/** The managed policies of the account, as companies have them for permissions boundaries. */
export function policyOperations(
  context: Context,
  policies: ManagedPolicies,
  roles: () => Iterable<Role>,
): Record<string, QueryOperation> {
  function usesOf({ arn }: NamedPolicy): { attached: number; boundary: number } {
    const all = [...roles()];
    return {
      attached: all.filter(({ attached }) => attached.includes(arn)).length,
      boundary: all.filter(({ boundary }) => boundary === arn).length,
    };
  }

  function described(policy: NamedPolicy): XmlObject {
    const { attached, boundary } = usesOf(policy);
    return {
      PolicyName: policy.name,
      PolicyId: policy.id,
      Arn: policy.arn,
      Path: policy.path,
      DefaultVersionId: 'v1',
      AttachmentCount: attached,
      PermissionsBoundaryUsageCount: boundary,
      IsAttachable: true,
      CreateDate: xmlTime(policy.createdAt),
      UpdateDate: xmlTime(policy.createdAt),
    };
  }

  const version = ({ createdAt }: Policy): XmlObject => ({
    VersionId: 'v1',
    IsDefaultVersion: true,
    CreateDate: xmlTime(createdAt),
  });

  return {
    CreatePolicy(form) {
      const name = checkPolicyName(required(form, 'PolicyName'));
      const path = checkPolicyPath(form.get('Path') ?? '/');
      const description = form.get('Description') ?? undefined;
      if ((description ?? '').length > LONGEST_DESCRIPTION) throw tooLong('description', LONGEST_DESCRIPTION);
      const document = checkPolicyDocument(required(form, 'PolicyDocument'));
      if (policies.named(name) !== undefined) {
        throw new AwsError(
          'EntityAlreadyExists',
          `A policy called ${name} already exists. Duplicate names are not allowed.`,
          409,
        );
      }
      const policy: Policy = {
        name,
        path,
        id: newId('ANPA'),
        arn: iamArn(context.config, `policy${path}${name}`),
        createdAt: context.clock.now(),
        description,
        document,
        tags: tagsOf(form),
      };
      policies.save(policy);
      return { Policy: { ...described(policy), ...tagsIn(policy) } };
    },

    GetPolicy(form) {
      const arn = required(form, 'PolicyArn');
      const ofAws = policies.ofAws().find((policy) => policy.arn === arn);
      if (ofAws !== undefined) return { Policy: described(ofAws) };
      const policy = policies.find(arn);
      const { description: Description } = policy;
      return { Policy: { ...described(policy), Description, ...tagsIn(policy) } };
    },

    GetPolicyVersion(form) {
      const policy = policies.find(required(form, 'PolicyArn'));
      const id = checkVersion(required(form, 'VersionId'));
      if (id !== 'v1') {
        throw new AwsError(
          'NoSuchEntity',
          `Policy ${policy.arn} version ${id} does not exist or is not attachable.`,
          404,
        );
      }
      return { PolicyVersion: { Document: encodeURIComponent(policy.document), ...version(policy) } };
    },

    ListPolicyVersions(form) {
      const policy = policies.find(required(form, 'PolicyArn'));
      return iamPage(form, 'ListPolicyVersions', 'Versions', [version(policy)]);
    },

    ListPolicies(form) {
      const prefix = checkPathPrefix(form.get('PathPrefix') ?? '/');
      const scope = oneOf(form, 'Scope', ['All', 'AWS', 'Local']);
      const usage = oneOf(form, 'PolicyUsageFilter', ['PermissionsPolicy', 'PermissionsBoundary']);
      const onlyAttached = form.get('OnlyAttached') === 'true';
      const all = [
        ...(scope === 'AWS' ? [] : policies.all()),
        ...(scope === 'Local' ? [] : policies.ofAws()),
      ];
      const listed = all.filter((policy) => {
        const { attached, boundary } = usesOf(policy);
        return (
          policy.path.startsWith(prefix) &&
          (!onlyAttached || attached > 0) &&
          (usage !== 'PermissionsPolicy' || attached > 0) &&
          (usage !== 'PermissionsBoundary' || boundary > 0)
        );
      });
      return iamPage(form, 'ListPolicies', 'Policies', listed.map(described));
    },

    DeletePolicy(form) {
      const policy = policies.find(required(form, 'PolicyArn'));
      const { attached, boundary } = usesOf(policy);
      if (attached + boundary > 0) {
        throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
      }
      policies.delete(policy);
      return undefined;
    },
  };
}

/** Absent when there are none. */
function tagsIn({ tags }: Policy): XmlObject {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length === 0 ? {} : { Tags: members(list) };
}

/** `policyNameType` of IAM's model. */
function checkPolicyName(name: string): string {
  if (name.length > 128) throw tooLong('policyName', 128);
  if (!/^[\w+=,.@-]+$/.test(name)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the ' +
        'following: +=,.@_-',
    );
  }
  return name;
}

/** `policyPathType` of IAM's model. */
function checkPolicyPath(path: string): string {
  if (path.length > 512) throw tooLong('path', 512);
  if (!/^(?:\/[\w.,+@=-]+)*\/$/.test(path)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric ' +
        'characters and/or / characters.',
    );
  }
  return path;
}

/** `policyVersionIdType` of IAM's model. */
function checkVersion(id: string): string {
  if (/^v[1-9]\d*(?:\.[\dA-Za-z-]*)?$/.test(id)) return id;
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${id}' at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?`,
  );
}

function oneOf(form: URLSearchParams, name: string, values: readonly string[]): string | undefined {
  const value = form.get(name) ?? undefined;
  if (value === undefined || values.includes(value)) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );
}

function tooLong(member: string, most: number): AwsError {
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}
