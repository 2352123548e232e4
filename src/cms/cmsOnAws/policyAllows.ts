import * as z from 'zod';
import { parseJson } from '../../core/json.ts';

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const schema = z.object({
  Statement: z
    .union([z.unknown().array(), z.unknown()])
    .transform((value) => [value].flat())
    .pipe(z.array(z.object({ Effect: z.string(), Action: texts, Resource: texts }))),
});

/**
 * Whether policies of AWS IoT allow an action on a resource to a thing that is connected as itself. A denial wins.
 * One that cannot be read allows nothing. Source: AWS IoT Developer Guide, "AWS IoT Core policies".
 */
export function policyAllows(
  documents: readonly string[],
  action: string,
  resource: string,
  thingName: string,
): boolean {
  const statements = documents.flatMap((document) => {
    const read = parseJson(schema, document);
    return read.ok ? read.value.Statement : [];
  });
  const fitting = statements.filter(
    ({ Action, Resource }) =>
      Action.some((each) => fits(each, action)) &&
      Resource.some((each) => fits(withThing(each, thingName), resource)),
  );
  return fitting.length > 0 && fitting.every(({ Effect }) => Effect === 'Allow');
}

function withThing(resource: string, thingName: string): string {
  return resource
    .replaceAll('${iot:Connection.Thing.ThingName}', thingName)
    .replaceAll('${iot:ClientId}', thingName);
}

function fits(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's').test(text);
}
