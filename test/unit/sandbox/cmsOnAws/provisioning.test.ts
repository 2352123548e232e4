import assert from 'node:assert/strict';
import { canonicalVin } from '../../../../src/sandbox/installations/cmsOnAws/records.ts';
import { namesOf } from '../../../../src/sandbox/installations/cmsOnAws/names.ts';
import { createProvisioningFunctions } from '../../../../src/sandbox/installations/cmsOnAws/provisioning.ts';
import { createDynamoDb } from '../../../../src/sandbox/services/dynamodb/dynamodb.ts';
import type { Item, Value } from '../../../../src/sandbox/services/dynamodb/values.ts';
import { createTestIot, ALLOW, type TestIot } from '../iot/harness.ts';

const VIN = 'KMHFG4JG1CA181127';
const TEMPLATE = 'cms--provisioning-template';

interface Setup {
  iot: TestIot;
  hook: (parameters: Record<string, string>, certificateId: string) => unknown;
  functions: ReturnType<typeof createProvisioningFunctions>;
  authorise: (change?: Record<string, Value | undefined>) => void;
  row: (certificateId: string, vin?: string) => Item | undefined;
  statuses: () => Record<string, string>;
  put: (item: Item) => void;
  /** Provisions a vehicle as fleet provisioning does: hook, registration, event. */
  provision: () => Promise<string>;
}

const S = (S: string): Value => ({ S });

async function setUp(): Promise<Setup> {
  const iot = await createTestIot();
  const names = namesOf('cms', '123456789012', 'us-west-2');
  const dynamoDb = createDynamoDb(iot.context);
  const vin = { name: 'vin', type: 'S' } as const;
  dynamoDb.tables.ensure({ name: names.authorised, hash: vin });
  dynamoDb.tables.ensure({
    name: names.provisioned,
    hash: vin,
    range: { name: 'certificate_id', type: 'S' },
  });
  const provisioned = dynamoDb.tables.find(names.provisioned);
  const functions = createProvisioningFunctions(iot.context, { dynamoDb, iot: iot.iot }, names);
  const hook: Setup['hook'] = (parameters, certificateId) =>
    functions.preProvisioning({ certificateId, parameters });
  const authorise: Setup['authorise'] = (change = {}) => {
    const whole: Record<string, Value | undefined> = {
      vin: S(VIN),
      make: S('Hyundai'),
      model: S('Elantra'),
      year: S('2012'),
      allow_provisioning: { BOOL: true },
      ...change,
    };
    const item = Object.fromEntries(
      Object.entries(whole).filter((entry): entry is [string, Value] => entry[1] !== undefined),
    );
    dynamoDb.tables.find(names.authorised).put(item);
  };
  return {
    iot,
    hook,
    functions,
    authorise,
    row: (certificateId, of = VIN) => provisioned.get({ vin: S(of), certificate_id: S(certificateId) }),
    statuses: () =>
      Object.fromEntries(
        provisioned
          .partition(S(VIN))
          .map((item) => [text(item, 'certificate_id'), text(item, 'certificate_status')]),
      ),
    put: (item) => provisioned.put(item),
    async provision() {
      const { id, arn } = await iot.certificate(false);
      assert.deepEqual(hook({ vin: VIN }, id), { allowProvisioning: true, parameterOverrides: {} });
      const attributes = { vin: VIN, certificate_id: id, provisioned_by_template: TEMPLATE };
      const exists = iot.iot.registry.thing(`Vehicle_${VIN}`) !== undefined;
      await iot.ok(exists ? 'PATCH' : 'POST', `/things/Vehicle_${VIN}`, { attributePayload: { attributes } });
      await iot.ok('PUT', `/things/Vehicle_${VIN}/principals`, undefined, { 'x-amzn-principal': arn });
      await iot.ok('PUT', `/certificates/${id}?newStatus=ACTIVE`);
      functions.postProvisioning({ operation: 'UPDATED', thingName: `Vehicle_${VIN}`, attributes });
      return id;
    },
  };
}

function text(item: Item | undefined, name: string): string {
  const value = item?.[name];
  return value !== undefined && 'S' in value ? value.S : '';
}

