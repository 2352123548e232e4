import { l10n, type Message } from '../../core/message.ts';

/** How much of a route file is read before it is refused: files come from anywhere. */
export const BOUNDS = {
  /** Of the file, and of what a KMZ unpacks to. */
  bytes: 256 * 2 ** 20,
  points: 1_000_000,
  /** Elements or brackets inside each other. */
  nesting: 64,
  attributes: 64,
  /** Files in a KMZ. */
  entries: 10_000,
  /** Characters of one line of a CSV, and of a route's name. */
  record: 65_536,
  name: 100,
  /** Of a table; a file made to be wide would take as long for each of its rows. */
  columns: 1000,
} as const;

/** A reader that does not know the file met more than `BOUNDS.points`; `readRoutes` says of which file it is. */
export class TooManyPoints extends Error {
  constructor() {
    super(`more than ${BOUNDS.points} points`);
    this.name = 'TooManyPoints';
  }
}

export function tooManyPoints(): Message {
  return l10n.t('there are more than {count} points', { count: BOUNDS.points });
}

export function tooDeep(): Message {
  return l10n.t('nested deeper than {depth}', { depth: BOUNDS.nesting });
}
