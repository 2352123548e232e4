import assert from 'node:assert/strict';
import { createStoredList } from '../../../../src/cms/cmsOnAws/graphql/vehiclesWithTelemetry.ts';
import { ROWS_A_PAGE, type TelemetryQuery } from '../../../../src/cms/cmsOnAws/graphql/telemetryQuery.ts';
import { systemClock } from '../../../../src/core/work.ts';

/** A store with so many messages of each vehicle. */
function listOf(messages: Record<string, number>) {
  const rows = Object.entries(messages).flatMap(([vin, count]) => Array.from({ length: count }, () => vin));
  const query: TelemetryQuery = {
    knows: () => assert.fail('not asked'),
    page(page) {
      const vins = rows.slice(page * 100, page * 100 + ROWS_A_PAGE);
      return Promise.resolve({ kind: 'found', value: { vins, isLast: vins.length < ROWS_A_PAGE } });
    },
  };
  const list = createStoredList(query, { clock: systemClock, random: () => 0 });
  return async (): Promise<string[][]> => {
    const { signal } = new AbortController();
    const pages: string[][] = [];
    let next: string | undefined;
    do {
      const page = await list.page({ size: 100, ...(next === undefined ? {} : { next }) }, signal);
      pages.push(page.items.map(({ key }) => key));
      next = page.next;
    } while (next !== undefined);
    return pages;
  };
}

describe('The vehicles that GraphQL has telemetry of', () => {
  it('have no next page after the last vehicle, however many messages it sent', async () => {
    for (const count of [1, 98, 99, 100, 250, 5000])
      assert.deepEqual(await listOf({ A: count })(), [['A']], `${count} messages`);
  });

  it('are found behind the messages of the ones before', async () => {
    assert.deepEqual(await listOf({ A: 5000, B: 3, C: 120, D: 1 })(), [['A'], ['B', 'C'], ['D']]);
  });
});
