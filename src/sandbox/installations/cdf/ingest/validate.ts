import { isObject, type Json } from '../../../kit/json.ts';
import { type FieldType, messageRules, type MessageType, type ObjectRule } from './schema.ts';

/** The validator's first complaint, as `path: why`; undefined when the message is valid. Expects lower-case keys. */
export function refusalOf(type: MessageType, message: Json): string | undefined {
  return checkObject(message, messageRules[type], '');
}

function checkObject(value: unknown, rule: ObjectRule, path: string): string | undefined {
  if (!isObject(value)) return `${path}: not an object`;
  for (const name of rule.required ?? []) {
    if (!Object.hasOwn(value, name)) return `${join(path, name)}: missing`;
  }
  for (const [name, inner] of Object.entries(value)) {
    const type = Object.hasOwn(rule.fields, name) ? rule.fields[name] : undefined;
    if (type === undefined) {
      if (rule.open) continue;
      return `${join(path, name)}: unknown field`;
    }
    const wrong = checkValue(inner, type, join(path, name));
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkValue(value: unknown, type: FieldType, path: string): string | undefined {
  if (typeof type === 'object') return checkObject(value, type, path);
  if (value === null) return `${path}: null`;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? undefined : `${path}: not a text`;
    case 'number':
      return isNumber(value) ? undefined : `${path}: not a number`;
    case 'integer':
      return isInteger(value) ? undefined : `${path}: not an integer`;
    case 'time':
      return isTime(value) ? undefined : `${path}: not an ISO 8601 date with a time`;
    case 'object':
      return isObject(value) ? undefined : `${path}: not an object`;
    case 'texts':
      if (!isObject(value)) return `${path}: not an object`;
      for (const [name, inner] of Object.entries(value)) {
        if (typeof inner !== 'string') return `${join(path, name)}: not a text`;
      }
      return undefined;
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function isNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim());
}

function isInteger(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && /^[+-]?\d+$/.test(value.trim());
}

const ISO_TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,6}\d{0,6})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** A string with a date and a time. A space instead of the T, offsets and microseconds are allowed. */
export function isTime(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const match = ISO_TIME.exec(value);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day));
  return (
    year > 0 &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  );
}
