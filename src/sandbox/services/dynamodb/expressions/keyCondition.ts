import type { KeyAttribute, TableRecord } from '../tables.ts';
import { typeOf, validation, type Value } from '../values.ts';
import { beginsWith, ordered } from './condition.ts';
import type { Reader } from './reader.ts';

/** Which items of which partition a Query asks for. */
export interface KeyCondition {
  readonly hash: Value;
  readonly range: (value: Value) => boolean;
}

interface Part {
  name: string;
  operator: string;
  values: Value[];
}

/** `KeyConditionExpression`: the hash key equals something, and perhaps one condition on the range key. Throws ValidationException. */
export function readKeyCondition(
  reader: Reader,
  { hash, range }: Pick<TableRecord, 'hash' | 'range'>,
): KeyCondition {
  const parts = [part(reader)];
  while (reader.takes('AND')) parts.push(part(reader));
  reader.end();
  const names = parts.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw reader.invalid('KeyConditionExpressions must only contain one condition per key');
  }
  if (parts.length > 2) throw validation('Conditions can be of length 1 or 2 only');
  const ofHash = parts.find(({ name }) => name === hash.name);
  if (ofHash === undefined) throw validation(`Query condition missed key schema element: ${hash.name}`);
  const [ofRange] = parts.filter((each) => each !== ofHash);
  if (ofRange !== undefined && ofRange.name !== range?.name) {
    throw validation(`Query condition missed key schema element: ${range?.name ?? hash.name}`);
  }
  const [value] = ofHash.values;
  if (ofHash.operator !== '=' || value === undefined) throw validation('Query key condition not supported');
  checkType(ofHash, hash);
  if (ofRange !== undefined && range !== undefined) checkType(ofRange, range);
  return { hash: value, range: (each) => ofRange === undefined || holds(ofRange, each) };
}

function checkType({ values }: Part, key: KeyAttribute): void {
  if (values.every((value) => typeOf(value) === key.type)) return;
  throw validation(
    'One or more parameter values were invalid: Condition parameter type does not match schema type',
  );
}

function part(reader: Reader): Part {
  if (reader.takes('(')) {
    const inner = part(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.takes('BEGINS_WITH')) {
    reader.expect('(');
    const name = nameOf(reader);
    reader.expect(',');
    const value = reader.value();
    reader.expect(')');
    return { name, operator: 'begins_with', values: [value] };
  }
  const name = nameOf(reader);
  if (reader.takes('BETWEEN')) {
    const low = reader.value();
    reader.expect('AND');
    return { name, operator: 'between', values: [low, reader.value()] };
  }
  const operator = reader.take();
  if (operator === '<>' || operator.toUpperCase() === 'IN') {
    throw reader.invalid(`Invalid operator used in KeyConditionExpression: ${operator.toUpperCase()}`);
  }
  if (!['=', '<', '<=', '>', '>='].includes(operator)) {
    throw reader.invalid(`Syntax error; token: "${operator}", near: "${operator}"`);
  }
  return { name, operator, values: [reader.value()] };
}

function nameOf(reader: Reader): string {
  const [name, ...more] = reader.path();
  if (more.length > 0 || typeof name !== 'string') {
    throw reader.invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  }
  return name;
}

function holds({ operator, values: [value, high] }: Part, given: Value): boolean {
  switch (operator) {
    case '=':
      return ordered(given, value, '<=') && ordered(given, value, '>=');
    case 'begins_with':
      return beginsWith(given, value);
    case 'between':
      return ordered(given, value, '>=') && ordered(given, high, '<=');
    default:
      return ordered(given, value, operator);
  }
}
