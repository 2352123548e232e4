import assert from 'node:assert/strict';
import type { Connection } from '../../../../src/aws/connection.ts';
import { beforeClaim } from '../../../../src/cms/cmsOnAws/claimGuard.ts';
import { namesOf } from '../../../../src/cms/cmsOnAws/names.ts';
import type { AuthorizedRow, ProvisionedRow } from '../../../../src/cms/cmsOnAws/rows.ts';
import { refOf } from '../../../../src/cms/cmsOnAws/thingName.ts';
import type { Work } from '../../../../src/core/work.ts';
import { english } from '../../../../src/core/wording.ts';
import { errorOf } from '../../../support/cms.ts';
import { testWork } from '../../../support/works.ts';
import { authorizedRow, memoryStore, provisionedRow } from './memoryStore.ts';

const VIN = 'LSH14J4C4LA046511';
const names = namesOf('cms');
const HOOK = 'arn:aws:lambda:us-west-2:123456789012:function:cms-provisioning-pre-provisioning';

interface Cloud {
  template?: { enabled?: boolean; hook?: string } | undefined;
  certificates: Record<string, string>;
  /** Of the vehicle's thing, if it has one. */
  thingTemplate?: string | undefined;
}

/** AWS IoT with a template and certificates. */
function connectionTo(cloud: Cloud): Connection {
  const send = (command: { constructor: { name: string }; input: Record<string, string> }) => {
    const { certificateId = '' } = command.input;
    const missing = Object.assign(new Error('no'), { name: 'ResourceNotFoundException', $metadata: {} });
    switch (command.constructor.name) {
      case 'DescribeProvisioningTemplateCommand': {
        const { template } = cloud;
        if (template === undefined) return Promise.reject(missing);
        const { enabled = true, hook = HOOK } = template;
        return Promise.resolve({ enabled, templateBody: '{}', preProvisioningHook: { targetArn: hook } });
      }
      case 'DescribeThingCommand':
        return cloud.thingTemplate === undefined
          ? Promise.reject(missing)
          : Promise.resolve({ attributes: { provisioned_by_template: cloud.thingTemplate } });
      case 'DescribeCertificateCommand': {
        const status = cloud.certificates[certificateId];
        if (status === undefined) return Promise.reject(missing);
        return Promise.resolve({
          certificateDescription: { certificateArn: `arn:${certificateId}`, certificateId, status },
        });
      }
      case 'UpdateCertificateCommand':
        cloud.certificates[certificateId] = command.input.newStatus ?? '';
        return Promise.resolve({});
      default:
        return Promise.reject(new Error(command.constructor.name));
    }
  };
  const clock = { now: () => 0 };
  return { clock, iot: () => Promise.resolve({ send }) } as unknown as Connection;
}

function world(
  authorized: AuthorizedRow[],
  rows: ProvisionedRow[],
  { template = {}, certificates = {}, thingTemplate }: Partial<Cloud> = {},
) {
  const cloud: Cloud = { template, certificates, thingTemplate };
  const store = memoryStore(authorized, rows);
  const guard = () => beforeClaim(refOf(VIN), { connection: connectionTo(cloud), names, store }, testWork());
  return { cloud, store, guard, rows };
}

