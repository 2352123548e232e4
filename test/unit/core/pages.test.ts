import assert from 'node:assert/strict';
import { l10n } from '../../../src/core/message.ts';
import { endingPages } from '../../../src/core/pages.ts';

interface Page {
  items: number[];
  next: string | undefined;
}

async function* pages(make: (index: number) => Page): AsyncGenerator<Page> {
  for (let i = 0; ; i++) {
    const page = await Promise.resolve(make(i));
    yield page;
    if (page.next === undefined) return;
  }
}

async function read(make: (index: number) => Page, most?: number): Promise<number[]> {
  const found: number[] = [];
  const ending = endingPages(pages(make), l10n.t('listing the users'), (page) => page, most);
  for await (const { items } of ending) found.push(...items);
  return found;
}

const refused = (why: RegExp) => ({ code: 'AWS_ANSWER_UNEXPECTED', message: why });

describe('Pages of a list', () => {
  it('are read to the last, some of them empty', async () => {
    const found = await read((i) => ({ items: i % 2 === 0 ? [i] : [], next: i < 9 ? `t${i}` : undefined }));
    assert.deepEqual(found, [0, 2, 4, 6, 8]);
  });

  it('end when the same token comes again, at once or later', async () => {
    await assert.rejects(
      read((i) => ({ items: [i], next: 'same' })),
      refused(/^Listing the users did not come to an end: a page was returned twice\.$/),
    );
    await assert.rejects(
      read((i) => ({ items: [i], next: `t${i % 3}` })),
      refused(/returned twice/),
    );
  });

  it('end when the same items come again under another token', async () => {
    await assert.rejects(
      read((i) => ({ items: [1, 2], next: `t${i}` })),
      refused(/returned twice/),
    );
  });

  it('end when page after page is empty, and when there are too many', async () => {
    await assert.rejects(
      read((i) => ({ items: [], next: `t${i}` })),
      refused(/one page after another is empty/),
    );
    await assert.rejects(
      read((i) => ({ items: [i], next: `t${i}` }), 20),
      refused(/more than 20 pages/),
    );
  });
});
