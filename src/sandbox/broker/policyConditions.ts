import { BlockList, isIP } from 'node:net';
import { parseTemplate, resolveText, templateFits, type Template, type Variables } from './template.ts';

/**
 * The Condition block of a policy (IAM User Guide, "IAM JSON policy elements: Condition operators" and
 * "Multivalued context keys"; used by AWS IoT for `iot:Connection.Thing.IsAttached`, `iot:ConnectAttributes` …).
 */
export interface Condition {
  readonly key: string;
  readonly values: readonly Template[];
  readonly test: Test;
  /** `StringNotEquals` and similar operators: true when none of the values match. */
  readonly negated: boolean;
  readonly ifExists: boolean;
  readonly set: 'all' | 'any' | undefined;
  readonly isNull: boolean;
}

/** Whether the connection's value (`actual`) matches one value of the policy. */
type Test = (actual: string, expected: Template, variables: Variables) => boolean;

const text =
  (compare: (actual: string, expected: string) => boolean): Test =>
  (actual, expected, variables) => {
    const value = resolveText(expected, variables);
    return value !== undefined && compare(actual, value);
  };

const ordered = (parse: (value: string) => number, compare: (a: number, b: number) => boolean): Test =>
  text((actual, expected) => compare(parse(actual), parse(expected)));

const like: Test = (actual, expected, variables) => templateFits(expected, actual, variables);
const equals = text((a, b) => a === b);
const equalsIgnoringCase = text((a, b) => a.toLowerCase() === b.toLowerCase());

const dateOf = (value: string) => (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value));

const TESTS: Readonly<Record<string, Test>> = {
  stringequals: equals,
  stringequalsignorecase: equalsIgnoringCase,
  stringlike: like,
  arnequals: like,
  arnlike: like,
  bool: equalsIgnoringCase,
  ipaddress: text(inNetwork),
  numericequals: ordered(Number, (a, b) => a === b),
  numericlessthan: ordered(Number, (a, b) => a < b),
  numericlessthanequals: ordered(Number, (a, b) => a <= b),
  numericgreaterthan: ordered(Number, (a, b) => a > b),
  numericgreaterthanequals: ordered(Number, (a, b) => a >= b),
  dateequals: ordered(dateOf, (a, b) => a === b),
  datelessthan: ordered(dateOf, (a, b) => a < b),
  datelessthanequals: ordered(dateOf, (a, b) => a <= b),
  dategreaterthan: ordered(dateOf, (a, b) => a > b),
  dategreaterthanequals: ordered(dateOf, (a, b) => a >= b),
};

/** Throws an Error for an unknown operator. */
export function parseConditions(
  block: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
  substitute: boolean,
): Condition[] {
  return Object.entries(block).flatMap(([operator, keys]) => {
    const parsed = parseOperator(operator);
    return Object.entries(keys).map(([key, values]) => ({
      key,
      values: values.map((value) => parseTemplate(value, substitute)),
      ...parsed,
    }));
  });
}

function parseOperator(operator: string): Omit<Condition, 'key' | 'values'> {
  let name = operator.toLowerCase();
  const set = name.startsWith('forallvalues:') ? 'all' : name.startsWith('foranyvalue:') ? 'any' : undefined;
  if (set !== undefined) name = name.slice(name.indexOf(':') + 1);
  const ifExists = name.endsWith('ifexists');
  if (ifExists) name = name.slice(0, -'ifexists'.length);
  if (name === 'null') return { test: equals, negated: false, ifExists, set, isNull: true };
  const negated = name.startsWith('not') || /^(string|numeric|date|arn)not/.test(name);
  const base = negated ? name.replace('not', '') : name;
  const test = Object.hasOwn(TESTS, base) ? TESTS[base] : undefined;
  if (test === undefined) throw new Error(`There is no condition operator ${operator}.`);
  return { test, negated, ifExists, set, isNull: false };
}

export function conditionHolds(condition: Condition, variables: Variables): boolean {
  const value = variables(condition.key);
  const actual = value === undefined ? [] : [value].flat();
  if (condition.isNull) {
    return condition.values.some((wanted) => resolveText(wanted, variables) === String(actual.length === 0));
  }
  const one = (item: string) =>
    condition.values.some((expected) => condition.test(item, expected, variables)) !== condition.negated;
  if (condition.set === 'all') return actual.every(one);
  if (actual.length === 0) return condition.ifExists || (condition.negated && condition.set === undefined);
  return condition.negated && condition.set === undefined ? actual.every(one) : actual.some(one);
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const version = isIP(base);
  const length = version === 4 ? 32 : 128;
  const prefix = Number(bits ?? length);
  if (version === 0 || isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > length) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(base, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
