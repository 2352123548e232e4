import type { Item, Value } from '../values.ts';
import type { Operand, Path, Reader } from './reader.ts';

export function valueAt(item: Item, path: Path): Value | undefined {
  return path.reduce<Value | undefined>(inside, { M: item });
}

function inside(value: Value | undefined, step: string | number): Value | undefined {
  if (value === undefined) return undefined;
  if (typeof step === 'number') return 'L' in value ? value.L[step] : undefined;
  return 'M' in value && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
}

export function resolved(operand: Operand, item: Item): Value | undefined {
  return 'value' in operand ? operand.value : valueAt(item, operand.path);
}

/** A list of paths: `ProjectionExpression`. Throws ValidationException. */
export function readPaths(reader: Reader): Path[] {
  const paths = reader.listOf(() => reader.path());
  reader.end();
  checkApart(reader, paths);
  return paths;
}

/** Throws when one of the paths leads through another one. */
export function checkApart(reader: Reader, paths: readonly Path[]): void {
  for (const [i, one] of paths.entries()) {
    const other = paths.slice(i + 1).find((each) => {
      const steps = Math.min(one.length, each.length);
      return one.slice(0, steps).join('\n') === each.slice(0, steps).join('\n');
    });
    if (other === undefined) continue;
    throw reader.invalid(
      'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
        `path one: ${shown(one)}, path two: ${shown(other)}`,
    );
  }
}

function shown(path: Path): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;
}

/** What an item has at these paths, in the shape of the item; elements of lists move together. */
export function projected(item: Item, paths: readonly Path[]): Item {
  const tree = new Branch();
  for (const path of paths) tree.add(path);
  const kept = tree.keep({ M: item });
  return kept !== undefined && 'M' in kept ? kept.M : {};
}

class Branch {
  private readonly branches = new Map<string | number, Branch>();

  add([step, ...rest]: Path): void {
    if (step === undefined) return;
    const branch = this.branches.get(step) ?? new Branch();
    this.branches.set(step, branch);
    branch.add(rest);
  }

  keep(value: Value): Value | undefined {
    if (this.branches.size === 0) return value;
    if ('L' in value) {
      const kept = value.L.flatMap((each, index) => this.branches.get(index)?.keep(each) ?? []);
      return kept.length === 0 ? undefined : { L: kept };
    }
    if (!('M' in value)) return undefined;
    const entries = Object.entries(value.M).flatMap(([name, each]): [string, Value][] => {
      const kept = this.branches.get(name)?.keep(each);
      return kept === undefined ? [] : [[name, kept]];
    });
    return entries.length === 0 ? undefined : { M: Object.fromEntries(entries) };
  }
}
