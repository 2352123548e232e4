import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import { conditionOf } from '../../../../src/cms/cmsOnAws/condition.ts';
import { listPage } from '../../../../src/cms/cmsOnAws/listing.ts';
import { namesOf } from '../../../../src/cms/cmsOnAws/names.ts';
import { recognise } from '../../../../src/cms/cmsOnAws/recognize.ts';
import { type ProvisionedRow, provisionedRowOf, authorizedRowOf } from '../../../../src/cms/cmsOnAws/rows.ts';
import { everyPage } from '../../../../src/cms/contract/pages.ts';
import type { ListedStack } from '../../../../src/cms/contract/stacks.ts';
import { l10n } from '../../../../src/core/message.ts';
import { english } from '../../../../src/core/wording.ts';
import { systemClock } from '../../../../src/core/work.ts';
import { authorizedRow, memoryStore, provisionedRow } from './memoryStore.ts';

const names = namesOf('cms');

async function listed(
  store: ReturnType<typeof memoryStore>,
  things: { thingName: string; attributes?: Record<string, string> }[],
  size: number,
) {
  const connection = {
    clock: systemClock,
    random: () => 0,
    iot: () => Promise.resolve({ send: () => Promise.resolve({ things }) }),
  } as unknown as Connection;
  const { signal } = new AbortController();
  const found = [];
  const pages = everyPage(
    (page) => listPage({ connection, names, store }, page, signal),
    l10n.verbatim('x'),
    size,
  );
  for await (const { items } of pages) found.push(...items);
  return found;
}

