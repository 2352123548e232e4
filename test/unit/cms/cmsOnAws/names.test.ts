import assert from 'node:assert/strict';
import { namesOf } from '../../../../src/cms/cmsOnAws/names.ts';
import { policyAllows } from '../../../../src/cms/kit/policyAllows.ts';
import { storedProblem } from '../../../../src/cms/cmsOnAws/judgeStored.ts';
import { canonicalVin, refOf } from '../../../../src/cms/cmsOnAws/thingName.ts';
import { english } from '../../../../src/core/wording.ts';
import { bytesOf } from '../../../support/bytes.ts';

describe('Names of CMS on AWS', () => {
  it('carry the app id, with underscores in the names of rules', () => {
    const names = namesOf('my-app');
    assert.equal(names.template, 'my-app--provisioning-template');
    assert.equal(names.claimSecret, 'solution/my-app/provisioning/provisioning-credentials');
    assert.equal(names.registry, '/solution/my-app');
    assert.deepEqual(names.storageRules, [
      'my_app_connect_store_iot_save_to_s3_json',
      'my_app_connect_store_iot_send_to_kinesis',
    ]);
  });

  it('make a VIN canonical as the hook does', () => {
    assert.equal(canonicalVin(' kmhfg4jg1-ca_18'), 'KMHFG4JG1CA18');
    assert.deepEqual(refOf('kmh 1'), { vin: 'KMH1', id: 'KMH1', thingName: 'Vehicle_KMH1' });
    assert.equal(refOf('Vehicle_KMH1').vin, 'KMH1');
    for (const wrong of ['', '--', 'Ä1', 'A'.repeat(121)]) {
      assert.throws(() => refOf(wrong), { code: 'VIN_INVALID' }, wrong);
    }
  });
});

describe('What policies of AWS IoT allow', () => {
  const topic = 'arn:aws:iot:us-west-2:123456789012:topic/cms/data/Vehicle_A';
  const statement = (
    Resource: string | string[],
    Effect = 'Allow',
    Action: string | string[] = 'iot:Publish',
  ) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] });
  const allows = (...documents: string[]) => policyAllows(documents, 'iot:Publish', topic, 'Vehicle_A');
  const all = 'arn:aws:iot:us-west-2:123456789012:topic/';

  it('is told by wildcards and the name of the thing', () => {
    assert.equal(allows(statement(`${all}cms/data/\${iot:Connection.Thing.ThingName}`)), true);
    assert.equal(
      allows(statement([`${all}vehicle/*`, `${all}cms/*`], 'Allow', ['iot:Connect', 'iot:*'])),
      true,
    );
    assert.equal(allows(statement([`${all}vehicle/*`, `${all}vehicleactive/*`])), false);
    assert.equal(allows(statement('*', 'Allow', ['iot:Subscribe', 'iot:Receive'])), false);
    assert.equal(allows(statement(`${all}cms/data/Vehicle_A.`)), false, 'a dot is a dot');
  });

  it('a denial wins, and what cannot be read allows nothing', () => {
    assert.equal(allows(statement('*'), statement(`${all}cms/*`, 'Deny')), false);
    assert.equal(allows('{', '[]', '{"Statement":3}'), false);
    assert.equal(allows(), false);
  });

  it('is not known where a statement says what it is not about', () => {
    const not = (rest: object, Effect = 'Allow') => JSON.stringify({ Statement: [{ Effect, ...rest }] });
    const notResource = { Action: 'iot:*', NotResource: `${all}vehicle/*` };
    assert.equal(allows(not(notResource)), undefined);
    assert.equal(allows(not({ NotAction: 'iot:Connect', Resource: '*' })), undefined);
    assert.equal(allows(not({ NotAction: 'iot:Connect', Resource: `${all}vehicle/*` })), false);
    assert.equal(allows(not(notResource, 'Deny'), statement('*')), undefined);
    assert.equal(allows(not(notResource), statement('*')), true);
    assert.equal(allows(not(notResource), statement('*', 'Deny')), false);
  });
});

describe('A stored message', () => {
  it('is judged as queries over the store would take it', () => {
    const problemOf = (text: string) => {
      const problem = storedProblem(bytesOf(text), 'V1');
      return problem && english(problem);
    };
    assert.equal(problemOf('{"vehicleidentification":{"vin":"V1"},"speed":1}'), undefined);
    assert.equal(problemOf('{\n"vehicleidentification":{"vin":"V1"}}'), 'it has more than one line');
    assert.equal(problemOf('V1'), 'it is not JSON');
    assert.equal(problemOf('[]'), 'it is not a JSON object');
    assert.match(problemOf('{"powertrain":{"fuelSystem":1}}') ?? '', /powertrain\.fuelSystem/);
    assert.match(problemOf('{"speed":1}') ?? '', /vehicleidentification\.vin is not V1/);
  });
});
