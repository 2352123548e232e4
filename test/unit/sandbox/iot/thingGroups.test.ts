import assert from 'node:assert/strict';
import { ALLOW, createTestIot, names, type TestIot } from './harness.ts';

const ARN = 'arn:aws:iot:us-west-2:123456789012:thinggroup';

describe('IoT thing groups', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
    await iot.ok('POST', '/things/car', {});
    await iot.ok('POST', '/thing-groups/fleet', {});
  });

  const add = (thingGroupName: string, thingName: string) =>
    iot.ok('PUT', '/thing-groups/addThingToThingGroup', { thingGroupName, thingName });
  const groupsOfCar = async () =>
    names((await iot.ok('GET', '/things/car/thing-groups')).thingGroups, 'groupName');

  it('are made once, with what is said of them', async () => {
    const wish = {
      parentGroupName: 'fleet',
      thingGroupProperties: { thingGroupDescription: 'ours', attributePayload: { attributes: { a: 'b' } } },
    };
    const made = await iot.ok('POST', '/thing-groups/sub', wish);
    assert.equal(made.thingGroupArn, `${ARN}/sub`);
    assert.deepEqual(await iot.ok('POST', '/thing-groups/sub', wish), made);
    await iot.refused('ResourceAlreadyExistsException', 409, 'POST', '/thing-groups/sub', {});
    const shown = await iot.ok('GET', '/thing-groups/sub');
    assert.deepEqual(shown.thingGroupProperties, wish.thingGroupProperties);
    assert.deepEqual(shown.thingGroupMetadata, {
      parentGroupName: 'fleet',
      rootToParentThingGroups: [{ groupName: 'fleet', groupArn: `${ARN}/fleet` }],
      creationDate: iot.context.clock.now() / 1000,
    });
    assert.deepEqual(
      names((await iot.ok('GET', '/thing-groups?parentGroup=fleet')).thingGroups, 'groupName'),
      ['sub'],
    );
    await iot.refused('ResourceNotFoundException', 404, 'POST', '/thing-groups/x', { parentGroupName: 'y' });
  });

  it('take things in and let them go, twice as well as once', async () => {
    await add('fleet', 'car');
    await add('fleet', 'car');
    assert.deepEqual(await groupsOfCar(), ['fleet']);
    assert.deepEqual((await iot.ok('GET', '/thing-groups/fleet/things')).things, ['car']);
    const leave = { thingGroupArn: `${ARN}/fleet`, thingArn: 'arn:aws:iot:us-west-2:123456789012:thing/car' };
    await iot.ok('PUT', '/thing-groups/removeThingFromThingGroup', leave);
    await iot.ok('PUT', '/thing-groups/removeThingFromThingGroup', leave);
    assert.deepEqual(await groupsOfCar(), []);
  });

  it('know neither things nor groups that are not there', async () => {
    const join = (thingGroupName: string, thingName: string) =>
      iot.refused('ResourceNotFoundException', 404, 'PUT', '/thing-groups/addThingToThingGroup', {
        thingGroupName,
        thingName,
      });
    assert.match(await join('nowhere', 'car'), /Thing group nowhere/);
    assert.match(await join('fleet', 'nobody'), /Thing nobody/);
  });

  it('forget a thing that is deleted, and things a group that is deleted', async () => {
    await add('fleet', 'car');
    await iot.ok('DELETE', '/things/car');
    assert.deepEqual((await iot.ok('GET', '/thing-groups/fleet/things')).things, []);
    await iot.ok('POST', '/things/car', {});
    await add('fleet', 'car');
    await iot.ok('DELETE', '/thing-groups/fleet');
    assert.deepEqual(await groupsOfCar(), []);
    await iot.refused('ResourceNotFoundException', 404, 'GET', '/thing-groups/fleet');
  });

  it('are not deleted while others are below', async () => {
    await iot.ok('POST', '/thing-groups/sub', { parentGroupName: 'fleet' });
    await iot.refused('InvalidRequestException', 400, 'DELETE', '/thing-groups/fleet');
  });

  it('give their policies, and those of the groups above, to a certificate of the thing', async () => {
    await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
    await iot.ok('POST', '/thing-groups/sub', { parentGroupName: 'fleet' });
    await iot.ok('PUT', '/target-policies/p', { target: `${ARN}/fleet` });
    const { id, arn } = await iot.certificate();
    await iot.ok('PUT', '/things/car/principals', undefined, { 'x-amzn-principal': arn });
    const changes: string[] = [];
    iot.iot.registry.onCertificateChange((changed) => changes.push(changed));

    assert.deepEqual(iot.iot.registry.groupPolicyDocuments('car'), []);
    await add('sub', 'car');
    assert.deepEqual(iot.iot.registry.groupPolicyDocuments('car'), [ALLOW]);
    assert.deepEqual(changes.splice(0), [id]);

    await iot.ok('POST', '/target-policies/p', { target: `${ARN}/fleet` });
    assert.deepEqual(iot.iot.registry.groupPolicyDocuments('car'), []);
    assert.deepEqual(changes, [id]);
  });

  it('are targets of policies as certificates are', async () => {
    await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
    await iot.ok('PUT', '/target-policies/p', { target: `${ARN}/fleet` });
    const at = `/attached-policies/${encodeURIComponent(`${ARN}/fleet`)}`;
    assert.deepEqual(names((await iot.ok('POST', at)).policies, 'policyName'), ['p']);
    assert.deepEqual((await iot.ok('POST', '/policy-targets/p')).targets, [`${ARN}/fleet`]);
    await iot.refused('ResourceNotFoundException', 404, 'PUT', '/target-policies/p', {
      target: `${ARN}/nowhere`,
    });
  });

  it('are given by a template to a new thing, and to an old one as it says', async () => {
    const body = (override?: string) =>
      JSON.stringify({
        Resources: {
          thing: {
            Type: 'AWS::IoT::Thing',
            Properties: { ThingName: 'bus', ThingGroups: ['fleet'] },
            ...(override === undefined ? {} : { OverrideSettings: { ThingGroups: override } }),
          },
        },
      });
    await iot.iot.registry.registerThing(body(), {});
    const groups = async () =>
      names((await iot.ok('GET', '/things/bus/thing-groups')).thingGroups, 'groupName');
    assert.deepEqual(await groups(), ['fleet']);
    await iot.ok('POST', '/thing-groups/other', {});
    await add('other', 'bus');
    await iot.iot.registry.registerThing(body('DO_NOTHING'), {});
    assert.deepEqual(await groups(), ['fleet', 'other']);
    await iot.iot.registry.registerThing(body('REPLACE'), {});
    assert.deepEqual(await groups(), ['fleet']);
  });
});
