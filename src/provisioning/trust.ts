import { z } from 'zod';

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
  try {
    const text = document.startsWith('%') ? decodeURIComponent(document) : document;
    return trustSchema
      .parse(JSON.parse(text))
      .Statement.filter((statement) =>
        statement.Action.some((action) => /^(sts:AssumeRole|sts:\*|\*)$/.test(action)),
      )
      .flatMap((statement) => statement.Principal.Service);
  } catch {
    return [];
  }
}