describe('Vehicles of CMS on AWS', () => {
  it('are listed once each, from both tables and AWS IoT, however small the pages', async () => {
    const authorized = ['A1', 'A2', 'A3'].map((vin) => authorizedRow(vin));
    const rows = [
      provisionedRow('A1', '1'),
      provisionedRow('B1', '2', { status: 'INACTIVE' }),
      provisionedRow('B1', '3', { status: 'DELETED' }),
      provisionedRow('B1', '4', { status: 'DELETED' }),
      provisionedRow('B0', '0', { status: 'DELETED' }),
      provisionedRow('B2', '5', { make: 'AUTHORIZED_VEHICLE_NOT_FOUND', status: 'DELETED' }),
    ];
    const things = [
      { thingName: 'Vehicle_A1', attributes: { vin: 'A1' } },
      { thingName: 'Vehicle_B1', attributes: { vin: 'B1' } },
      { thingName: 'Vehicle_C1', attributes: { vin: 'C1' } },
    ];
    for (const size of [1, 2, 100]) {
      const found = await listed(memoryStore([...authorized], [...rows]), things, size);
      assert.deepEqual(
        found.map(({ vin, thingName, attributes }) => [vin, thingName, attributes.condition]),
        [
          ['A1', 'Vehicle_A1', 'connected'],
          ['A2', 'Vehicle_A2', 'authorized'],
          ['A3', 'Vehicle_A3', 'authorized'],
          ['B1', 'Vehicle_B1', 'certificate-off'],
          ['B2', 'Vehicle_B2', 'refused'],
          ['C1', 'Vehicle_C1', 'leftover'],
        ],
        `pages of ${size}`,
      );
    }
  });

  it('are all on one page where they fit, which then has no next', async () => {
    const connection = {
      clock: systemClock,
      random: () => 0,
      iot: () => Promise.resolve({ send: () => Promise.resolve({ things: [] }) }),
    } as unknown as Connection;
    const { signal } = new AbortController();
    const gone = Array.from({ length: 30 }, (_, i) =>
      provisionedRow(`G${i}`, String(i), { status: 'DELETED' }),
    );
    const store = memoryStore([authorizedRow('A1')], [...gone, provisionedRow('B1', 'b')]);
    const page = await listPage({ connection, names, store }, { size: 20 }, signal);
    assert.deepEqual([page.items.map(({ vin }) => vin), page.next], [['A1', 'B1'], undefined]);
  });

  it('have a condition that says what keeps them', () => {
    const kindOf = (rows: ProvisionedRow[], certificate?: string, authorized = authorizedRow('V')) =>
      conditionOf({ authorized, rows, certificate }).kind;
    assert.equal(kindOf([]), 'authorized');
    assert.equal(kindOf([], undefined, authorizedRow('V', { allowed: false })), 'not-allowed');
    assert.equal(kindOf([], undefined, authorizedRow('V', { missing: ['make'] })), 'stuck');
    assert.equal(kindOf([provisionedRow('V', 'a', { status: 'PENDING_ACTIVATION' })]), 'pending');
    assert.equal(kindOf([provisionedRow('V', 'a', { status: 'PENDING_ACTIVATION' })], 'gone'), 'stuck');
    assert.equal(kindOf([provisionedRow('V', 'a', { hasConnected: false })]), 'provisioned');
    assert.equal(kindOf([provisionedRow('V', 'a')], 'ACTIVE'), 'connected');
    assert.equal(kindOf([provisionedRow('V', 'a')], 'gone'), 'stuck');
    assert.equal(kindOf([provisionedRow('V', 'a')], 'INACTIVE'), 'certificate-off');
    assert.equal(
      kindOf([provisionedRow('V', 'a'), provisionedRow('V', 'b', { missing: ['make'] })]),
      'stuck',
    );
    const foreign = [provisionedRow('V', 'a', { missing: ['make'], status: undefined })];
    assert.equal(
      conditionOf({ authorized: undefined, rows: foreign, otherTemplate: 'b--provisioning-template' }).kind,
      'foreign',
    );
  });

  it('are told to run what helps', () => {
    const remedyOf = (rows: ProvisionedRow[], certificate?: string, authorized = authorizedRow('V')) => {
      const { remedy } = conditionOf({ authorized, rows, certificate });
      return /^Run (\w+)/.exec(remedy === undefined ? '' : english(remedy))?.[1];
    };
    const partial = provisionedRow('V', 'a', { missing: ['make'] });
    assert.equal(remedyOf([partial]), 'doctor');
    assert.equal(remedyOf([provisionedRow('V', 'a')], 'gone'), 'doctor');
    assert.equal(remedyOf([provisionedRow('V', 'a')], 'INACTIVE'), 'doctor');
    assert.equal(remedyOf([provisionedRow('V', 'a', { status: 'INACTIVE' })], 'gone'), 'onboard');
    assert.equal(remedyOf([provisionedRow('V', 'a')], 'REVOKED'), 'onboard');
    assert.equal(remedyOf([], undefined, authorizedRow('V', { missing: ['make'] })), 'onboard');
  });

  it('have rows that are read as the hook reads them', () => {
    const item = {
      ...{ vin: { S: 'V' }, make: { S: 'Acme' }, model: { S: 'DN' }, year: { N: '2024' } },
      allow_provisioning: { S: 'false' },
    };
    const row = authorizedRowOf(item);
    assert.deepEqual(
      [row.allowed, row.year, row.missing],
      [true, '2024', []],
      'a text that is not empty is true',
    );
    assert.equal(authorizedRowOf({ ...item, allow_provisioning: { BOOL: false } }).allowed, false);
    assert.equal(authorizedRowOf({ ...item, allow_provisioning: { N: '0' } }).allowed, false);
    assert.equal(authorizedRowOf({ ...item, allow_provisioning: { N: '1' } }).allowed, true);
    assert.deepEqual(authorizedRowOf({ vin: { S: 'V' } }).missing, [
      'make',
      'model',
      'year',
      'allow_provisioning',
    ]);
    // What "vehicleactive/" with a wrong key makes.
    const partial = provisionedRowOf({
      ...{ vin: { S: 'V' }, certificate_id: { S: 'a' }, has_vehicle_connected_once: { BOOL: true } },
    });
    assert.equal(partial.status, undefined);
    assert.deepEqual(partial.missing, [
      'make',
      'model',
      'year',
      'region',
      'thing_name',
      'certificate_status',
    ]);
    const whole = {
      ...{
        vin: { S: 'V' },
        certificate_id: { S: 'a' },
        make: { S: 'A' },
        model: { S: 'B' },
        year: { S: '1' },
      },
      ...{ region: { S: 'us-west-2' }, thing_name: { S: 'Vehicle_V' } },
      has_vehicle_connected_once: { BOOL: false },
    };
    assert.deepEqual(provisionedRowOf({ ...whole, certificate_status: { S: 'ACTIVE' } }).missing, []);
    assert.deepEqual(provisionedRowOf({ ...whole, certificate_status: { S: 'LOST' } }).missing, [
      'certificate_status',
    ]);
  });
});

describe('Stacks of CMS on AWS', () => {
  const stack = (name: string, module: string, app?: string, status = 'CREATE_COMPLETE'): ListedStack => ({
    ...{ name, id: `arn:${name}`, status, outputs: {}, createdAt: undefined },
    description: `(SO0241-CMS.1) connected-mobility-solution-on-aws - ${module}. Version v3.0.0 and prose`,
    parameters: app === undefined ? {} : { AppUniqueId: app },
    ...{ parentId: undefined, rootId: undefined },
  });

  it('belong together by their app id, whatever they are called', () => {
    const found = recognise('cms-on-aws', [
      stack('network', 'vpc'),
      stack('one', 'cms-config', 'fleet-a'),
      stack('two', 'cms-provisioning', 'fleet-a'),
      stack('three', 'cms-config', 'b'),
      stack('four', 'cms-provisioning', 'b', 'CREATE_IN_PROGRESS'),
      stack('five', 'cms-connect-store', 'fleet-a'),
      stack('six', 'cms-api', 'nobody'),
    ]);
    assert.deepEqual(
      found.map(({ name, stack: { name: of }, parts, state }) => [name, of, Object.keys(parts), state.kind]),
      [
        ['fleet-a', 'one', ['cms-provisioning', 'cms-connect-store'], 'ready'],
        ['b', 'three', ['cms-provisioning'], 'in-progress'],
      ],
    );
  });
});
