import assert from 'node:assert/strict';
import type { AttachedCertificate } from '../../../src/aws/iot/certificates.ts';
import { english } from '../../../src/core/wording.ts';
import { belongsTo, type Knowledge, type Owner } from '../../../src/provisioning/belonging.ts';
import { claimNameOf } from '../../../src/provisioning/claimNames.ts';

const owner = {
  vin: 'VIN1',
  thingName: 'THING1',
  devicePolicy: 'DevicePolicy',
  claimPolicy: 'fleetProvisioningPolicy',
  sharesPair: false,
};

function ask(certificate: Partial<AttachedCertificate>, known?: Knowledge, of: Owner = owner): string {
  const found = {
    id: 'abc',
    arn: 'arn',
    status: 'ACTIVE',
    notAfter: undefined,
    things: [],
    policies: [],
    ...certificate,
  };
  const belonging = belongsTo(of, found, known);
  return belonging.own ? belonging.as : english(belonging.why);
}

describe('A certificate', () => {
  it('belongs to the vehicle whose thing alone it is attached to', () => {
    assert.equal(ask({ things: ['THING1'] }), 'certificate');
    assert.match(ask({ things: ['THING1', 'THING2'] }), /THING2 uses it too\. It is detached only/);
    assert.match(ask({ things: ['THING2'] }), /stays: it belongs to THING2/);
  });

  it('stays with others whatever else is known of it', () => {
    const known = { madeHere: true, keyHeld: true };
    for (const commonName of ['THING1', 'claim-THING1']) {
      assert.match(ask({ things: ['THING2'], commonName }, known), /stays/);
    }
  });

  it('belongs to the vehicle whose name, or whose claim’s name, AWS IoT signed', () => {
    assert.equal(ask({ commonName: 'claim-THING1', policies: ['fleetProvisioningPolicy'] }), 'claim');
    assert.equal(ask({ commonName: 'THING1' }), 'certificate');
    for (const commonName of [
      'claim-THING2',
      'THING2',
      'claim-thing1',
      'claim-',
      'AWS IoT Certificate',
      undefined,
    ]) {
      assert.match(ask({ commonName }), /nothing in AWS IoT says that it belongs to VIN1/);
    }
  });

  it('that lets nobody do anything goes if its key is in the vehicle’s folder', () => {
    assert.equal(ask({ policies: ['DevicePolicy'] }, { keyHeld: true }), 'unused');
    assert.equal(ask({ status: 'PENDING_ACTIVATION' }, { keyHeld: true }), 'unused');
    assert.match(ask({}), /stays/);
    assert.match(ask({ policies: ['DevicePolicy', 'Other'] }, { keyHeld: true }), /stays/);
  });

  it('that this run was given goes with the run', () => {
    assert.equal(ask({ policies: ['fleetProvisioningPolicy'] }, { madeHere: true }), 'unused');
  });

  it('with a claim’s policy, or called a shared claim, is named as one', () => {
    const shared = /stays: it is a shared claim, used by others/;
    assert.match(ask({ policies: ['fleetProvisioningPolicy'] }, { keyHeld: true }), shared);
    assert.match(ask({ policies: ['fleetProvisioningPolicy-MyTemplate'] }), shared);
    assert.match(ask({ policies: ['FactoryPolicy'] }, { calledShared: true }), shared);
    assert.match(ask({ policies: ['fleetProvisioningPolicyOfOthers'] }), /nothing in AWS IoT/);
  });

  it('that vehicles share belongs to none, not even to the only one that uses it', () => {
    const sharing = { ...owner, sharesPair: true };
    const stays = /^Certificate abc stays: all vehicles of this CMS connect with it\.$/;
    assert.match(ask({ things: ['THING1'] }, { keyHeld: true }, sharing), stays);
    assert.match(ask({ policies: ['DevicePolicy'] }, { keyHeld: true }, sharing), stays);
    assert.match(ask({ commonName: 'THING1' }, { madeHere: true }, sharing), stays);
    assert.match(ask({ things: ['THING1', 'THING2'] }, {}, sharing), /THING2 uses it too/);
  });

  it('of a claim has a name that X.509 allows, for any thing', () => {
    assert.equal(claimNameOf('LSH14J4C4LA046511'), 'claim-LSH14J4C4LA046511');
    const long = claimNameOf('x'.repeat(128));
    assert.ok(long.length <= 64 && long !== claimNameOf('x'.repeat(127)));
  });
});
