import * as z from 'zod';
import { AwsError } from '../../kernel/http.ts';
import { fits, literal, pattern } from '../../kit/glob.ts';
import { isObject, parseJson } from '../../kit/json.ts';

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
  NotPrincipal: z.unknown().optional(),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Condition: z.record(z.string(), z.unknown()).optional(),
});

const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement).min(1)]),
});

/** What a trust policy can be about; in small letters. */
const ASSUMING = [
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
  'sts:setcontext',
].map((name) => literal(name));

const ASSUME_ROLE = literal('sts:assumerole');

/** Returns the document unchanged. Throws AwsError MalformedPolicyDocument. */
export function checkTrustPolicy(text: string): string {
  const value = parseJson(text);
  if (value === undefined) throw malformed('This policy contains invalid Json');
  if (typeof value === 'object' && value !== null && /"Resource"\s*:/.test(text)) {
    throw malformed('Has prohibited field Resource');
  }
  checkPresent(value);
  const parsed = document.safeParse(value);
  if (!parsed.success) throw malformed('Syntax errors in policy.');
  const statements = [parsed.data.Statement].flat();
  for (const action of statements.flatMap((s) => [s.Action ?? []].flat())) {
    if (!isAboutAssuming(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
  return text;
}

/** Whether a service of AWS may assume the role, as far as principals and actions say; conditions are not looked at. */
export function trustsService(text: string, service: string): boolean {
  const parsed = document.safeParse(parseJson(text));
  if (!parsed.success) return false;
  const about = [parsed.data.Statement].flat().filter(({ Principal, Action }) => {
    const services =
      Principal === undefined ? [] : Principal === '*' ? ['*'] : [Principal.Service ?? []].flat();
    const assumes = [Action ?? []].flat().some((action) => fits(pattern(action.toLowerCase()), ASSUME_ROLE));
    return assumes && services.some((name) => name === '*' || name === service);
  });
  return about.length > 0 && about.every(({ Effect }) => Effect === 'Allow');
}

/** Names the field that lacks: of the document, then of each statement. */
function checkPresent(value: unknown): void {
  if (!isObject(value)) return;
  if (value.Statement === undefined) throw malformed('Missing required field Statement');
  for (const each of [value.Statement].flat()) {
    if (!isObject(each)) continue;
    if (each.Effect === undefined) throw malformed('Missing required field Effect');
    if (each.Principal === undefined && each.NotPrincipal === undefined) {
      throw malformed('Missing required field Principal');
    }
    if (each.Action === undefined && each.NotAction === undefined) {
      throw malformed('Missing required field Action');
    }
  }
}

/** Wildcards count when they stand for at least one of the actions. */
function isAboutAssuming(action: string): boolean {
  const wanted = pattern(action.toLowerCase());
  return ASSUMING.some((name) => fits(wanted, name));
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message, 400);
}
