import { AwsError } from '../../kernel/http.ts';
import { fieldsOf } from '../../protocols/query.ts';
import { members, xmlTime, type XmlObject } from '../../protocols/xml.ts';

export interface Role {
  name: string;
  path: string;
  id: string;
  arn: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** JSON, as received. */
  trustPolicy: string;
  description: string | undefined;
  maxSessionSeconds: number;
  tags: Record<string, string>;
  /** ARNs of attached managed policies. */
  attached: string[];
  /** ARN of the policy that is the permissions boundary. */
  boundary?: string;
  /** Documents of its own policies by their names. */
  inline?: Record<string, string>;
}

/** What CreateRole answers: neither the description nor the longest session. */
export function createdRole(role: Role): XmlObject {
  return { ...core(role), ...boundaryOf(role), ...tagsIn(role) };
}

/** What GetRole answers: everything. No role was ever used here. */
export function readRole(role: Role): XmlObject {
  return { ...core(role), ...settings(role), ...boundaryOf(role), ...tagsIn(role), RoleLastUsed: '' };
}

/** What ListRoles answers: neither tags nor boundary nor last use (API reference). */
export function listedRole(role: Role): XmlObject {
  return { ...core(role), ...settings(role) };
}

/** With the trust policy as URL-encoded JSON. */
function core(role: Role): XmlObject {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: xmlTime(role.createdAt),
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
  };
}

function settings(role: Role): XmlObject {
  return { Description: role.description, MaxSessionDuration: role.maxSessionSeconds };
}

function boundaryOf({ boundary }: Role): XmlObject {
  if (boundary === undefined) return {};
  return { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary } };
}

/** Absent when there are none. */
function tagsIn({ tags }: Role): XmlObject {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length === 0 ? {} : { Tags: members(list) };
}

export function checkName(name: string): string {
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the ' +
        'following: +=,.@_- and be 1 to 64 characters long',
    );
  }
  return name;
}

export function checkPath(path: string): string {
  if (!/^(\/|\/[!-~]{1,510}\/)$/.test(path)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with /',
    );
  }
  return path;
}

/** Seconds, 3600 to 43200. */
export function checkDuration(text: string | null): number {
  const seconds = Number(text ?? '3600');
  if (!Number.isInteger(seconds) || seconds < 3600 || seconds > 43_200) {
    throw new AwsError('ValidationError', 'MaxSessionDuration must be between 3600 and 43200 seconds');
  }
  return seconds;
}

/** `Tags.member.N.Key` and `.Value`. */
export function tagsOf(form: URLSearchParams): Record<string, string> {
  const fields = fieldsOf(form);
  const tags: [string, string][] = [];
  for (let i = 1; ; i++) {
    const key = fields.get(`Tags.member.${i}.Key`);
    if (key === undefined) return Object.fromEntries(tags);
    // The value of a tag may be empty.
    tags.push([key, fields.get(`Tags.member.${i}.Value`) ?? '']);
  }
}
