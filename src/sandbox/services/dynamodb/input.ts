import * as z from 'zod';
import { createPlaceholders, type Placeholders } from './expressions/placeholders.ts';
import { createReader, type Reader } from './expressions/reader.ts';
import { validation } from './values.ts';

/** Members of requests, with the constraints of the DynamoDB API reference. */

export const tableName = z.string().min(1).max(1024);
/** Values are judged one by one, for DynamoDB's own words (`values.ts`). */
export const attributes = z.record(z.string(), z.unknown());

export const expressionMembers = {
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: attributes.optional(),
};

/** The parameters of before there were expressions: not spoken here, and never silently ignored. */
const absent = z
  .unknown()
  .refine(() => false, {
    error: 'Member must be said by an expression: the sandbox does not know legacy parameters',
  })
  .optional();
export const legacy = {
  Expected: absent,
  ConditionalOperator: absent,
  AttributesToGet: absent,
  AttributeUpdates: absent,
  KeyConditions: absent,
  QueryFilter: absent,
  ScanFilter: absent,
};

interface ExpressionInput {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

/**
 * Reads the expressions of a request that are there, and sees to it that they use all that came with them. Throws
 * ValidationException.
 */
export function readExpressions<Readers extends Readonly<Record<string, (reader: Reader) => unknown>>>(
  input: ExpressionInput & Readonly<Record<string, unknown>>,
  readers: Readers,
): { [Name in keyof Readers]?: ReturnType<Readers[Name]> } {
  const given = Object.keys(readers).filter((name) => typeof input[name] === 'string');
  const placeholders: Placeholders = createPlaceholders(
    input.ExpressionAttributeNames,
    input.ExpressionAttributeValues,
    given.length > 0,
  );
  const read = Object.fromEntries(
    given.map((name) => [name, readers[name]?.(createReader(name, String(input[name]), placeholders))]),
  );
  placeholders.checkUsed();
  // Safe: each was read by its own reader above.
  return read as { [Name in keyof Readers]?: ReturnType<Readers[Name]> };
}

/** Throws ValidationException for what this operation cannot give back. */
export function checkReturnValues(given: string | undefined, allowed: readonly string[]): void {
  if (given === undefined || allowed.includes(given)) return;
  throw validation(`ReturnValues can only be ${allowed.join(' or ')}`);
}
