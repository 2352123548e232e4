import assert from 'node:assert/strict';
import {
  generateKeyPair,
  decodeJwt,
  decodeProtectedHeader,
  createLocalJWKSet,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { JSONWebKeySet } from 'jose';
import { createCognitoHarness, plainFlows, signInPlain } from './cognitoHarness.ts';

describe('cognito tokens', () => {
  const setup = async (settings: Record<string, unknown> = {}) => {
    const cognito = createCognitoHarness({}, { stacks: ['cms-dev1', 'cms-dev2'] });
    const ClientId = await cognito.addClient({ ExplicitAuthFlows: plainFlows, ...settings });
    await cognito.addUser('ann', 'Password');
    const signIn = () => signInPlain(cognito, ClientId, 'ann', 'Password');
    const issuer = `https://cognito-idp.us-west-2.amazonaws.com/${cognito.userPoolId}`;
    const check = (authorization?: string, pool = cognito.userPoolId) =>
      cognito.tokens.checkIdToken(pool, authorization);
    return { ...cognito, ClientId, signIn, issuer, check };
  };
  const invalid = { ok: false, reason: 'invalid' };

  it('the id token carries the claims of Cognito', async () => {
    const { signIn, call, issuer, ClientId, userPoolId, context } = await setup();
    await call('AdminUpdateUserAttributes', {
      UserPoolId: userPoolId,
      Username: 'ann',
      UserAttributes: [
        { Name: 'address', Value: 'Somewhere 1' },
        { Name: 'updated_at', Value: '1700000000' },
      ],
    });
    const { IdToken } = await signIn();
    const { sub, jti, origin_jti: origin, event_id: event, ...claims } = decodeJwt(IdToken);
    const now = context.clock.now() / 1000;
    for (const id of [sub, jti, origin, event]) assert.match(String(id), /^[0-9a-f-]{36}$/);
    assert.deepEqual(claims, {
      iss: issuer,
      aud: ClientId,
      token_use: 'id',
      'cognito:username': 'ann',
      email: 'ann@example.com',
      email_verified: true,
      address: { formatted: 'Somewhere 1' },
      updated_at: 1700000000,
      auth_time: now,
      iat: now,
      exp: now + 3600,
    });
  });

  it('the id token carries only what the client may read', async () => {
    const { signIn } = await setup({ ReadAttributes: ['email'] });
    const claims = decodeJwt((await signIn()).IdToken);
    assert.equal(claims.email, 'ann@example.com');
    assert.equal(claims.email_verified, undefined);
    assert.ok(claims.sub);
  });

  it('the access token names the client and no attributes', async () => {
    const { signIn, issuer, ClientId, context } = await setup();
    const { AccessToken, IdToken } = await signIn();
    const { jti, event_id: event, ...claims } = decodeJwt(AccessToken);
    assert.ok(jti);
    assert.ok(event);
    const id = decodeJwt(IdToken);
    const now = context.clock.now() / 1000;
    assert.deepEqual(claims, {
      sub: id.sub,
      iss: issuer,
      client_id: ClientId,
      origin_jti: id.origin_jti,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      username: 'ann',
      auth_time: now,
      iat: now,
      exp: now + 3600,
    });
  });

  it('live as long as the client says', async () => {
    const { signIn } = await setup({
      IdTokenValidity: 5,
      AccessTokenValidity: 600,
      TokenValidityUnits: { IdToken: 'minutes', AccessToken: 'seconds' },
    });
    const { IdToken, AccessToken, ExpiresIn } = await signIn();
    const life = (token: string) => decodeJwt(token).exp! - decodeJwt(token).iat!;
    assert.deepEqual([life(IdToken), life(AccessToken), ExpiresIn], [300, 600, 600]);
  });

  it('can be verified by anybody with the published keys', async () => {
    const { signIn, get, userPoolId, issuer, ClientId, context } = await setup();
    const { IdToken } = await signIn();
    const { status, body } = await get(`/${userPoolId}/.well-known/jwks.json`);
    assert.equal(status, 200);
    const keys = (body as JSONWebKeySet).keys;
    assert.deepEqual(
      keys.map((key) => Object.keys(key).sort()),
      [['alg', 'e', 'kid', 'kty', 'n', 'use']],
    );
    assert.equal(decodeProtectedHeader(IdToken).kid, keys[0]?.kid);
    assert.equal(decodeProtectedHeader(IdToken).alg, 'RS256');
    const { payload } = await jwtVerify(IdToken, createLocalJWKSet(body as JSONWebKeySet), {
      issuer,
      audience: ClientId,
      currentDate: new Date(context.clock.now()),
    });
    assert.equal(payload['cognito:username'], 'ann');
  });

  it('are signed with a key of the pool, made when it is first needed @slow', async () => {
    const cognito = createCognitoHarness({}, { ownKey: true });
    const path = `/${cognito.userPoolId}/.well-known/jwks.json`;
    const [one, two] = await Promise.all([cognito.get(path), cognito.get(path)]);
    assert.deepEqual(one, two);
    assert.equal(cognito.context.store.table('cognito.keys').size, 1);
  });

  it('are described by an OpenID document', async () => {
    const { get, userPoolId, issuer } = await setup();
    const { status, body } = await get(`/${userPoolId}/.well-known/openid-configuration`);
    assert.equal(status, 200);
    const document = body as Record<string, unknown>;
    assert.equal(document.issuer, issuer);
    assert.equal(document.jwks_uri, `${issuer}/.well-known/jwks.json`);
  });

  it('have no documents for a pool that does not exist', async () => {
    const { get } = await setup();
    assert.equal((await get('/us-west-2_AAAAAAAAA/.well-known/jwks.json')).status, 404);
  });

  describe('checked as API Gateway checks them', () => {
    it('an id token passes, with or without Bearer', async () => {
      const { signIn, check } = await setup();
      const { IdToken } = await signIn();
      assert.deepEqual(await check(IdToken), { ok: true, username: 'ann' });
      assert.deepEqual(await check(`Bearer ${IdToken}`), { ok: true, username: 'ann' });
    });

    it('an id token of any client of the pool passes', async () => {
      const cognito = await setup();
      const other = await cognito.addClient({ ExplicitAuthFlows: plainFlows });
      const { IdToken } = await signInPlain(cognito, other, 'ann', 'Password');
      assert.ok((await cognito.check(IdToken)).ok);
    });

    it('no header, or an empty one, is missing', async () => {
      const { check } = await setup();
      for (const header of [undefined, '', '  ', 'Bearer ']) {
        assert.deepEqual(await check(header), { ok: false, reason: 'missing' }, String(header));
      }
    });

    it('an access or refresh token is invalid', async () => {
      const { signIn, check } = await setup();
      const { AccessToken, RefreshToken } = await signIn();
      assert.deepEqual(await check(AccessToken), invalid);
      assert.deepEqual(await check(RefreshToken), invalid);
    });

    it('a token of another pool is invalid', async () => {
      const { signIn, check, pools } = await setup();
      const { IdToken } = await signIn();
      assert.deepEqual(await check(IdToken, pools.poolOf('cms-dev2').userPoolId), invalid);
    });

    it('a token is expired from its last second on, and an expired access token still invalid', async () => {
      const { signIn, check, context } = await setup();
      const { IdToken, AccessToken } = await signIn();
      context.clock.advance(3_599_000);
      assert.ok((await check(IdToken)).ok);
      context.clock.advance(1000);
      assert.deepEqual(await check(IdToken), { ok: false, reason: 'expired' });
      assert.deepEqual(await check(AccessToken), invalid);
    });

    it('a token is invalid when one bit of it is changed', async () => {
      const { signIn, check } = await setup();
      const { IdToken } = await signIn();
      const [header = '', body = '', signature = ''] = IdToken.split('.');
      const claims = { ...decodeJwt(IdToken), 'cognito:username': 'admin' };
      const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
      const flipped = `${signature.slice(0, 8)}${signature[8] === 'A' ? 'B' : 'A'}${signature.slice(9)}`;
      for (const token of [
        `${header}.${forged}.${signature}`,
        `${header}.${body}.${flipped}`,
        `${header}.${body}`,
        `${header}.${body}.`,
        'rubbish',
        `Basic ${IdToken}`,
        `${IdToken} ${IdToken}`,
      ]) {
        assert.deepEqual(await check(token), invalid);
      }
    });

    it('a token of a foreign key or without a signature is invalid @slow', async () => {
      const { signIn, check } = await setup();
      const { IdToken } = await signIn();
      const claims = decodeJwt(IdToken);
      const foreign = await generateKeyPair('RS256');
      const { kid = '' } = decodeProtectedHeader(IdToken);
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(foreign.privateKey);
      assert.deepEqual(await check(forged), invalid);
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      assert.deepEqual(await check(`${none}.${IdToken.split('.')[1] ?? ''}.`), invalid);
      const hmac = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(Buffer.from('a shared secret of enough bytes!'));
      assert.deepEqual(await check(hmac), invalid);
    });

    it('a token without an expiry is invalid even with the right key', async () => {
      const { check, context, userPoolId, issuer } = await setup();
      const key = context.store.table<{ kid: string; privateJwk: object }>('cognito.keys').get(userPoolId)!;
      const endless = await new SignJWT({ iss: issuer, token_use: 'id', 'cognito:username': 'ann' })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid })
        .sign(key.privateJwk);
      assert.deepEqual(await check(endless), invalid);
    });

    it('a token made before a reset is invalid after it @slow', async () => {
      const cognito = createCognitoHarness({}, { ownKey: true });
      const ClientId = await cognito.addClient({ ExplicitAuthFlows: plainFlows });
      await cognito.addUser('ann', 'Password');
      const { IdToken } = await signInPlain(cognito, ClientId, 'ann', 'Password');
      assert.ok((await cognito.tokens.checkIdToken(cognito.userPoolId, IdToken)).ok);
      cognito.context.store.reset();
      cognito.seed();
      assert.deepEqual(await cognito.tokens.checkIdToken(cognito.userPoolId, IdToken), invalid);
    });
  });
});
