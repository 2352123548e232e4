import assert from 'node:assert/strict';
import { createCognitoHarness } from './cognitoHarness.ts';

interface Page {
  Users: { Username: string; Attributes: { Name: string }[] }[];
  PaginationToken?: string;
}

describe('cognito ListUsers', () => {
  const setup = async () => {
    const cognito = createCognitoHarness();
    for (const name of ['ann', 'anton', 'bob']) {
      await cognito.call('AdminCreateUser', {
        UserPoolId: cognito.userPoolId,
        Username: name,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: `${name}@example.com` },
          { Name: 'name', Value: `The "${name}" user` },
        ],
      });
    }
    const page = (input: Record<string, unknown>) =>
      cognito.call<Page>('ListUsers', { UserPoolId: cognito.userPoolId, ...input });
    const names = async (Filter: string) => (await page({ Filter })).Users.map(({ Username }) => Username);
    const refused = (input: Record<string, unknown>) =>
      cognito.refusal('ListUsers', { UserPoolId: cognito.userPoolId, ...input });
    return { ...cognito, page, names, refused };
  };

  it('shows all users of the pool @slow', async () => {
    const { page } = await setup();
    const { Users, PaginationToken } = await page({});
    assert.deepEqual(
      Users.map(({ Username }) => Username),
      ['admin', 'ann', 'anton', 'bob'],
    );
    assert.equal(PaginationToken, undefined);
    assert.deepEqual(Object.keys(Users[1]!).sort(), [
      'Attributes',
      'Enabled',
      'UserCreateDate',
      'UserLastModifiedDate',
      'UserStatus',
      'Username',
    ]);
  });

  it('goes on where the last page ended, whatever happened in between @slow', async () => {
    const { page, call, userPoolId } = await setup();
    const first = await page({ Limit: 2 });
    assert.equal(first.Users.length, 2);
    await call('AdminDeleteUser', { UserPoolId: userPoolId, Username: 'ann' });
    await call('AdminDeleteUser', { UserPoolId: userPoolId, Username: 'admin' });
    const rest: string[] = [];
    let token = first.PaginationToken;
    while (token !== undefined) {
      const next = await page({ Limit: 1, PaginationToken: token });
      rest.push(...next.Users.map(({ Username }) => Username));
      token = next.PaginationToken;
    }
    assert.deepEqual(rest, ['anton', 'bob']);
  });

  it('finds by the whole value or by its start', async () => {
    const { names } = await setup();
    assert.deepEqual(await names('username = "ann"'), ['ann']);
    assert.deepEqual(await names('username ^= "an"'), ['ann', 'anton']);
    assert.deepEqual(await names('email = "bob@example.com"'), ['bob']);
    assert.deepEqual(await names('email="nobody@example.com"'), []);
    assert.deepEqual(await names('name = "The \\"bob\\" user"'), ['bob']);
    assert.deepEqual(await names('"username"="ann"'), ['ann']);
    assert.deepEqual(await names('username = "ANN"'), []);
  });

  it('finds by status without regard to case', async () => {
    const { names, call, userPoolId } = await setup();
    await call('AdminDisableUser', { UserPoolId: userPoolId, Username: 'bob' });
    await call('AdminSetUserPassword', {
      UserPoolId: userPoolId,
      Username: 'ann',
      Password: 'Permanent',
      Permanent: true,
    });
    assert.deepEqual(await names('status = "disabled"'), ['bob']);
    assert.deepEqual(await names('cognito:user_status = "confirmed"'), ['ann']);
  });

  it('finds by sub', async () => {
    const { names, call, userPoolId } = await setup();
    const { UserAttributes } = await call<{ UserAttributes: { Name: string; Value: string }[] }>(
      'AdminGetUser',
      { UserPoolId: userPoolId, Username: 'bob' },
    );
    assert.deepEqual(await names(`sub = "${UserAttributes[0]!.Value}"`), ['bob']);
  });

  it('shows only the attributes asked for', async () => {
    const { page } = await setup();
    const { Users } = await page({ AttributesToGet: ['email'], Filter: 'username = "bob"' });
    assert.deepEqual(
      Users[0]!.Attributes.map(({ Name }) => Name),
      ['email'],
    );
  });

  // API reference: "an error if not all users in the results have set a value for the attribute you request".
  it('refuses attributes that a user of the page lacks', async () => {
    const { page, refused } = await setup();
    const text = 'InvalidParameterException: One or more requested attributes do not exist.';
    assert.equal(await refused({ AttributesToGet: ['email', 'name'] }), text);
    assert.equal(await refused({ AttributesToGet: ['shoe_size'], Filter: 'username = "bob"' }), text);
    const { Users } = await page({ AttributesToGet: ['email', 'name'], Filter: 'username ^= "an"' });
    assert.deepEqual(
      Users.map(({ Attributes }) => Attributes.length),
      [2, 2],
    );
    assert.deepEqual((await page({ AttributesToGet: ['name'], Filter: 'username = "nobody"' })).Users, []);
  });

  it('refuses filters and tokens it cannot read', async () => {
    const { refused } = await setup();
    for (const Filter of [
      'username',
      'username = ann',
      'address = "x"',
      'constructor = "x"',
      'username > "a"',
      'username = "a" "',
    ]) {
      assert.equal(await refused({ Filter }), 'InvalidParameterException: Error while parsing filter.');
    }
    assert.match(await refused({ PaginationToken: 'rubbish' }), /^InvalidParameterException: /);
    assert.match(await refused({ Limit: 61 }), /less than or equal to 60$/);
  });
});
