/** What is longer is none of a list of words, and takes long to compare. */
const LONGEST = 40;

/** The words that a mistyped one may be meant as, the likeliest first: a third of its letters may be wrong. */
export function nearest(typed: string, words: readonly string[], plain: (word: string) => string): string[] {
  if (typed === '' || typed.length > LONGEST) return [];
  const most = Math.min(3, Math.max(1, Math.floor(typed.length / 3)));
  return words
    .map((word) => ({ word, wrong: distance(typed, plain(word)) }))
    .filter(({ wrong, word }) => wrong <= most && wrong < plain(word).length)
    .toSorted((a, b) => a.wrong - b.wrong)
    .filter(({ wrong }, _, [first]) => wrong === first?.wrong)
    .map(({ word }) => word);
}

/** Letters that are missing, too many, another one, or swapped with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (above[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (above[j - 1] ?? 0) + (isSame ? 0 : 1),
          swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
