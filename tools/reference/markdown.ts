/** A Markdown table. Characters that would break a row are escaped. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|').trim();
}

/** A page that `npm run docs` generates completely. */
export function page(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, '<!-- Made by `npm run docs`. -->', ...parts].join('\n\n')}\n`;
}

/**
 * Replaces the text between `<!-- made: <name> -->` and `<!-- end -->`.
 * @throws Error when the document has no such place
 */
export function fill(document: string, name: string, content: string): string {
  const place = new RegExp(`(<!-- made: ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!place.test(document)) throw new Error(`There is no place for ${name}.`);
  return document.replace(place, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
}
