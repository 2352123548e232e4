import * as z from 'zod';
import { AwsError } from '../../kernel/http.ts';
import { parseJson } from '../../kit/json.ts';

/** "IAM and AWS STS quotas": of a managed policy, without white space. */
const MAX_CHARACTERS = 6144;

const strings = z.union([z.string(), z.array(z.string())]);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: strings.optional(),
    NotAction: strings.optional(),
    Resource: strings.optional(),
    NotResource: strings.optional(),
    Condition: z.record(z.string(), z.record(z.string(), z.union([scalar, z.array(scalar)]))).optional(),
  })
  .refine((it) => it.Action === undefined || it.NotAction === undefined)
  .refine((it) => it.Resource === undefined || it.NotResource === undefined);

const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement).min(1)]),
});

/**
 * Checks a policy that says what may be done, which a managed policy is: its shape, and the forms of actions and
 * resources. The texts are those that IAM is known to answer; who they are about is a principal, which none may name.
 * Returns it unchanged. Throws MalformedPolicyDocument and LimitExceeded.
 */
export function checkPolicyDocument(text: string): string {
  const value = parseJson(text);
  const statements = [(value as { Statement?: unknown } | undefined)?.Statement].flat();
  if (statements.some((each) => typeof each === 'object' && each !== null && 'Principal' in each)) {
    throw malformed('Policy document should not specify a principal.');
  }
  const parsed = document.safeParse(value);
  if (!parsed.success) throw malformed('Syntax errors in policy.');
  if (parsed.data.Version !== '2012-10-17') {
    throw malformed('Policy document must be version 2012-10-17 or greater.');
  }
  const read = [parsed.data.Statement].flat();
  for (const { Resource, NotResource } of read) {
    for (const resource of [Resource ?? NotResource ?? []].flat()) checkResource(resource);
  }
  for (const { Action, NotAction } of read) {
    const actions = [Action ?? NotAction ?? []].flat();
    if (actions.length === 0) throw malformed('Policy statement must contain actions.');
    for (const action of actions) checkAction(action);
  }
  for (const { Resource, NotResource } of read) {
    if ([Resource ?? NotResource ?? []].flat().length === 0) {
      throw malformed('Policy statement must contain resources.');
    }
  }
  const sids = read.flatMap(({ Sid }) => Sid ?? []);
  if (new Set(sids).size < sids.length) {
    throw malformed('Statement IDs (SID) in a single policy must be unique.');
  }
  if (text.replace(/\s/g, '').length > MAX_CHARACTERS) {
    throw new AwsError('LimitExceeded', `Cannot exceed quota for PolicySize: ${MAX_CHARACTERS}`, 409);
  }
  return text;
}

function checkResource(resource: string): void {
  if (resource !== '*' && !resource.includes(':')) {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  }
  if (resource !== '*' && resource.split(':').length < 6) throw malformed('The policy failed legacy parsing');
}

function checkAction(action: string): void {
  if (action === '*') return;
  const [vendor = '', name, more] = action.split(':');
  if (name === undefined) {
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  }
  if (more !== undefined) throw malformed('Actions/Condition can contain only one colon.');
  if (!/^[\w-]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`);
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message, 400);
}
