import * as z from 'zod';
import type { Message, MessageValue } from '../core/message.ts';
import type { Problem } from '../core/problem.ts';

const valueSchema: z.ZodType<MessageValue> = z.lazy(() => z.union([z.string(), z.number(), messageSchema]));

/** A message of `core/message.ts` on its way between processes. */
export const messageSchema: z.ZodType<Message> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string(), values: z.record(z.string(), valueSchema) }),
    z.object({ kind: z.literal('plural'), count: z.number(), one: messageSchema, other: messageSchema }),
    z.object({
      kind: z.literal('list'),
      items: z.array(valueSchema),
      by: z.enum(['and', 'or', 'comma', 'semicolon', 'sentences', 'lines']),
    }),
    z.object({ kind: z.literal('capital'), of: messageSchema }),
    z.object({ kind: z.literal('verbatim'), text: z.string() }),
  ]),
);

/** A problem of `core/problem.ts` on its way between processes. */
export const problemSchema = z.object({
  code: z.string(),
  sentence: messageSchema,
  remedy: messageSchema.optional(),
  step: z.string().optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
}) satisfies z.ZodType<Problem>;
