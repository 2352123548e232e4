/** Pixels of a notification that its buttons share, and what each takes besides its letters: padding and gap. */
const ROW = 435;
const AROUND = 34;
const LETTER = 7;

/** Whether a notification shows these buttons in full; it cuts off the titles of all when they do not fit. */
function fit(titles: readonly string[]): boolean {
  return titles.reduce((sum, title) => sum + AROUND + LETTER * title.length, 0) <= ROW;
}

/**
 * The buttons of a notification that are shown in full: all that are needed, and of the others, from the first, as many
 * as there is room for.
 */
export function fittingButtons(needed: readonly string[], others: readonly string[]): string[] {
  const buttons = [...needed];
  for (const title of others) {
    if (!fit([...buttons, title])) break;
    buttons.push(title);
  }
  return buttons;
}