describe('Before a claim for CMS on AWS', () => {
  it('a vehicle that the hook would refuse is not tried', async () => {
    const refused: [AuthorizedRow[], ProvisionedRow[], RegExp][] = [
      [[], [], /not in the list of authorized vehicles/],
      [[authorizedRow(VIN, { allowed: false })], [], /not allowed to be provisioned/],
      [[authorizedRow(VIN, { missing: ['year'] })], [], /lacks year/],
      [
        [authorizedRow(VIN)],
        [provisionedRow(VIN, 'a', { missing: ['make'], status: undefined })],
        /is stuck: one of its rows is incomplete/,
      ],
    ];
    for (const [authorized, rows, words] of refused) {
      const error = await errorOf(world(authorized, rows).guard());
      assert.equal(error.code, 'CLAIM_REJECTED');
      assert.match(error.message, words);
    }
  });

  it('a template that is missing, disabled, or of another app is not used', async () => {
    const others: [Cloud['template'], RegExp][] = [
      [{ enabled: false }, /is disabled/],
      [{ hook: HOOK.replace('cms-', 'other-') }, /does not ask the hook cms-provisioning-pre-provisioning/],
    ];
    for (const [template, words] of others) {
      const error = await errorOf(world([authorizedRow(VIN)], [], { template }).guard());
      assert.equal(error.code, 'TEMPLATE_CONFLICT');
      assert.match(error.message, words);
    }
  });

  it('a row whose certificate is gone is marked as deleted, and no other', async () => {
    const rows = [
      provisionedRow(VIN, 'gone', { status: 'PENDING_ACTIVATION' }),
      provisionedRow(VIN, 'works'),
      provisionedRow(VIN, 'long ago', { status: 'DELETED' }),
      provisionedRow(VIN, 'off', { status: 'INACTIVE' }),
    ];
    const { guard, store } = world([authorizedRow(VIN)], rows, { certificates: { works: 'ACTIVE' } });
    await guard();
    assert.deepEqual(store.log, ['gone DELETED']);
  });

  it('what a refused attempt switched off works again', async () => {
    const rows = [provisionedRow(VIN, 'old')];
    const { guard, cloud } = world([authorizedRow(VIN)], rows, { certificates: { old: 'ACTIVE' } });
    const watch = await guard();
    // The hook, and then a refusal.
    cloud.certificates.old = 'INACTIVE';
    rows[0] = provisionedRow(VIN, 'old', { status: 'INACTIVE' });
    rows.push(provisionedRow(VIN, 'new', { status: 'PENDING_ACTIVATION' }));
    const said = await watch.failed('new', testWork());
    assert.deepEqual(cloud.certificates, { old: 'ACTIVE' });
    assert.deepEqual(
      rows.map(({ certificateId, status }) => [certificateId, status]),
      [
        ['old', 'ACTIVE'],
        ['new', 'DELETED'],
      ],
    );
    assert.match(said.map(english).join(), /Certificate old of .* is ACTIVE again/);
  });

  it('what cannot be put back is said', async () => {
    const rows = [provisionedRow(VIN, 'old')];
    const { guard, cloud } = world([authorizedRow(VIN)], rows, { certificates: { old: 'ACTIVE' } });
    const watch = await guard();
    rows.push(provisionedRow(VIN, 'new', { status: 'DELETED' }));
    delete cloud.certificates.old;
    assert.match(
      (await watch.failed('new', testWork())).map(english).join(),
      /worked with, old, is gone: the vehicle needs a new one/,
    );
  });

  it('what another run has taken the place of stays off', async () => {
    for (const status of ['ACTIVE', 'PENDING_ACTIVATION'] as const) {
      const rows = [provisionedRow(VIN, 'old')];
      const { guard, cloud, store } = world([authorizedRow(VIN)], rows, { certificates: { old: 'ACTIVE' } });
      const watch = await guard();
      cloud.certificates = { old: 'INACTIVE', theirs: status };
      rows[0] = provisionedRow(VIN, 'old', { status: 'INACTIVE' });
      rows.push(provisionedRow(VIN, 'theirs', { status }), provisionedRow(VIN, 'new', { status: 'DELETED' }));
      const said = (await watch.failed('new', testWork())).map(english).join();
      assert.match(said, /Another run has provisioned .* with certificate theirs: .* stays off/);
      assert.deepEqual([cloud.certificates.old, store.log], ['INACTIVE', ['new DELETED']]);
    }
  });

  it('a late registration is left as it is', async () => {
    const rows = [provisionedRow(VIN, 'old')];
    const { guard, cloud, store } = world([authorizedRow(VIN)], rows, { certificates: { old: 'ACTIVE' } });
    const watch = await guard();
    // The hook is through, and AWS IoT goes on.
    cloud.certificates.old = 'INACTIVE';
    cloud.certificates.new = 'PENDING_ACTIVATION';
    rows[0] = provisionedRow(VIN, 'old', { status: 'INACTIVE' });
    rows.push(provisionedRow(VIN, 'new', { status: 'PENDING_ACTIVATION' }));
    const work = quickWork(() => {
      cloud.certificates.new = 'ACTIVE';
    });
    assert.deepEqual(await watch.failed('new', work), []);
    assert.deepEqual(store.log, []);
    assert.deepEqual(cloud.certificates, { old: 'INACTIVE', new: 'ACTIVE' });
  });

  it('a registration that does not come is put back', async () => {
    const rows = [provisionedRow(VIN, 'old', { status: 'PENDING_ACTIVATION' })];
    const { guard, cloud } = world([authorizedRow(VIN)], rows, { certificates: { old: 'ACTIVE' } });
    const watch = await guard();
    cloud.certificates.old = 'INACTIVE';
    cloud.certificates.new = 'PENDING_ACTIVATION';
    rows[0] = provisionedRow(VIN, 'old', { status: 'INACTIVE' });
    rows.push(provisionedRow(VIN, 'new', { status: 'PENDING_ACTIVATION' }));
    await watch.failed('new', quickWork());
    assert.deepEqual(
      rows.map(({ certificateId, status }) => [certificateId, status]),
      [
        ['old', 'ACTIVE'],
        ['new', 'DELETED'],
      ],
    );
  });

  it('a hook that may still be at work is named', async () => {
    const rows = [provisionedRow(VIN, 'old')];
    const { guard, store } = world([authorizedRow(VIN)], rows, {
      certificates: { old: 'ACTIVE', new: 'PENDING_ACTIVATION' },
    });
    const watch = await guard();
    const said = (await watch.failed('new', quickWork())).map(english).join();
    assert.match(said, /may still switch the certificate of .* off within a minute.*Run doctor/s);
    assert.deepEqual(store.log, ['new DELETED']);
  });

  it('a vehicle of another app is not tried', async () => {
    const { guard, store } = world([authorizedRow(VIN)], [], { thingTemplate: 'b--provisioning-template' });
    const error = await errorOf(guard());
    assert.equal(error.code, 'TEMPLATE_CONFLICT');
    assert.match(error.message, /Thing Vehicle_.* belongs to another app: template b--provisioning-template/);
    assert.deepEqual(store.log, []);
    await world([authorizedRow(VIN)], [], { thingTemplate: names.template }).guard();
  });
});

/** Work whose time passes as soon as it is waited for. */
function quickWork(onSleep = (): void => undefined): Work {
  let time = 0;
  return {
    ...testWork(),
    clock: {
      now: () => time,
      sleep(ms) {
        time += ms;
        onSleep();
        return Promise.resolve();
      },
    },
  };
}
