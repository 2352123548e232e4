import { AwsError } from '../../kernel/http.ts';

/** What a resource of a stack became. */
export interface MadeResource {
  physicalId: string;
  /** By the names of `Fn::GetAtt`. */
  attributes: Readonly<Record<string, string>>;
}

/** How resources of one type are made and removed. */
export interface ResourceType {
  /**
   * Makes one, or gives one that is there other properties.
   * @param name made up from stack and logical id; what `physicalId` is unless the properties name it
   * Throws AwsError; its message is the reason of the stack.
   */
  put(properties: Readonly<Record<string, unknown>>, name: string): MadeResource;
  remove(physicalId: string): void;
}

export type ResourceTypes = Readonly<Record<string, ResourceType>>;

/** A property that has to be text. */
export function textOf(properties: Readonly<Record<string, unknown>>, name: string): string {
  const value = properties[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError('ValidationError', `Property ${name} is required and must be a string`);
}

/** The name that the properties give, or else the one that was made up. */
export function nameIn(properties: Readonly<Record<string, unknown>>, name: string, made: string): string {
  return properties[name] === undefined ? made : textOf(properties, name);
}

/** A property that has to be an object. */
export function objectOf(
  properties: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  const value = properties[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new AwsError('ValidationError', `Property ${name} is required and must be an object`);
}
