/**
 * The line (from 1) on which each element of the array under a top-level key of a JSON text begins.
 * `JSON.parse` forgets lines, and people who correct a manifest need them. The text must be valid JSON.
 */
export function linesOfItems(text: string, key: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let currentKey: string | undefined;
  let lastString = '';
  let expectItem = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (c === '\n') line++;
    if (/[\s:]/.test(c)) {
      if (c === ':' && depth === 1) currentKey = lastString;
      continue;
    }
    const inList = depth === 2 && currentKey === key;
    if (inList && expectItem && c !== ']') {
      lines.push(line);
      expectItem = false;
    }
    if (c === '"') {
      const end = endOfString(text, i);
      lastString = text.slice(i + 1, end);
      i = end;
    } else if (c === '[' || c === '{') {
      depth++;
      if (c === '[' && depth === 2) expectItem = true;
    } else if (c === ']' || c === '}') {
      depth--;
    } else if (c === ',' && inList) {
      expectItem = true;
    }
  }
  return lines;
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
