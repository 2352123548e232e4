/** A field of a GraphQL query, with what is asked of it. */
export interface Field {
  readonly name: string;
  /** Under which it is answered. */
  readonly alias: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly fields: readonly Field[];
}

/** The one operation of a document. */
export interface Document {
  readonly operation: 'query' | 'mutation';
  readonly fields: readonly Field[];
}

/** The document is not one of the few forms that are read here. */
export class UnreadableDocument extends Error {}

const TOKEN =
  /[\s,]*(?:#[^\n]*\n[\s,]*)*("(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\$?[A-Za-z_]\w*|[{}()[\]:!=])/y;
const DEEPEST = 40;

/** Reads the one operation of a document: fields, aliases, arguments and variables; no fragments and no directives. */
export function readDocument(text: string, variables: Readonly<Record<string, unknown>>): Document {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (const end = text.replace(/[\s,]+$/, '').length; TOKEN.lastIndex < end;) {
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) throw new UnreadableDocument('Invalid Syntax');
    tokens.push(match[1]);
  }
  let at = 0;
  const next = (): string => {
    const token = tokens[at++];
    if (token === undefined) throw new UnreadableDocument("Invalid Syntax : offending token '<EOF>'");
    return token;
  };
  const takes = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  };
  const expect = (token: string): void => {
    const found = next();
    if (found !== token) throw new UnreadableDocument(`Invalid Syntax : offending token '${found}'`);
  };
  const name = (): string => {
    const token = next();
    if (!/^[A-Za-z_]\w*$/.test(token))
      throw new UnreadableDocument(`Invalid Syntax : offending token '${token}'`);
    return token;
  };

  const named = takes('mutation') ? 'mutation' : takes('query') ? 'query' : undefined;
  if (named === undefined && tokens[at] !== '{') {
    throw new UnreadableDocument(`Schema is not configured for ${tokens[at]}s.`);
  }
  if (named !== undefined) {
    if (tokens[at] !== '{' && tokens[at] !== '(') name();
    if (takes('(')) while (next() !== ')') continue;
  }
  const fields = selection(0);
  if (at < tokens.length) throw new UnreadableDocument('Must contain one operation.');
  return { operation: named ?? 'query', fields };

  function selection(depth: number): Field[] {
    if (depth > DEEPEST) throw new UnreadableDocument('Query depth limit exceeded.');
    expect('{');
    const found: Field[] = [];
    while (!takes('}')) {
      const first = name();
      const real = takes(':') ? name() : first;
      found.push({
        name: real,
        alias: first,
        arguments: takes('(') ? argumentsOf() : {},
        fields: tokens[at] === '{' ? selection(depth + 1) : [],
      });
    }
    return found;
  }

  function argumentsOf(): Record<string, unknown> {
    const found = new Map<string, unknown>();
    while (!takes(')')) {
      const argument = name();
      expect(':');
      found.set(argument, value());
    }
    return Object.fromEntries(found);
  }

  function value(depth = 0): unknown {
    if (depth > DEEPEST) throw new UnreadableDocument('Query depth limit exceeded.');
    const token = next();
    if (token.startsWith('$')) return variables[token.slice(1)];
    if (token === 'null') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === '[') {
      const list: unknown[] = [];
      while (!takes(']')) list.push(value(depth + 1));
      return list;
    }
    if (token === '{') {
      const members = new Map<string, unknown>();
      while (!takes('}')) {
        const member = name();
        expect(':');
        members.set(member, value(depth + 1));
      }
      return Object.fromEntries(members);
    }
    // The name of a value of an enumeration.
    if (/^[A-Za-z_]/.test(token)) return token;
    if (/^["\d-]/.test(token)) {
      try {
        return JSON.parse(token) as unknown;
      } catch {
        throw new UnreadableDocument(`Invalid Syntax : offending token '${token}'`);
      }
    }
    throw new UnreadableDocument(`Invalid Syntax : offending token '${token}'`);
  }
}
