/** A pattern for files with one of these endings, in capitals or not: `['csv']` gives any `a.csv` and `B.CSV`. */
export function fileGlob(...endings: readonly string[]): string {
  const patterns = endings.map((ending) =>
    ending.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`),
  );
  return patterns.length === 1 ? `**/*.${patterns[0] ?? ''}` : `**/*.{${patterns.join(',')}}`;
}
