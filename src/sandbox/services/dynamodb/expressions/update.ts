import type { AwsError } from '../../../kernel/http.ts';
import { isEqual, type Item, sumOf, typeOf, validation, type Value } from '../values.ts';
import { checkApart, resolved, valueAt } from './paths.ts';
import type { Path, Reader } from './reader.ts';

/** What an expression makes of a value; throws ValidationException when the item does not fit. */
type Expression = (item: Item) => Value;

interface Change {
  readonly path: Path;
  /** The new value, from the item as it was before the update; undefined removes it. */
  readonly value: (before: Item) => Value | undefined;
}

/** `UpdateExpression`, read. */
export interface Update {
  readonly paths: readonly Path[];
  /** The item with all changes. Each sees the item as it was before. Throws ValidationException. */
  apply(before: Item): Item;
}

/** Throws ValidationException. */
export function readUpdate(reader: Reader): Update {
  const changes: Change[] = [];
  const seen = new Set<string>();
  while (reader.next !== undefined) {
    const section = reader.next.toUpperCase();
    const read = Object.hasOwn(sections, section) ? sections[section] : undefined;
    if (read === undefined) {
      reader.end();
      break;
    }
    if (seen.has(section)) {
      throw reader.invalid(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    reader.take();
    changes.push(...reader.listOf(() => read(reader)));
  }
  const paths = changes.map(({ path }) => path);
  checkApart(reader, paths);
  return {
    paths,
    apply(before) {
      const values = changes.map(({ path, value }) => ({ path, value: value(before) }));
      let after: Value = { M: before };
      for (const { path, value } of values) after = changedAt(after, path, value);
      return 'M' in after ? after.M : before;
    },
  };
}

const sections: Readonly<Record<string, (reader: Reader) => Change>> = {
  SET(reader) {
    const path = reader.path();
    reader.expect('=');
    return { path, value: sum(reader) };
  },
  REMOVE(reader) {
    return { path: reader.path(), value: () => undefined };
  },
  ADD(reader) {
    const path = reader.path();
    const added = reader.value();
    if (!['N', 'SS', 'NS', 'BS'].includes(typeOf(added))) throw operatorType(reader, 'ADD', added);
    return { path, value: (before) => addition(valueAt(before, path), added) };
  },
  DELETE(reader) {
    const path = reader.path();
    const taken = reader.value();
    if (!['SS', 'NS', 'BS'].includes(typeOf(taken))) throw operatorType(reader, 'DELETE', taken);
    return { path, value: (before) => difference(valueAt(before, path), taken) };
  },
};

function operatorType(reader: Reader, operator: string, value: Value): AwsError {
  return reader.invalid(
    `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${typeOf(value)}`,
  );
}

function sum(reader: Reader): Expression {
  const left = term(reader);
  const sign = reader.takes('+') ? 1 : reader.takes('-') ? -1 : undefined;
  if (sign === undefined) return left;
  const right = term(reader);
  return (item) => {
    const [one, other] = [left(item), right(item)];
    if (!('N' in one && 'N' in other)) throw wrongType();
    return { N: sumOf(one.N, other.N, sign) };
  };
}

function term(reader: Reader): Expression {
  if (reader.takes('(')) {
    const inner = sum(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.takes('IF_NOT_EXISTS')) {
    reader.expect('(');
    const path = reader.path();
    reader.expect(',');
    const otherwise = term(reader);
    reader.expect(')');
    return (item) => valueAt(item, path) ?? otherwise(item);
  }
  if (reader.takes('LIST_APPEND')) {
    reader.expect('(');
    const first = term(reader);
    reader.expect(',');
    const second = term(reader);
    reader.expect(')');
    return (item) => {
      const [one, other] = [first(item), second(item)];
      if (!('L' in one && 'L' in other)) throw wrongType();
      return { L: [...one.L, ...other.L] };
    };
  }
  const operand = reader.operand();
  return (item) => {
    const value = resolved(operand, item);
    if (value !== undefined) return value;
    throw validation('The provided expression refers to an attribute that does not exist in the item');
  };
}

function wrongType(): AwsError {
  return validation('An operand in the update expression has an incorrect data type');
}

function addition(before: Value | undefined, added: Value): Value {
  if (before === undefined) return added;
  if ('N' in before && 'N' in added) return { N: sumOf(before.N, added.N, 1) };
  const [own, more] = [membersOf(before), membersOf(added)];
  if (typeOf(before) !== typeOf(added) || own === undefined || more === undefined) throw wrongType();
  return setLike(added, [...own, ...more.filter((each) => !own.includes(each))]);
}

/** Undefined when nothing is left: a set is never empty. */
function difference(before: Value | undefined, taken: Value): Value | undefined {
  if (before === undefined) return undefined;
  const [own, less] = [membersOf(before), membersOf(taken)];
  if (typeOf(before) !== typeOf(taken) || own === undefined || less === undefined) throw wrongType();
  const left = own.filter((each) => !less.includes(each));
  return left.length === 0 ? undefined : setLike(taken, left);
}

function membersOf(value: Value): string[] | undefined {
  return 'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : undefined;
}

function setLike(value: Value, members: string[]): Value {
  return 'SS' in value ? { SS: members } : 'NS' in value ? { NS: members } : { BS: members };
}

/** A copy with another value at the path. Throws ValidationException when the path leads nowhere. */
function changedAt(container: Value, [step, ...rest]: Path, value: Value | undefined): Value {
  if (typeof step === 'string' && 'M' in container) {
    const { [step]: inner, ...others } = container.M;
    const changed = rest.length === 0 ? value : changedAt(insideOf(inner), rest, value);
    if (changed === undefined) return { M: others };
    if (inner !== undefined && isEqual(inner, changed)) return container;
    return { M: { ...container.M, [step]: changed } };
  }
  if (typeof step === 'number' && 'L' in container) {
    const changed = rest.length === 0 ? value : changedAt(insideOf(container.L[step]), rest, value);
    if (changed === undefined) return { L: container.L.filter((_each, index) => index !== step) };
    // Beyond the end it is appended.
    return { L: container.L.toSpliced(Math.min(step, container.L.length), 1, changed) };
  }
  throw nowhere();
}

function insideOf(inner: Value | undefined): Value {
  if (inner === undefined) throw nowhere();
  return inner;
}

function nowhere(): AwsError {
  return validation('The document path provided in the update expression is invalid for update');
}
