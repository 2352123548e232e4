import assert from 'node:assert/strict';
import { createRates } from '../../../src/sandbox/kernel/rates.ts';
import { cognitoRates } from '../../../src/sandbox/services/cognito/rates.ts';
import { iotRates } from '../../../src/sandbox/services/iot/rates.ts';

const services = [
  { name: 'iot', rates: iotRates },
  { name: 'cognito-idp', rates: cognitoRates },
];

describe('account rates', () => {
  function setUp(): { take: (operation: string, times: number) => number; advance: (ms: number) => void } {
    let now = 0;
    const rates = createRates({ now: () => now }, services);
    return {
      take: (operation, times) =>
        Array.from({ length: times }, () => rates.take(operation)).filter(Boolean).length,
      advance: (ms) => {
        now += ms;
      },
    };
  }

  it('let CreateKeysAndCertificate through ten times a second', () => {
    const { take, advance } = setUp();
    assert.equal(take('iot:CreateKeysAndCertificate', 50), 10);
    advance(500);
    assert.equal(take('iot:CreateKeysAndCertificate', 50), 5);
    advance(60_000);
    assert.equal(take('iot:CreateKeysAndCertificate', 50), 10);
  });

  it('count each IoT operation for itself', () => {
    const { take } = setUp();
    assert.equal(take('iot:CreateThing', 200), 100);
    assert.equal(take('iot:DescribeThing', 400), 350);
  });

  it('count the operations of a Cognito category together', () => {
    const { take } = setUp();
    assert.equal(take('cognito-idp:SignUp', 30) + take('cognito-idp:AdminCreateUser', 30), 50);
  });

  it('let three answers to challenges follow each sign-in', () => {
    const { take } = setUp();
    assert.equal(take('cognito-idp:AdminInitiateAuth', 500), 120);
    assert.equal(take('cognito-idp:AdminRespondToAuthChallenge', 500), 360);
  });

  it('name no operation twice', () => {
    const names = services.flatMap(({ name, rates }) =>
      rates.flatMap(({ operations }) => operations.map((operation) => `${name}:${operation}`)),
    );
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('do not limit what has no documented rate', () => {
    const { take } = setUp();
    assert.equal(take('facade:POST /users', 5000), 5000);
  });

  it('survive a clock that is set back', () => {
    const { take, advance } = setUp();
    take('iot:CreateThing', 100);
    advance(-5000);
    assert.equal(take('iot:CreateThing', 1), 0);
    advance(10);
    assert.equal(take('iot:CreateThing', 5), 1);
  });
});