describe('provisioning of CMS on AWS in the sandbox', () => {
  let test: Setup;
  beforeEach(async () => {
    test = await setUp();
  });
  const fresh = async () => (await test.iot.certificate(false)).id;

  describe('the hook', () => {
    it('refuses who names no VIN, and touches nothing', async () => {
      const id = await fresh();
      assert.deepEqual(test.hook({}, id), { allowProvisioning: false, parameterOverrides: {} });
      assert.ok(test.iot.iot.registry.certificate(id) !== undefined);
      assert.deepEqual(test.statuses(), {});
    });

    it('allows a vehicle, and keeps a whole row of it', async () => {
      test.authorise({ year: { N: '2012' } });
      const id = await fresh();
      assert.deepEqual(test.hook({ vin: VIN }, id), { allowProvisioning: true, parameterOverrides: {} });
      assert.deepEqual(test.row(id), {
        vin: S(VIN),
        certificate_id: S(id),
        make: S('Hyundai'),
        model: S('Elantra'),
        year: S('2012'),
        region: S('us-west-2'),
        thing_name: S(`Vehicle_${VIN}`),
        certificate_status: S('PENDING_ACTIVATION'),
        has_vehicle_connected_once: { BOOL: false },
      });
    });

    it('refuses a stranger: its certificate is gone, and the row says so', async () => {
      const id = await fresh();
      assert.deepEqual(test.hook({ vin: VIN }, id), { allowProvisioning: false, parameterOverrides: {} });
      assert.equal(test.iot.iot.registry.certificate(id), undefined);
      assert.equal(text(test.row(id), 'certificate_status'), 'DELETED');
      assert.equal(text(test.row(id), 'make'), 'AUTHORIZED_VEHICLE_NOT_FOUND');
    });

    it('takes the text "false" for true, and the value for no', async () => {
      test.authorise({ allow_provisioning: S('false') });
      assert.deepEqual(test.hook({ vin: VIN }, await fresh()), {
        allowProvisioning: true,
        parameterOverrides: {},
      });
      test.authorise({ allow_provisioning: { BOOL: false } });
      assert.deepEqual(test.hook({ vin: VIN }, await fresh()), {
        allowProvisioning: false,
        parameterOverrides: {},
      });
    });

    it('switches the working certificate off before it refuses', async () => {
      test.authorise();
      const working = await test.provision();
      test.authorise({ allow_provisioning: { BOOL: false } });
      test.hook({ vin: VIN }, await fresh());
      assert.equal(test.iot.iot.registry.certificate(working)?.status, 'INACTIVE');
      assert.equal(test.statuses()[working], 'INACTIVE');
    });

    it('fails at an authorised row that lacks something, with the working certificate off', async () => {
      test.authorise();
      const working = await test.provision();
      test.authorise({ model: undefined });
      const id = await fresh();
      assert.throws(() => test.hook({ vin: VIN }, id), /'model'/);
      assert.equal(test.iot.iot.registry.certificate(working)?.status, 'INACTIVE');
      assert.equal(test.row(id), undefined);
    });

    it('fails at a partial row until it is gone', async () => {
      test.authorise();
      test.functions.initialConnection({ vin: VIN, certificate_id: 'f'.repeat(64) });
      assert.deepEqual(test.row('f'.repeat(64)), {
        vin: S(VIN),
        certificate_id: S('f'.repeat(64)),
        has_vehicle_connected_once: { BOOL: true },
      });
      const id = await fresh();
      assert.throws(() => test.hook({ vin: VIN }, id), /missing a required argument/);
    });

    it('fails at an ACTIVE row whose certificate is gone', async () => {
      test.authorise();
      const working = await test.provision();
      await test.iot.ok('DELETE', `/things/Vehicle_${VIN}/principals`, undefined, {
        'x-amzn-principal': `arn:aws:iot:us-west-2:123456789012:cert/${working}`,
      });
      await test.iot.ok('PUT', `/certificates/${working}?newStatus=INACTIVE`);
      await test.iot.ok('DELETE', `/certificates/${working}`);
      const id = await fresh();
      assert.throws(() => test.hook({ vin: VIN }, id), { code: 'ResourceNotFoundException' });
      assert.equal(test.row(id), undefined);
    });

    it('fails at a status that it does not know', async () => {
      test.authorise();
      const working = await test.provision();
      test.put({ ...test.row(working), certificate_status: S('SUSPENDED') });
      const id = await fresh();
      assert.throws(() => test.hook({ vin: VIN }, id), /SUSPENDED/);
    });
  });

  describe('the step after it', () => {
    it('makes the row ACTIVE and removes the certificate before', async () => {
      test.authorise();
      const first = await test.provision();
      await test.iot.ok('POST', '/policies/extra', { policyDocument: ALLOW });
      await test.iot.ok('PUT', '/target-policies/extra', {
        target: `arn:aws:iot:us-west-2:123456789012:cert/${first}`,
      });
      const second = await test.provision();
      assert.deepEqual(test.statuses(), { [first]: 'DELETED', [second]: 'ACTIVE' });
      assert.equal(test.iot.iot.registry.certificate(first), undefined);
      assert.deepEqual(test.iot.iot.registry.thingsOf(second), [`Vehicle_${VIN}`]);
    });

    it('fails at things of others', () => {
      const event = { operation: 'CREATED', thingName: 'car', attributes: { vin: VIN } };
      assert.throws(() => test.functions.postProvisioning(event), /was not provisioned by/);
    });

    it('does nothing for a thing that is deleted', () => {
      const attributes = { vin: VIN, certificate_id: 'c', provisioned_by_template: TEMPLATE };
      test.functions.postProvisioning({ operation: 'DELETED', thingName: `Vehicle_${VIN}`, attributes });
      assert.deepEqual(test.statuses(), {});
    });

    it('leaves a partial row, and fails at it, when the VIN was sent in small letters', async () => {
      test.authorise();
      const id = await fresh();
      const sent = VIN.toLowerCase();
      assert.deepEqual(test.hook({ vin: sent }, id), { allowProvisioning: true, parameterOverrides: {} });
      const attributes = { vin: sent, certificate_id: id, provisioned_by_template: TEMPLATE };
      assert.throws(
        () =>
          test.functions.postProvisioning({ operation: 'CREATED', thingName: `Vehicle_${sent}`, attributes }),
        /missing a required argument/,
      );
      assert.deepEqual(test.row(id, sent), {
        vin: S(sent),
        certificate_id: S(id),
        certificate_status: S('ACTIVE'),
      });
      assert.equal(text(test.row(id), 'certificate_status'), 'PENDING_ACTIVATION');
    });
  });

  it('compares VINs without marks and in capitals', () => {
    assert.deepEqual(['kmh-fg4 jg1', 'KMHFG4JG1', 'a_b', 'wvwzzzßé'].map(canonicalVin), [
      'KMHFG4JG1',
      'KMHFG4JG1',
      'AB',
      'WVWZZZSSÉ',
    ]);
  });
});
