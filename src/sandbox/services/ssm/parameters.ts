import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';

/** A parameter of the type String. */
export interface Parameter {
  name: string;
  /** From the first to the newest. */
  versions: { value: string; /** Milliseconds since 1970. */ modifiedAt: number }[];
}

export interface Parameters {
  /** Makes a parameter, or a new version of it when its value differs. */
  put(parameter: { name: string; value: string }): void;
  find(name: string): Parameter | undefined;
  /** What is below a path (without a slash at its end): all of it, or the next level only. Sorted by name. */
  below(path: string, recursive: boolean): Parameter[];
  arnOf(name: string): string;
}

export function createParameters({ store, clock, config }: Context): Parameters {
  const table = store.table<Parameter>('ssm.parameters');
  return {
    put({ name, value }) {
      const versions = table.get(name)?.versions ?? [];
      if (versions.at(-1)?.value === value) return;
      table.set(name, { name, versions: [...versions, { value, modifiedAt: clock.now() }] });
    },
    find: (name) => table.get(name),
    below(path, recursive) {
      const start = `${path}/`;
      const isBelow = (name: string): boolean =>
        name.startsWith(start) && (recursive || !name.slice(start.length).includes('/'));
      return [...table.values()]
        .filter(({ name }) => isBelow(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    arnOf: (name) => arnOf(config, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`),
  };
}
