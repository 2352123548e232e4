import type { Store } from '../../../kernel/store.ts';
import { ChaliceError } from './chalice.ts';
import { parameterSchema, problemsOf } from './requestSchema.ts';

interface Parameter {
  name: string;
  description: string;
  value: string;
}

/** The pattern that SSM checks values against, as the backend configures it. */
const ALLOWED_VALUE = /^(?!\d+$)\w+\S+/;

/** GET and PUT /config: plain parameters of the account (`mapboxToken`). Every failure is a 404. */
export function createParameters(store: Store): {
  get(name: string | null): Record<string, string>;
  put(body: unknown): void;
} {
  const table = store.table<Parameter>('cms/fleet/parameters');
  return {
    get(name) {
      const parameter = name === null ? undefined : table.get(name);
      if (!parameter) throw new ChaliceError('NotFoundError', 'No parameter provided');
      return { [parameter.name]: parameter.value };
    },
    put(body) {
      const parameter = body as Parameter;
      if (problemsOf(body, parameterSchema) || !ALLOWED_VALUE.test(parameter.value)) {
        throw new ChaliceError('NotFoundError', 'No config body found');
      }
      table.set(parameter.name, parameter);
    },
  };
}
