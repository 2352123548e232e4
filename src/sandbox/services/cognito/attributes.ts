import { invalidParameter } from './errors.ts';
import type { AttributeList } from './input.ts';
import type { ClientRecord, CustomAttribute, PoolRecord, UserRecord } from './state.ts';

interface StandardAttribute {
  type: 'String' | 'Boolean' | 'Number';
  /** Set by the service only. */
  fixed?: boolean;
}

/** The standard attributes every pool has (developer guide, "Working with user attributes"). */
const standardAttributes: Record<string, StandardAttribute> = {
  sub: { type: 'String', fixed: true },
  name: { type: 'String' },
  given_name: { type: 'String' },
  family_name: { type: 'String' },
  middle_name: { type: 'String' },
  nickname: { type: 'String' },
  preferred_username: { type: 'String' },
  profile: { type: 'String' },
  picture: { type: 'String' },
  website: { type: 'String' },
  email: { type: 'String' },
  email_verified: { type: 'Boolean' },
  gender: { type: 'String' },
  birthdate: { type: 'String' },
  zoneinfo: { type: 'String' },
  locale: { type: 'String' },
  phone_number: { type: 'String' },
  phone_number_verified: { type: 'Boolean' },
  address: { type: 'String' },
  updated_at: { type: 'Number' },
};

export function isStandardAttribute(name: string): boolean {
  return Object.hasOwn(standardAttributes, name);
}

/** Whether clients may write it. The others are set by the service or an administrator. */
export function isWritableByClients(name: string): boolean {
  return (
    isStandardAttribute(name) &&
    name !== 'sub' &&
    name !== 'email_verified' &&
    name !== 'phone_number_verified'
  );
}

/** `SchemaAttributes` of DescribeUserPool. */
export function schemaOf(pool: PoolRecord): unknown[] {
  const standard = Object.entries(standardAttributes).map(([name, attribute]) => ({
    Name: name,
    AttributeDataType: attribute.type,
    DeveloperOnlyAttribute: false,
    Mutable: attribute.fixed !== true,
    Required: name === 'sub' || pool.requiredAttributes.includes(name),
    StringAttributeConstraints: attribute.type === 'String' ? lengths(name) : undefined,
    NumberAttributeConstraints: attribute.type === 'Number' ? { MinValue: '0' } : undefined,
  }));
  const custom = (pool.customAttributes ?? []).map(({ name, mutable }) => ({
    Name: CUSTOM + name,
    AttributeDataType: 'String',
    DeveloperOnlyAttribute: false,
    Mutable: mutable,
    Required: false,
    StringAttributeConstraints: {},
  }));
  return [...standard, ...custom];
}

function lengths(name: string): Record<string, string> {
  if (name === 'birthdate') return { MinLength: '10', MaxLength: '10' };
  return { MinLength: name === 'sub' ? '1' : '0', MaxLength: '2048' };
}

const CUSTOM = 'custom:';

function customAttribute(pool: PoolRecord, name: string): CustomAttribute | undefined {
  if (!name.startsWith(CUSTOM)) return undefined;
  return pool.customAttributes?.find((each) => CUSTOM + each.name === name);
}

/**
 * Checks names and formats. Returns the values by name; a later value of the same name wins, as with AWS.
 * @param pool whose own attributes are known, too
 * @param current what the user has: what cannot be changed can be given once, when the user is made
 */
export function checkAttributes(
  list: AttributeList,
  pool: PoolRecord,
  current?: Record<string, string>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { Name, Value = '' } of list) {
    const custom = customAttribute(pool, Name);
    if (custom !== undefined) {
      if (!custom.mutable && current !== undefined) {
        throw invalidParameter(`Cannot modify the non-mutable attribute ${Name}`);
      }
      result[Name] = Value;
      continue;
    }
    const attribute = isStandardAttribute(Name) ? standardAttributes[Name] : undefined;
    if (attribute === undefined) {
      throw invalidParameter(
        `Attributes did not conform to the schema: Type for attribute {${Name}} could not be determined`,
      );
    }
    if (attribute.fixed === true) {
      throw invalidParameter(`Cannot modify the non-mutable attribute ${Name}`);
    }
    checkFormat(Name, attribute, Value);
    result[Name] = attribute.type === 'Boolean' ? Value.toLowerCase() : Value;
  }
  return result;
}

function checkFormat(name: string, attribute: StandardAttribute, value: string): void {
  if (name === 'email' && !isEmail(value)) throw invalidParameter('Invalid email address format.');
  if (name === 'phone_number' && value !== '' && !/^\+[0-9]{1,20}$/.test(value)) {
    throw invalidParameter('Invalid phone number format.');
  }
  if (name === 'birthdate' && value !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    throw invalidParameter('Attributes did not conform to the schema: birthdate: Invalid value');
  }
  if (attribute.type === 'Boolean' && !/^(true|false)$/i.test(value)) {
    throw invalidParameter(`Attributes did not conform to the schema: ${name}: Attribute is not a boolean`);
  }
  if (attribute.type === 'Number' && value !== '' && !/^\d+$/.test(value)) {
    throw invalidParameter(`Attributes did not conform to the schema: ${name}: Attribute is not a number`);
  }
}

export function isEmail(value: string): boolean {
  return /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(value);
}

/** The pool's required attributes that the user lacks. */
export function missingAttributes(pool: PoolRecord, attributes: Record<string, string>): string[] {
  return pool.requiredAttributes.filter((name) => (attributes[name] ?? '') === '');
}

/**
 * Applies changes as AWS does: an empty value removes an attribute, and a new email address or phone number is
 * unverified unless the same call says otherwise.
 */
export function withAttributes(
  current: Record<string, string>,
  changes: Record<string, string>,
): Record<string, string> {
  const next: Record<string, string> = { ...current };
  for (const contact of ['email', 'phone_number']) {
    if (changes[contact] !== undefined && changes[contact] !== current[contact]) {
      next[`${contact}_verified`] = 'false';
    }
  }
  Object.assign(next, changes);
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== ''));
}

/** What a client may see of a user, `sub` first. */
export function readableAttributes(user: UserRecord, client?: ClientRecord): AttributeList {
  const readable = client?.settings.ReadAttributes;
  return [
    { Name: 'sub', Value: user.sub },
    ...Object.entries(user.attributes)
      .filter(([name]) => readable === undefined || readable.includes(name))
      .map(([Name, Value]) => ({ Name, Value })),
  ];
}
