import { AwsError } from '../../kernel/http.ts';
import { required, type QueryOperation } from '../../protocols/query.ts';
import { iamPage } from './page.ts';
import { checkPolicyDocument } from './policyDocument.ts';
import type { Role } from './role.ts';

/** Policies that a role has of its own ("IAM and AWS STS quotas": 128 characters of a name). */
export function inlinePolicyOperations(
  roleOf: (form: URLSearchParams) => Role,
  save: (role: Role) => void,
): Record<string, QueryOperation> {
  const nameIn = (form: URLSearchParams): string => {
    const name = required(form, 'PolicyName');
    if (/^[\w+=,.@-]{1,128}$/.test(name)) return name;
    throw new AwsError('ValidationError', 'The specified value for policyName is invalid.');
  };
  const documentOf = (form: URLSearchParams): { role: Role; name: string; document: string } => {
    const role = roleOf(form);
    const name = nameIn(form);
    const document = role.inline?.[name];
    if (document !== undefined) return { role, name, document };
    throw new AwsError('NoSuchEntity', `The role policy with name ${name} cannot be found.`, 404);
  };
  return {
    PutRolePolicy(form) {
      const role = roleOf(form);
      const document = checkPolicyDocument(required(form, 'PolicyDocument'));
      save({ ...role, inline: { ...role.inline, [nameIn(form)]: document } });
      return undefined;
    },
    GetRolePolicy(form) {
      const { role, name, document } = documentOf(form);
      return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(document) };
    },
    DeleteRolePolicy(form) {
      const { role, name } = documentOf(form);
      const inline = Object.fromEntries(
        Object.entries(role.inline ?? {}).filter(([other]) => other !== name),
      );
      save({ ...role, inline });
      return undefined;
    },
    ListRolePolicies: (form) =>
      iamPage(form, 'ListRolePolicies', 'PolicyNames', Object.keys(roleOf(form).inline ?? {}).sort()),
  };
}
