import assert from 'node:assert/strict';
import type { CmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { checkRequest, parseRequest } from '../../../src/cms/cdf/onboarding/request.ts';
import { claimOf, userOf, vehicleOf } from '../../../src/cms/cdf/onboarding/requestParts.ts';

const NOW = Date.UTC(2026, 0, 5);
const minimal = { vin: 'lsh14j4c4la046511', username: 'testCMSUser1', firstName: 'Test', lastName: 'User' };

function problems(input: unknown): string[] {
  const checked = checkRequest(input, NOW);
  assert.equal(checked.ok, false);
  return checked.problems.map(({ field, message }) => `${field}: ${english(message)}`);
}

describe('A request to onboard a vehicle', () => {
  it('needs a VIN, a user and a name only; all else has a default', () => {
    const { request, warnings } = parseRequest(minimal, NOW);
    assert.equal(request.vin, 'LSH14J4C4LA046511');
    assert.equal(request.claim, 'per-vehicle');
    assert.equal(request.keys, 'keys');
    assert.equal(request.templateName, 'CMSFleetProvisioningTemplate');
    assert.deepEqual(vehicleOf(request), {
      make: 'Acme',
      model: 'DN',
      modelYear: 2019,
      bodyType: 'Saloon',
      fuelType: 'Gas',
      transmissionType: 'Auto',
      colorCode: 'B1B!',
      iviType: 'Premium',
    });
    assert.equal(warnings.length, 1);
  });

  it('lists every problem at once', () => {
    const found = problems({
      ...minimal,
      vin: 'LSH14J4C4LA04651O',
      username: 'a/b',
      firstName: undefined,
      email: 'nobody',
      bodyType: 'saloon',
      modelYear: 2029,
      latitude: 91,
      colour: 'red',
      claim: 'shared',
      templateName: 'with space',
      supplier: 'Müller',
    });
    for (const expected of [
      /^vin: Character 17/,
      /^username: .*"\/"/,
      /^firstName: is missing/,
      /^email: /,
      /^bodyType: .*Saloon/,
      /^modelYear: must be 2028/,
      /^latitude: /,
      /^longitude: .*both/,
      /^: There is no field "colour"/,
      /^claimCertificateFile: /,
      /^claimKeyFile: /,
      /^templateName: /,
      /^supplier: .*"ü"/,
    ]) {
      assert.ok(
        found.some((line) => expected.test(line)),
        `${String(expected)} in\n${found.join('\n')}`,
      );
    }
    assert.equal(found.length, 13);
  });

  it('throws REQUEST_INVALID with all problems in its message', () => {
    assert.throws(
      () => parseRequest({ ...minimal, vin: 'x', bodyType: 'Boat' }, NOW),
      (error: CmsError) => {
        assert.equal(error.code, 'REQUEST_INVALID');
        assert.match(error.message, /^- vin: /m);
        assert.match(error.message, /^- bodyType: /m);
        return true;
      },
    );
  });

  it('throws VIN_INVALID when only the VIN is wrong', () => {
    assert.throws(
      () => parseRequest({ ...minimal, vin: 'LSH14J4C4LA04651' }, NOW),
      (error: CmsError) => error.code === 'VIN_INVALID' && error.details.position === 17,
    );
  });

  it('takes quotes in every name and other alphabets in the names of people', () => {
    const { request } = parseRequest(
      { ...minimal, username: `o"n'eal`, firstName: 'Zoë "Z"', lastName: '李', supplier: `Bob's "Parts"` },
      NOW,
    );
    assert.deepEqual(userOf(request), { username: `o"n'eal`, firstName: 'Zoë "Z"', lastName: '李' });
    assert.equal(request.supplier, `Bob's "Parts"`);
  });

  for (const username of ['', ' ', 'a b', 'a/b', 'é', '..', 'tab\t', 'x'.repeat(129)]) {
    it(`refuses the user name ${JSON.stringify(username.slice(0, 10))}`, () => {
      assert.match(problems({ ...minimal, username }).join(), /^username: /);
    });
  }

  it('refuses control characters in texts', () => {
    assert.match(problems({ ...minimal, city: 'A\u0000B' }).join(), /^city: .*control/);
  });

  it('takes a model year up to two years from now', () => {
    assert.equal(checkRequest({ ...minimal, modelYear: 2028 }, NOW).ok, true);
    assert.equal(checkRequest({ ...minimal, modelYear: 1919 }, NOW).ok, false);
    assert.equal(checkRequest({ ...minimal, modelYear: 2019.5 }, NOW).ok, false);
  });

  it('says that it is no object when it is none', () => {
    assert.equal(problems('hello').length, 1);
    assert.equal(problems(undefined).length, 1);
  });

  it('names the source of the claim', () => {
    const files = { claimCertificateFile: 'c.pem', claimKeyFile: 'k.pem' };
    const shared = parseRequest({ ...minimal, claim: 'shared', ...files }, NOW).request;
    assert.deepEqual(claimOf(shared), { kind: 'shared', certificateFile: 'c.pem', privateKeyFile: 'k.pem' });
    assert.deepEqual(claimOf(parseRequest(minimal, NOW).request), { kind: 'per-vehicle', keepFiles: true });
    assert.match(problems({ ...minimal, ...files }).join(), /^claim: must be "shared"/);
  });
});
