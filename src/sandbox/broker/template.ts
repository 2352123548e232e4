import { fits, literal, pattern, type Pattern } from '../kit/glob.ts';

/** Looks up policy variables and condition keys. Undefined means that this connection has no such value. */
export type Variables = (name: string) => string | readonly string[] | undefined;

/** A string of a policy with `${variables}` and wildcards, parsed once. */
export interface Template {
  readonly parts: readonly ({ text: string; glob: Pattern } | { variable: string })[];
}

const VARIABLE = /\$\{([^${}]*|\$)\}/g;

/** IAM's escapes for the special characters: `${*}`, `${?}`, `${$}`. */
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
 * The pattern with its variables substituted literally (a `*` in a client id is not a wildcard).
 * Undefined when a variable does not have exactly one value: such a template matches nothing.
 */
export function resolve(template: Template, variables: Variables): Pattern | undefined {
  const [first] = template.parts;
  if (template.parts.length === 1 && first !== undefined && 'glob' in first) return first.glob;
  const resolved: number[] = [];
  for (const part of template.parts) {
    const tokens = 'glob' in part ? part.glob : literalOf(variables(part.variable));
    if (tokens === undefined) return undefined;
    // Not `push(...tokens)`: a string can be longer than the number of arguments a call may have.
    for (const token of tokens) resolved.push(token);
  }
  return resolved;
}

function literalOf(value: ReturnType<Variables>): number[] | undefined {
  return typeof value === 'string' ? literal(value) : undefined;
}

/** The template as a plain string; wildcards are not interpreted. Undefined in the same cases as `resolve`. */
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
