export interface Row {
  cells: string[];
}

export interface Table {
  header: string[];
  rows: Row[];
}

export interface Section {
  /** The heading's text. */
  title: string;
  /** The tables below it, up to the next heading of any level. */
  tables: Table[];
}

/** The sections of a Markdown document and their tables. Code blocks are not looked into. */
export function sectionsOf(markdown: string): Section[] {
  const sections: Section[] = [{ title: '', tables: [] }];
  let table: Table | undefined;
  for (const line of markdown.replace(/^```.*?^```$/gms, '').split('\n')) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading !== undefined) sections.push({ title: heading, tables: [] });
    if (!line.startsWith('|')) {
      table = undefined;
      continue;
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (table === undefined) {
      table = { header: cells, rows: [] };
      sections.at(-1)?.tables.push(table);
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      table.rows.push({ cells });
    }
  }
  return sections;
}
