import * as z from 'zod';
import { malformedPolicy } from '../wire/errors.ts';
import { parseJson } from '../../../kit/json.ts';

/** "AWS IoT Core message broker and protocol limits": characters of a policy document, without whitespace. */
const MAX_CHARACTERS = 2048;

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Resource: oneOrMore.optional(),
    NotResource: oneOrMore.optional(),
    Condition: z
      .record(
        z.string(),
        z.record(z.string(), z.union([oneOrMore, z.boolean(), z.number(), z.array(z.boolean())])),
      )
      .optional(),
  })
  .refine((each) => (each.Action === undefined) !== (each.NotAction === undefined))
  .refine((each) => (each.Resource === undefined) !== (each.NotResource === undefined));

const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statement, z.array(statement).min(1)]),
});

/** Throws MalformedPolicyException unless the text is a valid AWS IoT Core policy document. */
export function checkPolicyDocument(text: string, limits: boolean): void {
  const value = parseJson(text);
  if (value === undefined) throw malformedPolicy('Policy document is Malformed: it is not valid JSON.');
  if (!document.safeParse(value).success) {
    throw malformedPolicy('Policy document is Malformed: Invalid policy syntax.');
  }
  if (limits && text.replaceAll(/\s/g, '').length > MAX_CHARACTERS) {
    throw malformedPolicy(`Policy document is Malformed: it has more than ${MAX_CHARACTERS} characters.`);
  }
}
