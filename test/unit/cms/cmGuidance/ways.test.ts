import assert from 'node:assert/strict';
import { namesOf } from '../../../../src/cms/cmGuidance/names.ts';
import { judge, topicOf, type Way } from '../../../../src/cms/cmGuidance/ways.ts';

const scope = { partition: 'aws', region: 'us-west-2', accountId: '123456789012' };
const vehicle = { vin: 'TESTVIN0000000001', id: 'VEH-1790000000', thingName: 'TESTVIN0000000001' };
const document = (...statements: [action: string, ...resources: string[]][]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(([Action, ...resources]) => ({
      ...{ Effect: 'Allow', Action },
      Resource: resources.map((resource) => `arn:aws:iot:*:*:${resource}`),
    })),
  });
const stages = ['dev', 'staging', 'prod'];

/** As release 0.4 makes it. */
const RELEASE_04 = document(
  ['iot:Connect', 'client/*'],
  [
    'iot:Publish',
    ...stages.map((stage) => `topic/$aws/rules/cms_${stage}_iot_msk_rule/*`),
    'topic/cms/*',
    'topic/fleet/*',
  ],
  ['iot:Subscribe', 'topicfilter/cms/*'],
);
/** Before the first release. */
const EARLY = document(
  ['iot:Connect', 'client/*'],
  ['iot:Publish', 'topic/$aws/rules/cms_dev_iot_msk_rule/*'],
);
/** As the implementation guide shows it: by variables of the thing. */
const SCOPED = document(
  ['iot:Connect', 'client/${iot:Connection.Thing.ThingName}', 'client/${iot:Connection.Thing.ThingName}-sim'],
  [
    'iot:Publish',
    'topic/$aws/rules/cms_demo_iot_msk_rule/${iot:Connection.Thing.Attributes[vehicleId]}',
    'topic/cms/commands/${iot:Connection.Thing.Attributes[vehicleId]}/response',
  ],
);

const wayOf = (policy: string, stage: string) =>
  judge([policy], { names: namesOf(stage), scope, vehicle }).way;

describe('Where a vehicle of the Guidance sends', () => {
  const cases: [string, string, string, Way | undefined][] = [
    ['0.4, stage dev', RELEASE_04, 'dev', 'rule'],
    ['0.4, stage prod', RELEASE_04, 'prod', 'rule'],
    ['0.4, another stage', RELEASE_04, 'demo', 'topic'],
    ['before 0.1, stage dev', EARLY, 'dev', 'rule'],
    ['before 0.1, another stage', EARLY, 'demo', undefined],
    ['the scoped policy of its stage', SCOPED, 'demo', 'rule'],
    ['the scoped policy of another stage', SCOPED, 'dev', undefined],
  ];
  for (const [name, policy, stage, way] of cases) {
    it(`follows from ${name}`, () => {
      assert.equal(wayOf(policy, stage), way);
    });
  }

  it('is the rule itself, with the id of the vehicle as the only level', () => {
    assert.equal(topicOf(namesOf('dev'), 'rule', 'VEH-1'), '$aws/rules/cms_dev_iot_msk_rule/VEH-1');
    assert.equal(topicOf(namesOf('demo'), 'topic', 'VEH-1'), 'cms/demo/telemetry/VEH-1');
  });

  it('needs the client id that the policies let it connect under', () => {
    const may = (policy: string) => judge([policy], { names: namesOf('demo'), scope, vehicle }).connect;
    assert.equal(may(SCOPED), true);
    assert.equal(may(document(['iot:Connect', 'client/OTHER'])), false);
  });
});
