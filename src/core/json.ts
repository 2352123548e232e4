/** What is used of a zod schema, so that `zod` and `zod/mini` both fit, and neither is loaded from here. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

export type ParsedJson<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Reads text as JSON of the schema's shape. `problem` says where it is not, in the words of its checker. */
export function parseJson<T>(schema: Schema<T>, text: string): ParsedJson<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: (error as SyntaxError).message };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [first] = parsed.error.issues;
  const path = first?.path.map(String).join('.') ?? '';
  return { ok: false, problem: `${path === '' ? '' : `${path}: `}${first?.message ?? 'unexpected content'}` };
}
