import * as z from 'zod';
import { parseJson } from '../../core/json.ts';

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const schema = z.object({
  Statement: z
    .union([z.unknown().array(), z.unknown()])
    .transform((value) => [value].flat())
    .pipe(
      z.array(
        z.object({
          Effect: z.string(),
          Action: texts.optional(),
          Resource: texts.optional(),
          NotAction: texts.optional(),
          NotResource: texts.optional(),
        }),
      ),
    ),
});

/**
 * Whether policies of AWS IoT allow an action on a resource to a thing that is connected as itself. A denial wins.
 * `attributes` are those of the thing that a variable may name. One that cannot be read allows nothing; undefined where it hangs on a statement that says what it is not about.
 * Source: AWS IoT Developer Guide, "AWS IoT Core policies".
 */
export function policyAllows(
  documents: readonly string[],
  action: string,
  resource: string,
  thingName: string,
  attributes: Readonly<Record<string, string>> = {},
): boolean | undefined {
  const statements = documents.flatMap((document) => {
    const read = parseJson(schema, document);
    return read.ok ? read.value.Statement : [];
  });
  const onAction = (all: string[] | undefined) => all?.some((each) => fits(each, action)) !== false;
  const onResource = (all: string[] | undefined) =>
    all?.some((each) => fits(withThing(each, thingName, attributes), resource)) !== false;
  // What a statement leaves out may be said by its other half.
  const fitting = statements.filter(({ Action, Resource }) => onAction(Action) && onResource(Resource));
  const sure = fitting.filter(({ Action, Resource }) => Action !== undefined && Resource !== undefined);
  if (sure.some(({ Effect }) => Effect !== 'Allow')) return false;
  const unsure = fitting.filter((statement) => !sure.includes(statement));
  if (unsure.some(({ Effect }) => Effect !== 'Allow')) return undefined;
  if (sure.length > 0) return true;
  return unsure.length > 0 ? undefined : false;
}

/** The client id is the name of the thing in every generation that asks. */
function withThing(
  resource: string,
  thingName: string,
  attributes: Readonly<Record<string, string>>,
): string {
  return resource
    .replaceAll('${iot:Connection.Thing.ThingName}', thingName)
    .replaceAll('${iot:ClientId}', thingName)
    .replaceAll(
      /\$\{iot:Connection\.Thing\.Attributes\[([^\]]+)\]\}/g,
      (all, name: string) => attributes[name] ?? all,
    );
}

function fits(pattern: string, text: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's').test(text);
}
