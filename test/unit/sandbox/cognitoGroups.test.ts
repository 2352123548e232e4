import assert from 'node:assert/strict';
import { createGuidance } from './cmGuidance/harness.ts';
import { createCognitoHarness } from './cognitoHarness.ts';

const PASSWORD = 'Testing1234';

describe('groups and own attributes of the sandbox’s user pools @slow', () => {
  function setUp() {
    const harness = createCognitoHarness();
    const pool = { UserPoolId: harness.userPoolId };
    const names = async (operation: string, input: object, list: string, name: string): Promise<unknown[]> =>
      (await harness.call<Record<string, Record<string, unknown>[]>>(operation, { ...pool, ...input }))[
        list
      ]?.map((each) => each[name]) ?? [];
    return { ...harness, pool, names };
  }

  it('hold users, who may leave again', async () => {
    const { call, pool, addUser, names } = setUp();
    await addUser('ann', PASSWORD);
    for (const GroupName of ['one', 'two']) await call('CreateGroup', { ...pool, GroupName });
    for (const GroupName of ['two', 'one', 'one']) {
      await call('AdminAddUserToGroup', { ...pool, GroupName, Username: 'ann' });
    }
    const ofAnn = () => names('AdminListGroupsForUser', { Username: 'ann' }, 'Groups', 'GroupName');
    assert.deepEqual(await ofAnn(), ['one', 'two']);
    assert.deepEqual(await names('ListUsersInGroup', { GroupName: 'two' }, 'Users', 'Username'), ['ann']);
    await call('AdminRemoveUserFromGroup', { ...pool, GroupName: 'two', Username: 'ann' });
    assert.deepEqual(await ofAnn(), ['one']);
    await call('DeleteGroup', { ...pool, GroupName: 'one' });
    assert.deepEqual(await ofAnn(), []);
    assert.deepEqual(await names('ListGroups', {}, 'Groups', 'GroupName'), ['two']);
  });

  it('are refused when they are there, or are not', async () => {
    const { call, refusal, pool } = setUp();
    await call('CreateGroup', { ...pool, GroupName: 'one', Precedence: 1, Description: 'first' });
    assert.match(await refusal('CreateGroup', { ...pool, GroupName: 'one' }), /^GroupExistsException/);
    assert.match(await refusal('GetGroup', { ...pool, GroupName: 'two' }), /^ResourceNotFoundException/);
    const { Group } = await call<{ Group: Record<string, unknown> }>('GetGroup', {
      ...pool,
      GroupName: 'one',
    });
    assert.deepEqual([Group.Precedence, Group.Description], [1, 'first']);
    assert.match(
      await refusal('AdminAddUserToGroup', { ...pool, GroupName: 'one', Username: 'nobody' }),
      /^UserNotFoundException/,
    );
  });

  it('make users of an e-mail address, with attributes that can be changed or not', async () => {
    const guidance = await createGuidance();
    const { UserPoolId = '' } = guidance.outputs('ui');
    const ask = (operation: string, input: object) =>
      guidance.send({
        method: 'POST',
        headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
        body: Buffer.from(JSON.stringify({ UserPoolId, ...input })),
      });
    const Username = 'new@example.org';
    const attributes = (name: string) => ({ UserAttributes: [{ Name: name, Value: 'x' }] });
    const made = await ask('AdminCreateUser', { Username, ...attributes('custom:driverId') });
    assert.equal(made.status, 200);
    const { User } = made.body as {
      User: { Username: string; Attributes: { Name: string; Value: string }[] };
    };
    assert.match(User.Username, /^[0-9a-f-]{36}$/);
    assert.ok(User.Attributes.some(({ Name, Value }) => Name === 'email' && Value === Username));
    assert.equal(
      (await ask('AdminUpdateUserAttributes', { Username, ...attributes('custom:fleetIds') })).status,
      200,
    );
    for (const [name, words] of [
      ['custom:driverId', /Cannot modify the non-mutable attribute custom:driverId/],
      ['custom:other', /could not be determined/],
    ] as const) {
      const { status, body } = await ask('AdminUpdateUserAttributes', { Username, ...attributes(name) });
      assert.equal(status, 400);
      assert.match(String(body.message), words);
    }
    assert.match(
      String((await ask('AdminCreateUser', { Username })).body.message),
      /User account already exists/,
    );
    assert.match(
      String((await ask('AdminCreateUser', { Username: 'name' })).body.message),
      /Username should be an email/,
    );
  });
});
