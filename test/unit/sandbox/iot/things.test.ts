import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createTestIot, names, type TestIot } from './harness.ts';

const VIN = 'LSH14J4C4LA046511';

describe('IoT things', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
    await iot.ok('POST', '/thing-types/tcu', {});
  });

  describe('CreateThing', () => {
    it('makes a thing that DescribeThing shows', async () => {
      const made = await iot.ok('POST', `/things/${VIN}`, {
        thingTypeName: 'tcu',
        attributePayload: { attributes: { plant: 'Leipzig' } },
      });
      assert.equal(made.thingArn, `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`);
      const shown = await iot.ok('GET', `/things/${VIN}`);
      assert.deepEqual(shown, {
        defaultClientId: VIN,
        thingId: made.thingId,
        thingName: VIN,
        thingArn: made.thingArn,
        thingTypeName: 'tcu',
        attributes: { plant: 'Leipzig' },
        version: 1,
      });
    });

    it('succeeds again with the same configuration and changes nothing', async () => {
      const first = await iot.ok('POST', `/things/${VIN}`, { attributePayload: { attributes: { a: '1' } } });
      const second = await iot.ok('POST', `/things/${VIN}`, { attributePayload: { attributes: { a: '1' } } });
      assert.deepEqual(second, first);
      assert.equal((await iot.ok('GET', `/things/${VIN}`)).version, 1);
    });

    for (const [what, body] of [
      ['attributes', { attributePayload: { attributes: { a: '2' } } }],
      ['thing type', { thingTypeName: 'tcu', attributePayload: { attributes: { a: '1' } } }],
    ] as const) {
      it(`is refused for a name taken with another ${what}, naming the resource`, async () => {
        const made = await iot.ok('POST', `/things/${VIN}`, { attributePayload: { attributes: { a: '1' } } });
        const reply = await iot.call('POST', `/things/${VIN}`, body);
        assert.equal(reply.status, 409);
        assert.deepEqual(reply.body, {
          message: `Thing ${VIN} already exists in account with different attributes`,
          resourceId: made.thingId,
          resourceArn: made.thingArn,
        });
      });
    }

    it('refuses a name with a slash, also an encoded one', async () => {
      const message = await iot.refused('InvalidRequestException', 400, 'POST', '/things/a%2Fb');
      assert.match(message, /'a\/b' at 'thingName'.*\[a-zA-Z0-9:_-\]\+/);
    });

    it('refuses a name of 129 characters', async () => {
      await iot.ok('POST', `/things/${'a'.repeat(128)}`);
      const message = await iot.refused('InvalidRequestException', 400, 'POST', `/things/${'a'.repeat(129)}`);
      assert.match(message, /length less than or equal to 128/);
    });

    it('refuses an unknown thing type, a deprecated one and a billing group', async () => {
      await iot.refused('ResourceNotFoundException', 404, 'POST', '/things/a', { thingTypeName: 'nope' });
      await iot.ok('POST', '/thing-types/tcu/deprecate', {});
      await iot.refused('InvalidRequestException', 400, 'POST', '/things/a', { thingTypeName: 'tcu' });
      await iot.refused('ResourceNotFoundException', 404, 'POST', '/things/a', { billingGroupName: 'b' });
    });

    it('allows three attributes without a type and fifty with one', async () => {
      const many = (count: number): object => ({
        attributes: Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x'])),
      });
      await iot.ok('POST', '/things/three', { attributePayload: many(3) });
      await iot.refused('InvalidRequestException', 400, 'POST', '/things/four', {
        attributePayload: many(4),
      });
      await iot.ok('POST', '/things/fifty', { thingTypeName: 'tcu', attributePayload: many(50) });
      await iot.refused('InvalidRequestException', 400, 'POST', '/things/more', {
        thingTypeName: 'tcu',
        attributePayload: many(51),
      });
    });

    it('refuses an attribute whose name or value has other characters', async () => {
      for (const attributes of [{ 'a b': 'x' }, { a: 'x y' }, { a: 'ü' }]) {
        await iot.refused('InvalidRequestException', 400, 'POST', '/things/a', {
          attributePayload: { attributes },
        });
      }
    });
  });

  describe('UpdateThing', () => {
    beforeEach(async () => {
      await iot.ok('POST', `/things/${VIN}`, { attributePayload: { attributes: { a: '1', b: '2' } } });
    });
    const attributes = async (): Promise<unknown> => (await iot.ok('GET', `/things/${VIN}`)).attributes;

    it('puts the attributes in place of those there were', async () => {
      await iot.ok('PATCH', `/things/${VIN}`, { attributePayload: { attributes: { c: '3' } } });
      assert.deepEqual(await attributes(), { c: '3' });
      assert.equal((await iot.ok('GET', `/things/${VIN}`)).version, 2);
    });

    it('adds them when told to merge, an empty value removing one', async () => {
      await iot.ok('PATCH', `/things/${VIN}`, {
        attributePayload: { merge: true, attributes: { a: '', c: '3' } },
      });
      assert.deepEqual(await attributes(), { b: '2', c: '3' });
    });

    it('sets and removes the thing type', async () => {
      await iot.ok('PATCH', `/things/${VIN}`, { thingTypeName: 'tcu' });
      assert.equal((await iot.ok('GET', `/things/${VIN}`)).thingTypeName, 'tcu');
      await iot.ok('PATCH', `/things/${VIN}`, { removeThingType: true });
      assert.equal((await iot.ok('GET', `/things/${VIN}`)).thingTypeName, undefined);
    });

    it('refuses to set and remove the type at once', async () => {
      await iot.refused('InvalidRequestException', 400, 'PATCH', `/things/${VIN}`, {
        thingTypeName: 'tcu',
        removeThingType: true,
      });
    });

    it('checks the expected version', async () => {
      await iot.refused('VersionConflictException', 409, 'PATCH', `/things/${VIN}`, { expectedVersion: 7 });
      await iot.ok('PATCH', `/things/${VIN}`, { expectedVersion: 1 });
    });

    it('refuses a thing that is not there', async () => {
      await iot.refused('ResourceNotFoundException', 404, 'PATCH', '/things/nope', {});
    });
  });

  describe('DeleteThing', () => {
    it('deletes, and succeeds for a thing that is not there', async () => {
      await iot.ok('POST', `/things/${VIN}`);
      await iot.ok('DELETE', `/things/${VIN}`);
      await iot.ok('DELETE', `/things/${VIN}`);
      await iot.refused('ResourceNotFoundException', 404, 'GET', `/things/${VIN}`);
    });

    it('is refused while a principal is attached', async () => {
      const { arn } = await iot.certificate();
      await iot.ok('POST', `/things/${VIN}`);
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, { 'x-amzn-principal': arn });
      const message = await iot.refused('InvalidRequestException', 400, 'DELETE', `/things/${VIN}`);
      assert.equal(message, `Cannot delete. Thing ${VIN} is still attached to one or more principals`);
      await iot.ok('DELETE', `/things/${VIN}/principals`, undefined, { 'x-amzn-principal': arn });
      await iot.ok('DELETE', `/things/${VIN}`);
    });

    it('checks the expected version', async () => {
      await iot.ok('POST', `/things/${VIN}`);
      await iot.refused('VersionConflictException', 409, 'DELETE', `/things/${VIN}?expectedVersion=2`);
      await iot.ok('DELETE', `/things/${VIN}?expectedVersion=1`);
    });
  });

  describe('ListThings', () => {
    beforeEach(async () => {
      await iot.ok('POST', '/things/red1', { attributePayload: { attributes: { color: 'red' } } });
      await iot.ok('POST', '/things/red2', {
        thingTypeName: 'tcu',
        attributePayload: { attributes: { color: 'reddish' } },
      });
      await iot.ok('POST', '/things/blue', {
        thingTypeName: 'tcu',
        attributePayload: { attributes: { color: 'blue' } },
      });
    });
    const list = async (query: string): Promise<string[]> =>
      names((await iot.ok('GET', `/things?${query}`)).things, 'thingName');

    it('filters by type, by attribute and by the beginning of an attribute', async () => {
      assert.deepEqual(await list(''), ['red1', 'red2', 'blue']);
      assert.deepEqual(await list('thingTypeName=tcu'), ['red2', 'blue']);
      assert.deepEqual(await list('attributeName=color&attributeValue=red'), ['red1']);
      assert.deepEqual(await list('attributeName=color&attributeValue=red&usePrefixAttributeValue=true'), [
        'red1',
        'red2',
      ]);
      assert.deepEqual(await list('attributeName=color&attributeValue=red&thingTypeName=tcu'), []);
    });

    it('finds no attribute that every object inherits', async () => {
      const query = 'attributeName=constructor&attributeValue=x&usePrefixAttributeValue=true';
      assert.deepEqual(await list(query), []);
    });

    it('refuses a value without a name, and a page of nothing or of 251', async () => {
      await iot.refused('InvalidRequestException', 400, 'GET', '/things?attributeValue=red');
      await iot.refused('InvalidRequestException', 400, 'GET', '/things?maxResults=0');
      await iot.refused('InvalidRequestException', 400, 'GET', '/things?maxResults=251');
    });

    it('refuses a token that is not its own', async () => {
      await iot.refused('InvalidRequestException', 400, 'GET', '/things?nextToken=bm9uc2Vuc2U%3D');
    });
  });

  it('pages so that whatever is deleted between pages, nothing else is missed or repeated @slow', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(11), { maxLength: 4 }),
        async (count, size, victims) => {
          const own = await createTestIot();
          for (let i = 0; i < count; i++) await own.ok('POST', `/things/t${i}`);
          const seen: string[] = [];
          const gone = new Set<string>();
          let token: string | undefined;
          do {
            const next = token === undefined ? '' : `&nextToken=${encodeURIComponent(token)}`;
            const answer = await own.ok('GET', `/things?maxResults=${size}${next}`);
            seen.push(...names(answer.things, 'thingName'));
            token = answer.nextToken as string | undefined;
            const victim = victims.pop();
            if (victim !== undefined) {
              await own.ok('DELETE', `/things/t${victim}`);
              gone.add(`t${victim}`);
            }
          } while (token !== undefined);
          assert.equal(new Set(seen).size, seen.length);
          const kept = Array.from({ length: count }, (_, i) => `t${i}`).filter((name) => !gone.has(name));
          assert.deepEqual(
            kept.filter((name) => !seen.includes(name)),
            [],
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  describe('principals', () => {
    let arn: string;
    const principal = (): Record<string, string> => ({ 'x-amzn-principal': arn });
    beforeEach(async () => {
      ({ arn } = await iot.certificate());
      await iot.ok('POST', `/things/${VIN}`);
      await iot.ok('POST', '/things/other');
    });

    it('are attached, listed from both sides and detached', async () => {
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, principal());
      assert.deepEqual(await iot.ok('GET', `/things/${VIN}/principals`), { principals: [arn] });
      assert.deepEqual(await iot.ok('GET', '/principals/things', undefined, principal()), { things: [VIN] });
      await iot.ok('DELETE', `/things/${VIN}/principals`, undefined, principal());
      assert.deepEqual(await iot.ok('GET', `/things/${VIN}/principals`), { principals: [] });
    });

    it('count once however often they are attached, and detaching again is no error', async () => {
      for (let i = 0; i < 2; i++) await iot.ok('PUT', `/things/${VIN}/principals`, undefined, principal());
      assert.deepEqual(await iot.ok('GET', `/things/${VIN}/principals`), { principals: [arn] });
      for (let i = 0; i < 2; i++) await iot.ok('DELETE', `/things/${VIN}/principals`, undefined, principal());
    });

    it('can be a Cognito identity', async () => {
      arn = 'us-west-2:12345678-1234-1234-1234-1234567890ab';
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, principal());
      assert.deepEqual(await iot.ok('GET', `/things/${VIN}/principals`), { principals: [arn] });
    });

    it('are listed page by page', async () => {
      const second = (await iot.certificate()).arn;
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, principal());
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, { 'x-amzn-principal': second });
      await iot.ok('PUT', '/things/other/principals', undefined, principal());
      const page = await iot.ok('GET', `/things/${VIN}/principals?maxResults=1`);
      assert.deepEqual(page.principals, [arn]);
      const rest = await iot.ok(
        'GET',
        `/things/${VIN}/principals?maxResults=1&nextToken=${String(page.nextToken)}`,
      );
      assert.deepEqual(rest, { principals: [second] });
      const things = await iot.ok('GET', '/principals/things?maxResults=1', undefined, principal());
      assert.deepEqual(things.things, [VIN]);
      assert.equal(typeof things.nextToken, 'string');
    });

    it('may be attached to several things, unless exclusively', async () => {
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, principal());
      await iot.ok('PUT', '/things/other/principals', undefined, principal());
      await iot.ok('DELETE', '/things/other/principals', undefined, principal());
      const exclusive = '?thingPrincipalType=EXCLUSIVE_THING';
      await iot.refused(
        'InvalidRequestException',
        400,
        'PUT',
        `/things/other/principals${exclusive}`,
        undefined,
        principal(),
      );
      await iot.ok('DELETE', `/things/${VIN}/principals`, undefined, principal());
      await iot.ok('PUT', `/things/other/principals${exclusive}`, undefined, principal());
      await iot.refused(
        'InvalidRequestException',
        400,
        'PUT',
        `/things/${VIN}/principals`,
        undefined,
        principal(),
      );
    });

    const wrong: [string, string, number, string][] = [
      ['no ARN', 'InvalidRequestException', 400, 'certificate'],
      ['the ARN of a policy', 'InvalidRequestException', 400, 'arn:aws:iot:us-west-2:123456789012:policy/p'],
      [
        'an unknown certificate',
        'ResourceNotFoundException',
        404,
        `arn:aws:iot:us-west-2:123456789012:cert/${'0'.repeat(64)}`,
      ],
    ];
    for (const [what, code, status, given] of wrong) {
      it(`can not be ${what}`, async () => {
        arn = given;
        await iot.refused(code, status, 'PUT', `/things/${VIN}/principals`, undefined, principal());
        await iot.refused(code, status, 'GET', '/principals/things', undefined, principal());
      });
    }

    it('can not be a certificate under the ARN of another region', async () => {
      arn = arn.replace('us-west-2', 'eu-west-1');
      await iot.refused(
        'ResourceNotFoundException',
        404,
        'PUT',
        `/things/${VIN}/principals`,
        undefined,
        principal(),
      );
    });

    it('need a thing and a header', async () => {
      await iot.refused(
        'ResourceNotFoundException',
        404,
        'PUT',
        '/things/nope/principals',
        undefined,
        principal(),
      );
      await iot.refused('ResourceNotFoundException', 404, 'GET', '/things/nope/principals');
      const message = await iot.refused('InvalidRequestException', 400, 'PUT', `/things/${VIN}/principals`);
      assert.match(
        message,
        /Value null at 'principal' failed to satisfy constraint: Member must not be null/,
      );
    });
  });
});
