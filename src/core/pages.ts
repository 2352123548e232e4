import { CmsError } from './errors.ts';
import { l10n, type Message } from './message.ts';

/** More pages than any list of an account has: stacks, policies, certificates of a thing. */
const MOST_PAGES = 1000;
/** AWS may give an empty page before the next; so many in a row lead nowhere. */
const MOST_EMPTY = 50;

/** What tells whether a list goes on. */
export interface PageLook {
  /** What asks for the next page; undefined or empty on the last. */
  next: string | undefined;
  items: readonly unknown[] | undefined;
}

/**
 * The pages of a list whose end the other side decides, until there is no next one. A token that came before, the same
 * items again, page after page without anything and too many pages end it with CmsError AWS_ANSWER_UNEXPECTED.
 *
 * `doing` as in "listing the CloudFormation stacks".
 */
export async function* endingPages<P>(
  pages: AsyncIterable<P>,
  doing: Message,
  look: (page: P) => PageLook,
  most = MOST_PAGES,
): AsyncGenerator<P> {
  const seen = new Set<string>();
  let before = '';
  let count = 0;
  let empty = 0;
  for await (const page of pages) {
    yield page;
    const { next, items = [] } = look(page);
    if (next === undefined || next === '') continue;
    const text = items.length === 0 ? '' : JSON.stringify(items);
    const same = text !== '' && text === before;
    before = text;
    count += 1;
    empty = items.length === 0 ? empty + 1 : 0;
    if (same || seen.has(next)) throw endless(doing, l10n.t('a page was returned twice'));
    seen.add(next);
    if (empty >= MOST_EMPTY) throw endless(doing, l10n.t('one page after another is empty'));
    if (count >= most) throw endless(doing, l10n.t('there are more than {most} pages', { most }));
  }
}

function endless(doing: Message, why: Message): CmsError {
  return new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('{doing} did not come to an end: {why}.', { doing: l10n.capital(doing), why }),
    {
      remedy: l10n.t(
        'Check the endpoint: another web server, a proxy, or a sign-in page may be answering there.',
      ),
    },
  );
}
