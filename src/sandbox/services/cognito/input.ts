import * as z from 'zod';
import { AwsError } from '../../kernel/http.ts';
import { invalidParameter } from './errors.ts';

/** Members whose values AWS omits from its validation messages. */
const sensitive = new Set([
  'Username',
  'Password',
  'ProposedPassword',
  'TemporaryPassword',
  'ClientId',
  'ClientSecret',
  'SecretHash',
  'AccessToken',
  'Token',
  'Session',
  'Value',
]);

/**
 * The input of an operation, validated as AWS does before anything else.
 * Throws InvalidParameterException ("1 validation error detected: …") or SerializationException.
 */
export function parseInput<T>(schema: z.ZodType<T>, body: Buffer): T {
  const json = parseJson(body);
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const found = result.error.issues.map((issue) => describe(issue, json));
  const plural = found.length === 1 ? 'error' : 'errors';
  throw invalidParameter(`${found.length} validation ${plural} detected: ${found.join('; ')}`);
}

function parseJson(body: Buffer): unknown {
  let value: unknown;
  try {
    // AWS treats an explicit null as an absent member.
    value = JSON.parse(body.toString('utf8') || '{}', (_key, inner: unknown) => inner ?? undefined);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body is not a structure.');
  }
  return value;
}

function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const value = valueAt(json, issue.path);
  const member = issue.path.map((part, index) => memberName(part, index)).join('.');
  const last = issue.path.findLast((part) => typeof part === 'string');
  const hidden = last !== undefined && sensitive.has(last);
  const shown =
    value === undefined ? ' null' : hidden || typeof value === 'object' ? '' : ` '${text(value)}'`;
  return `Value${shown} at '${member}' failed to satisfy constraint: ${constraint(issue, value)}`;
}

function memberName(part: PropertyKey, index: number): string {
  if (typeof part === 'number') return `${part + 1}.member`;
  const name = String(part);
  return index === 0 ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

function constraint(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'Member must not be null';
  switch (issue.code) {
    case 'invalid_type':
      throw new AwsError(
        'SerializationException',
        `${typeof value} can not be converted to a ${issue.expected}`,
      );
    case 'too_small':
      return `Member must have ${measure(issue.origin)} greater than or equal to ${String(issue.minimum)}`;
    case 'too_big':
      return `Member must have ${measure(issue.origin)} less than or equal to ${String(issue.maximum)}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.map(text).join(', ')}]`;
    default:
      return issue.message;
  }
}

function measure(origin: string): string {
  return origin === 'number' || origin === 'int' ? 'value' : 'length';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function valueAt(json: unknown, path: PropertyKey[]): unknown {
  let value = json;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  return value;
}

/**
 * A string member with a pattern from AWS's model, which must match the whole string. A string that is too long is not
 * matched at all, because some of these patterns would take minutes.
 */
export function pattern(source: string, min = 1, max = 131072) {
  return z
    .string()
    .min(min)
    .max(max, { abort: true })
    .regex(new RegExp(`^(?:${source})$`, 'u'), {
      error: `Member must satisfy regular expression pattern: ${source}`,
    });
}

/** Members that many operations share. */
export const members = {
  poolId: pattern('[\\w\\-]+_[0-9a-zA-Z]+', 1, 55),
  clientId: pattern('[\\w+]+', 1, 128),
  username: pattern('[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+', 1, 128),
  // The model's own pattern is ^[\S]+.*[\S]+$: no space at either end, at least two characters.
  password: pattern('[\\S]+.*[\\S]+', 1, 256),
  attributes: z.array(
    z.object({
      Name: pattern('[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+', 1, 32),
      Value: z.string().max(2048).optional(),
    }),
  ),
  secretHash: pattern('[\\w+=/]+', 1, 128),
  code: pattern('[\\S]+', 1, 2048),
  accessToken: pattern('[A-Za-z0-9\\-_=.]+'),
  parameters: z.record(z.string(), z.string()),
};

export type AttributeList = z.infer<typeof members.attributes>;
