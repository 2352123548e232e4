import { AwsError } from '../../kernel/http.ts';
import { isObject, nestsDeeperThan } from '../../kit/json.ts';

/** A value with its type, as it goes over the wire: exactly one member. */
export type Value =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: Value[] }
  | { M: Item };

export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';

export type Item = Readonly<Record<string, Value>>;

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** "Service, account, and table quotas in Amazon DynamoDB": how deep lists and maps may be nested. */
const DEEPEST = 32;

export function typeOf(value: Value): ValueType {
  return Object.keys(value)[0] as ValueType;
}

/** The attributes of a request. Throws ValidationException. */
export function itemOf(raw: Readonly<Record<string, unknown>>): Item {
  // A value is two levels of JSON.
  if (nestsDeeperThan(raw, 2 * DEEPEST + 2)) {
    throw validation('Nesting Levels have exceeded supported limits');
  }
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, valueOf(value)]));
}

/** One value of a request, with numbers as DynamoDB gives them back. Throws ValidationException. */
export function valueOf(raw: unknown): Value {
  const entries = isObject(raw) ? Object.entries(raw).filter(([type]) => type in readers) : [];
  const [entry, ...more] = entries;
  if (entry === undefined) {
    throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  if (more.length > 0) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  const [type, content] = entry;
  return readers[type as ValueType](content);
}

const readers: Readonly<Record<ValueType, (content: unknown) => Value>> = {
  S: (content) => ({ S: textOf(content) }),
  N: (content) => ({ N: numberOf(textOf(content)) }),
  B: (content) => ({ B: textOf(content) }),
  BOOL(content) {
    if (typeof content !== 'boolean') throw mistyped(content, 'Boolean');
    return { BOOL: content };
  },
  NULL(content) {
    if (content === true) return { NULL: true };
    throw invalidParameter('Null attribute value types must have the value of true');
  },
  SS: (content) => ({ SS: setOf(content, 'An string set  may not be empty') }),
  NS: (content) => ({
    NS: setOf(
      listOf(content).map((each) => numberOf(textOf(each))),
      'An number set  may not be empty',
    ),
  }),
  BS: (content) => ({ BS: setOf(content, 'Binary sets should not be empty') }),
  L: (content) => ({ L: listOf(content).map(valueOf) }),
  M(content) {
    if (!isObject(content)) throw mistyped(content, 'Map');
    return { M: Object.fromEntries(Object.entries(content).map(([name, each]) => [name, valueOf(each)])) };
  },
};

function textOf(content: unknown): string {
  if (typeof content !== 'string') throw mistyped(content, 'String');
  return content;
}

function listOf(content: unknown): unknown[] {
  if (!Array.isArray(content)) throw mistyped(content, 'List');
  return content as unknown[];
}

function setOf(content: unknown, empty: string): string[] {
  const members = listOf(content).map(textOf);
  if (members.length === 0) throw invalidParameter(empty);
  if (new Set(members).size < members.length) {
    throw invalidParameter(`Input collection [${members.join(', ')}] contains duplicates.`);
  }
  return members;
}

function mistyped(content: unknown, type: string): AwsError {
  return new AwsError('SerializationException', `${typeof content} can not be converted to a ${type}`);
}

function invalidParameter(message: string): AwsError {
  return validation(`One or more parameter values were invalid: ${message}`);
}

const NUMBER = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?\s*$/;
const MOST_DIGITS = 38;
/** The exponents of the largest and the smallest number. */
const LARGEST = 125;
const SMALLEST = -130;

/** A number without an exponent and without zeros that say nothing. Throws ValidationException. */
function numberOf(text: string): string {
  if (text === '') throw validation('The parameter cannot be converted to a numeric value');
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') {
    throw validation(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  /** Where the point stands, counted from the first digit. */
  const point = whole.length + Number(exponent) - (whole.length + fraction.length - all.length);
  if (point - 1 > LARGEST) {
    throw validation(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (point - 1 < SMALLEST) {
    throw validation(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  if (digits.length > MOST_DIGITS) {
    throw validation('Attempting to store more than 38 significant digits in a Number');
  }
  return (sign === '-' ? '-' : '') + placed(digits, point);
}

function placed(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Sum or difference of two numbers as they are stored, exact. Throws ValidationException if it has too many digits. */
export function sumOf(one: string, other: string, sign: 1 | -1): string {
  const decimals = Math.max(decimalsOf(one), decimalsOf(other));
  const sum = scaled(one, decimals) + BigInt(sign) * scaled(other, decimals);
  return numberOf(`${sum}e-${decimals}`);
}

const decimalsOf = (number: string): number => number.split('.')[1]?.length ?? 0;

function scaled(number: string, decimals: number): bigint {
  return BigInt(number.replace('.', '') + '0'.repeat(decimals - decimalsOf(number)));
}

/** Whether two values are the same: sets in any order, numbers by their value. */
export function isEqual(one: Value, other: Value): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: Value): string {
  if ('SS' in value) return JSON.stringify({ SS: value.SS.toSorted() });
  if ('NS' in value) return JSON.stringify({ NS: value.NS.toSorted() });
  if ('BS' in value) return JSON.stringify({ BS: value.BS.toSorted() });
  if ('L' in value) return `L${JSON.stringify(value.L.map(canonical))}`;
  if ('M' in value) {
    const entries = Object.entries(value.M).map(([name, each]) => [name, canonical(each)]);
    return `M${JSON.stringify(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))}`;
  }
  return JSON.stringify(value);
}

/** Negative if `one` comes first. Undefined when the two have no order: other types, or types without one. */
export function compare(one: Value, other: Value): number | undefined {
  if ('S' in one && 'S' in other) return Buffer.compare(Buffer.from(one.S), Buffer.from(other.S));
  if ('B' in one && 'B' in other)
    return Buffer.compare(Buffer.from(one.B, 'base64'), Buffer.from(other.B, 'base64'));
  if ('N' in one && 'N' in other) {
    const decimals = Math.max(decimalsOf(one.N), decimalsOf(other.N));
    const [a, b] = [scaled(one.N, decimals), scaled(other.N, decimals)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return undefined;
}

/** The size of an item, by which pages and items are bounded ("DynamoDB item sizes and formats"), in bytes. */
export function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueSize(value);
  return bytes;
}

function valueSize(value: Value): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return Math.ceil(value.N.replace(/[-.]/g, '').length / 2) + 1;
  if ('B' in value) return Buffer.from(value.B, 'base64').length;
  if ('SS' in value) return value.SS.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  if ('NS' in value) return value.NS.reduce((sum, each) => sum + valueSize({ N: each }), 0);
  if ('BS' in value) return value.BS.reduce((sum, each) => sum + valueSize({ B: each }), 0);
  if ('L' in value) return 3 + value.L.reduce((sum, each) => sum + 1 + valueSize(each), 0);
  if ('M' in value) return 3 + sizeOf(value.M) + Object.keys(value.M).length;
  return 1;
}
