import assert from 'node:assert/strict';
import { IAM } from '../../../../src/cms/contract/credentials.ts';
import { everyItem } from '../../../../src/cms/contract/pages.ts';
import { l10n } from '../../../../src/core/message.ts';
import { type CountedFleet, countedFleet } from '../../../support/cmsOnAwsFleet.ts';

const { signal } = new AbortController();

describe('Ten thousand vehicles of CMS on AWS @slow', () => {
  let fleet: CountedFleet;
  before(() => {
    fleet = countedFleet(10_000);
  });
  afterEach(() => fleet.calls());

  it('are listed a page at a time: what is not looked at is not read', async () => {
    const first = await fleet.vehicles.list({ size: 100 }, signal);
    assert.deepEqual(
      first.items.map(({ vin }) => vin),
      fleet.vins.filter((_, i) => i % 100 !== 99).slice(0, 100),
    );
    assert.deepEqual(fleet.calls(), { Scan: 1, Query: 100 });
    const { items } = await fleet.vehicles.list({ size: 100, next: first.next ?? '' }, signal);
    assert.equal(new Set([...first.items, ...items].map(({ vin }) => vin)).size, 200);
    assert.deepEqual(fleet.calls(), { Scan: 1, Query: 100 });
  });

  it('are all listed once, with AWS’s own credentials alone, and no page is empty on the way', async () => {
    assert.equal(fleet.vehicles.needs, IAM);
    const sizes: number[] = [];
    const read = async (page: Parameters<CountedFleet['vehicles']['list']>[0]) => {
      const found = await fleet.vehicles.list(page, signal);
      sizes.push(found.items.length);
      return found;
    };
    const listed: string[] = [];
    for await (const { vin } of everyItem(read, l10n.verbatim('listing'))) listed.push(vin);
    assert.deepEqual(listed.toSorted(), fleet.vins);
    assert.ok(sizes.slice(0, -1).every((size) => size > 0));
    const { Query = 0, Scan = 0, BatchGetItem = 0, ListThings = 0, ...others } = fleet.calls();
    assert.deepEqual(others, {});
    // Each vehicle's rows once, and those of the past in a tenth more; all else in pages.
    assert.ok(Query < 12_000, `${Query} queries`);
    assert.ok(Scan + BatchGetItem + ListThings < 1000, `${Scan}, ${BatchGetItem}, ${ListThings}`);
  });

  it('are each found by the VIN with two reads, however it is written', async () => {
    for (const vin of [fleet.vins[0], fleet.vins[5099], fleet.vins.at(-1)]) {
      assert.equal((await fleet.vehicles.find(vin?.toLowerCase() ?? '', signal))?.vin, vin);
      assert.deepEqual(fleet.calls(), { GetItem: 1, Query: 1 });
    }
  });
});
