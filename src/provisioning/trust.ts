import * as z from 'zod';
import { parseJson } from '../core/json.ts';

const many = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const trustSchema = z.object({
  Statement: z
    .union([z.array(z.unknown()), z.unknown().transform((statement) => [statement])])
    .transform((statements) =>
      statements.flatMap((statement) => statementSchema.safeParse(statement).data ?? []),
    ),
});
const statementSchema = z.object({
  Effect: z.literal('Allow'),
  Action: many,
  Principal: z.object({ Service: many }),
});

/** The services a role's trust policy lets assume it. IAM gives the document percent-encoded. */
export function parsePrincipals(document: string): string[] {
  const parsed = parseJson(trustSchema, document.startsWith('%') ? decoded(document) : document);
  if (!parsed.ok) return [];
  return parsed.value.Statement.filter((statement) =>
    statement.Action.some((action) => /^(sts:AssumeRole|sts:\*|\*)$/.test(action)),
  ).flatMap((statement) => statement.Principal.Service);
}

/** What is badly encoded stays as it is, and is then no JSON. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
