import { fits, literal, pattern, type Pattern } from './glob.ts';

/** Values of policy variables and condition keys. Undefined = there is no such value for this connection. */
export type Variables = (name: string) => string | readonly string[] | undefined;

/** A text of a policy with `${variables}` and wildcards, parsed once. */
export interface Template {
  readonly parts: readonly ({ text: string; glob: Pattern } | { variable: string })[];
}

const VARIABLE = /\$\{([^${}]*|\$)\}/g;

/** IAM's way to write the special characters themselves. */
const ESCAPES = new Set(['*', '?', '$']);

/** With `substitute` off (policies without `"Version": "2012-10-17"`) variables are plain text. */
export function parseTemplate(source: string, substitute = true): Template {
  const parts: Template['parts'][number][] = [];
  const addText = (text: string) => {
    if (text !== '') parts.push({ text, glob: pattern(text) });
  };
  let end = 0;
  for (const match of substitute ? source.matchAll(VARIABLE) : []) {
    addText(source.slice(end, match.index));
    const [whole, inner = ''] = match;
    const name = inner.trim();
    parts.push(ESCAPES.has(name) ? { text: name, glob: literal(name) } : { variable: name });
    end = match.index + whole.length;
  }
  addText(source.slice(end));
  return { parts };
}

/**
 * The pattern with its variables put in, each as the text it is (a `*` in a client id is no wildcard).
 * Undefined when a variable has no single value: such a template matches nothing.
 */
export function resolve(template: Template, variables: Variables): Pattern | undefined {
  const [first] = template.parts;
  if (template.parts.length === 1 && first !== undefined && 'glob' in first) return first.glob;
  const resolved: number[] = [];
  for (const part of template.parts) {
    const tokens = 'glob' in part ? part.glob : literalOf(variables(part.variable));
    if (tokens === undefined) return undefined;
    // One by one: a text can be longer than a call may have arguments.
    for (const token of tokens) resolved.push(token);
  }
  return resolved;
}

function literalOf(value: ReturnType<Variables>): number[] | undefined {
  return typeof value === 'string' ? literal(value) : undefined;
}

/** The template as plain text, wildcards meaning nothing. Undefined as for `resolve`. */
export function resolveText(template: Template, variables: Variables): string | undefined {
  let text = '';
  for (const part of template.parts) {
    const value = 'text' in part ? part.text : variables(part.variable);
    if (typeof value !== 'string') return undefined;
    text += value;
  }
  return text;
}

export function templateFits(template: Template, text: string, variables: Variables): boolean {
  const glob = resolve(template, variables);
  return glob !== undefined && fits(glob, literal(text));
}
