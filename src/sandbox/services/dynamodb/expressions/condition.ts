import { compare, isEqual, type Item, typeOf, type Value } from '../values.ts';
import { resolved, valueAt } from './paths.ts';
import type { Operand, Path, Reader } from './reader.ts';

/** A condition, as it is written: functions, comparisons, AND, OR, NOT. */
export type Condition = (item: Item) => boolean;

/** What a comparison compares: a value, or the size of one. */
type Measured = Operand | { readonly sizeOf: Operand };

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** `ConditionExpression`, `FilterExpression`. Throws ValidationException. */
export function readCondition(reader: Reader): Condition {
  const condition = either(reader);
  reader.end();
  return condition;
}

function either(reader: Reader): Condition {
  const parts = [both(reader)];
  while (reader.takes('OR')) parts.push(both(reader));
  return (item) => parts.some((part) => part(item));
}

function both(reader: Reader): Condition {
  const parts = [single(reader)];
  while (reader.takes('AND')) parts.push(single(reader));
  return (item) => parts.every((part) => part(item));
}

function single(reader: Reader): Condition {
  if (reader.takes('NOT')) {
    const inner = single(reader);
    return (item) => !inner(item);
  }
  if (reader.takes('(')) {
    const inner = either(reader);
    reader.expect(')');
    return inner;
  }
  const name = reader.next?.toLowerCase() ?? '';
  return Object.hasOwn(functions, name) ? call(reader, name) : comparison(reader);
}

const functions: Readonly<Record<string, (reader: Reader) => Condition>> = {
  attribute_exists(reader) {
    const path = reader.path();
    return (item) => valueAt(item, path) !== undefined;
  },
  attribute_not_exists(reader) {
    const path = reader.path();
    return (item) => valueAt(item, path) === undefined;
  },
  attribute_type(reader) {
    const [path, wanted] = pathAndOperand(reader);
    return (item) => {
      const value = valueAt(item, path);
      const type = resolved(wanted, item);
      return value !== undefined && type !== undefined && 'S' in type && typeOf(value) === type.S;
    };
  },
  begins_with(reader) {
    const [path, start] = pathAndOperand(reader);
    return (item) => beginsWith(valueAt(item, path), resolved(start, item));
  },
  contains(reader) {
    const [path, part] = pathAndOperand(reader);
    return (item) => contains(valueAt(item, path), resolved(part, item));
  },
};

function call(reader: Reader, name: string): Condition {
  reader.take();
  reader.expect('(');
  const made = functions[name]?.(reader);
  if (made === undefined) throw reader.invalid(`Invalid function name; function: ${name}`);
  reader.expect(')');
  return made;
}

function pathAndOperand(reader: Reader): [Path, Operand] {
  const path = reader.path();
  reader.expect(',');
  return [path, reader.operand()];
}

function comparison(reader: Reader): Condition {
  const left = measured(reader);
  if (reader.takes('BETWEEN')) {
    const low = measured(reader);
    reader.expect('AND');
    const high = measured(reader);
    return (item) => {
      const value = valueOf(left, item);
      return ordered(value, valueOf(low, item), '>=') && ordered(value, valueOf(high, item), '<=');
    };
  }
  if (reader.takes('IN')) {
    reader.expect('(');
    const all = reader.listOf(() => measured(reader));
    reader.expect(')');
    return (item) => all.some((each) => same(valueOf(left, item), valueOf(each, item)));
  }
  const operator = reader.next ?? '';
  if (operator !== '=' && operator !== '<>' && !Object.hasOwn(COMPARISONS, operator)) {
    reader.expect('=');
  }
  reader.take();
  const right = measured(reader);
  return (item) => {
    const [one, other] = [valueOf(left, item), valueOf(right, item)];
    if (operator === '=') return same(one, other);
    // What is not there is unlike everything.
    if (operator === '<>') return !same(one, other);
    return ordered(one, other, operator);
  };
}

function measured(reader: Reader): Measured {
  if (!reader.isWord('SIZE')) return reader.operand();
  reader.take();
  reader.expect('(');
  const operand = reader.operand();
  reader.expect(')');
  return { sizeOf: operand };
}

function valueOf(operand: Measured, item: Item): Value | undefined {
  if (!('sizeOf' in operand)) return resolved(operand, item);
  const size = sizeOf(resolved(operand.sizeOf, item));
  return size === undefined ? undefined : { N: String(size) };
}

/** As the function `size` counts: characters, bytes, or members. */
function sizeOf(value: Value | undefined): number | undefined {
  if (value === undefined) return undefined;
  if ('S' in value) return value.S.length;
  if ('B' in value) return Buffer.from(value.B, 'base64').length;
  if ('M' in value) return Object.keys(value.M).length;
  if ('L' in value) return value.L.length;
  const members = 'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : undefined;
  return members?.length;
}

function same(one: Value | undefined, other: Value | undefined): boolean {
  return one !== undefined && other !== undefined && isEqual(one, other);
}

export function ordered(one: Value | undefined, other: Value | undefined, operator: string): boolean {
  const order = one === undefined || other === undefined ? undefined : compare(one, other);
  return order !== undefined && COMPARISONS[operator]?.(order) === true;
}

export function beginsWith(value: Value | undefined, start: Value | undefined): boolean {
  if (value === undefined || start === undefined) return false;
  if ('S' in value && 'S' in start) return value.S.startsWith(start.S);
  if (!('B' in value && 'B' in start)) return false;
  const bytes = Buffer.from(start.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, bytes.length).equals(bytes);
}

function contains(value: Value | undefined, part: Value | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if ('S' in value && 'S' in part) return value.S.includes(part.S);
  if ('B' in value && 'B' in part)
    return Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'));
  if ('SS' in value && 'S' in part) return value.SS.includes(part.S);
  if ('NS' in value && 'N' in part) return value.NS.includes(part.N);
  if ('BS' in value && 'B' in part) return value.BS.includes(part.B);
  return 'L' in value && value.L.some((each) => isEqual(each, part));
}
