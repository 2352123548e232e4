import * as z from 'zod';
import { AwsError } from '../../kernel/http.ts';
import { parseJson } from '../../kit/json.ts';

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
    NotPrincipal: z.unknown().optional(),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Condition: z.record(z.string(), z.unknown()).optional(),
  })
  .refine((s) => s.Principal !== undefined || s.NotPrincipal !== undefined, {
    message: 'Missing required field Principal',
  })
  .refine((s) => s.Action !== undefined || s.NotAction !== undefined, {
    message: 'Missing required field Action',
  });

const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement).min(1)]),
});

/** Returns the document unchanged. Throws AwsError MalformedPolicyDocument. */
export function checkTrustPolicy(text: string): string {
  const value = parseJson(text);
  if (value === undefined) throw malformed('This policy contains invalid Json');
  if (typeof value === 'object' && value !== null && /"Resource"\s*:/.test(text)) {
    throw malformed('Has prohibited field Resource');
  }
  const parsed = document.safeParse(value);
  if (!parsed.success) throw malformed(parsed.error.issues[0]?.message ?? 'Syntax errors in policy.');
  const statements = [parsed.data.Statement].flat();
  for (const action of statements.flatMap((s) => [s.Action ?? []].flat())) {
    if (!/^(\*|sts:)/i.test(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
  return text;
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message, 400);
}
