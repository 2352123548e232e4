import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import * as z from 'zod';
import { messageOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { OnboardingFields } from '../cms/contract/fields.ts';
import { schemaProblem } from '../cms/contract/problems.ts';
import type { ManifestProblem, ManifestRow, ManifestRows, TextRange } from './manifestRows.ts';

/** Of all vehicles together: each costs some hundred bytes of the tree that knows where it stands. */
const MOST_VALUES = 4_000_000;
const [COMMA, BRACE, BRACKET] = [0x2c, 0x7b, 0x5b];

/** The JSON form of a fleet manifest: a vehicle may lack all that `defaults` give. */
function manifestSchemaOf(vehicle: z.ZodObject) {
  return z.strictObject({
    $schema: z.string().optional(),
    defaults: vehicle
      .omit({ vin: true })
      .partial()
      .optional()
      .describe('Fields for every vehicle that does not say otherwise'),
    vehicles: z.array(vehicle.partial().required({ vin: true })).min(1),
  });
}

/** The manifest's frame; each vehicle is checked on its own, so that every problem gets its line. */
const frameSchema = z.strictObject({
  $schema: z.string().optional(),
  defaults: z.record(z.string(), z.unknown()).optional(),
  vehicles: z.array(z.unknown()),
});

/** For editors: completion and checks while a manifest is written. One file holds vehicles of one generation. */
export function manifestJsonSchema(
  generations: readonly Pick<OnboardingFields, 'schema'>[],
): Record<string, unknown> {
  const schemas = generations.map(({ schema }) => z.toJSONSchema(manifestSchemaOf(schema), { io: 'input' }));
  const [only, another] = schemas;
  return {
    ...(only !== undefined && another === undefined ? only : { anyOf: schemas }),
    title: 'Fleet manifest of CMS Enablement',
  };
}

/** Reads a JSON manifest. `JSON.parse` decides what is JSON; the tree of jsonc-parser knows where things are. */
export function readJson(text: string): ManifestRows {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const json = text.slice(start);
  if (hasTooMany(json)) {
    const message = l10n.t('There are more than {count} values.', { count: MOST_VALUES });
    return { rows: [], problems: [{ line: 0, field: '', message }] };
  }
  const errors: ParseError[] = [];
  let tree: Node | undefined;
  const rangeOf = (node: Node): TextRange => ({ offset: node.offset + start, length: node.length });
  let value: unknown;
  try {
    // It calls itself at each bracket: too many of them are a problem of the file.
    tree = parseTree(json, errors, { disallowComments: true });
    value = JSON.parse(json);
  } catch (error) {
    const [first] = errors;
    const range = first && within(json.length, first, start);
    const message = l10n.t('It is not JSON: {reason}.', { reason: messageOf(error) });
    return { rows: [], problems: [{ line: 0, field: '', message, range }] };
  }
  const frame = frameSchema.safeParse(value, { reportInput: true });
  if (!frame.success) {
    const problems = frame.error.issues.map((issue) => ({ line: 0, ...schemaProblem(issue) }));
    return { rows: [], problems };
  }
  const rows: ManifestRow[] = [];
  const problems: ManifestProblem[] = [];
  const nodes = tree && findNodeAtLocation(tree, ['vehicles'])?.children;
  const lineAt = createLineCounter(json);
  for (const [i, item] of frame.data.vehicles.entries()) {
    const node = nodes?.[i];
    const line = node === undefined ? 0 : lineAt(node.offset);
    if (isObject(item)) {
      const rangeOfField = (field: string): TextRange | undefined => {
        const found = node && findNodeAtLocation(node, [field]);
        return found && rangeOf(found);
      };
      rows.push({
        line,
        fields: { ...frame.data.defaults, ...item },
        rangeOf: rangeOfField,
        keyOf(field) {
          const [key] = (node && findNodeAtLocation(node, [field])?.parent?.children) ?? [];
          return key && rangeOf(key);
        },
        write: (written) => JSON.stringify(written),
      });
    } else {
      const message = l10n.t('A vehicle must be an object.');
      problems.push({ line, field: '', message, range: node && rangeOf(node) });
    }
  }
  return { rows, problems };
}

/** Also commas in texts count, of which there are as few. */
function hasTooMany(text: string): boolean {
  let count = 0;
  for (let i = 0; i < text.length && count <= MOST_VALUES; i++) {
    const char = text.charCodeAt(i);
    if (char === COMMA || char === BRACE || char === BRACKET) count++;
  }
  return count > MOST_VALUES;
}

/** The parser counts a comment that never ends as longer than the file. */
function within(end: number, { offset, length }: ParseError, start: number): TextRange {
  const from = Math.min(offset, end);
  return { offset: from + start, length: Math.min(length, end - from) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The line (from 1) of an offset; offsets must be asked in ascending order. */
function createLineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (offset) => {
    for (; next >= 0 && next < offset; next = text.indexOf('\n', next + 1)) line++;
    return line;
  };
}
