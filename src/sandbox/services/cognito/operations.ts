import type * as z from 'zod';
import type { HttpRequest } from '../../kernel/http.ts';
import { parseInput } from './input.ts';

/** One operation of the JSON API. Validates its input, performs the call and returns the body of the answer. */
export interface Operation {
  /** Whether AWS accepts it without a signature. */
  readonly unsigned: boolean;
  run(request: HttpRequest): Promise<unknown>;
}

export type Operations = Record<string, Operation>;

export function operation<T>(
  schema: z.ZodType<T>,
  work: (input: T) => unknown,
  options: { unsigned?: boolean } = {},
): Operation {
  return {
    unsigned: options.unsigned ?? false,
    async run(request) {
      return await work(parseInput(schema, request.body));
    },
  };
}
