/** A text as it reads without an escaping, and where its characters stand in the text it was made of. */
export interface View {
  readonly text: string;
  /** Without whitespace: only what is long is looked for in it. */
  readonly compact: boolean;
  /** Where the character at `index` begins in the original, and where it ends. */
  from(index: number): number;
  to(index: number): number;
}

/** How often something may be escaped: JSON in JSON in a URL. */
const DEEPEST = 3;

const ESCAPES = new RegExp(
  [
    // URL
    '(?:%[0-9a-f]{2})+',
    // JSON and the like
    String.raw`\\(?:u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[nrtbf"'\\/])`,
    // HTML
    '&(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|amp|lt|gt|quot|apos|nbsp);',
  ].join('|'),
  'gi',
);
const NAMED: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' },
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' },
};

/** The text as it is, without its escapes as often as there are some, and each of them without whitespace. */
export function* decodedViews(text: string): Generator<View> {
  let view: View = { text, compact: false, from: (index) => index, to: (index) => index + 1 };
  yield view;
  for (let depth = 0; depth < DEEPEST; depth++) {
    if (/[\r\n\t]/.test(view.text)) yield withoutWhitespace(view);
    const next = /[%\\&]/.test(view.text) ? decoded(view) : undefined;
    if (next === undefined) return;
    view = next;
    yield view;
  }
  yield withoutWhitespace(view);
}

function decoded(view: View): View | undefined {
  const parts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const add = (characters: string, from: number, to: number | undefined): void => {
    parts.push(characters);
    for (let i = 0; i < characters.length; i++) {
      starts.push(view.from(to === undefined ? from + i : from));
      ends.push(view.to((to ?? from + i + 1) - 1));
    }
  };
  let done = 0;
  for (const { 0: escape, index } of view.text.matchAll(ESCAPES)) {
    const meant = meaningOf(escape);
    if (meant === undefined) continue;
    add(view.text.slice(done, index), done, undefined);
    if (escape.startsWith('%') && meant.length === escape.length / 3) {
      for (let i = 0; i < meant.length; i++) add(meant.charAt(i), index + i * 3, index + i * 3 + 3);
    } else add(meant, index, index + escape.length);
    done = index + escape.length;
  }
  if (done === 0) return undefined;
  add(view.text.slice(done), done, undefined);
  return mapped(parts.join(''), false, starts, ends);
}

function meaningOf(escape: string): string | undefined {
  if (escape.startsWith('%')) {
    try {
      return decodeURIComponent(escape);
    } catch {
      return escape.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    }
  }
  const [, hex = ''] = /^(?:\\u\{?|\\x|&#x)([0-9a-f]+)/i.exec(escape) ?? [];
  if (hex !== '') return character(parseInt(hex, 16));
  const [, decimal = ''] = /^&#(\d+)/.exec(escape) ?? [];
  if (decimal !== '') return character(Number(decimal));
  const name = escape.replace(/^[\\&]|;$/g, '');
  return NAMED[name] ?? name;
}

function character(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function withoutWhitespace(view: View): View {
  const { text } = view;
  const starts: number[] = [];
  const ends: number[] = [];
  let compact = '';
  for (let i = 0; i < text.length; i++) {
    const one = text.charAt(i);
    if (/\s/.test(one)) continue;
    compact += one;
    starts.push(view.from(i));
    ends.push(view.to(i));
  }
  return mapped(compact, true, starts, ends);
}

function mapped(text: string, compact: boolean, starts: number[], ends: number[]): View {
  return { text, compact, from: (index) => starts[index] ?? 0, to: (index) => ends[index] ?? 0 };
}
