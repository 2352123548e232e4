import assert from 'node:assert/strict';
import { credentialsOf } from '../../../src/cli/open.ts';
import type { Session } from '../../../src/cli/session.ts';
import { l10n } from '../../../src/core/message.ts';
import { testWork } from '../../support/works.ts';

const { signal } = new AbortController();
const newSession = () => ({ output: { quiet: () => undefined }, work: testWork() }) as unknown as Session;
const inRealm = (realm: string) => ({
  kind: 'password' as const,
  realm,
  label: l10n.verbatim(`in ${realm}`),
});
const ofIssuer = (issuer: string) => ({
  ...{ kind: 'issuer' as const, issuer, label: l10n.verbatim(`of ${issuer}`) },
});

describe('What a command is given to sign in with', () => {
  let isTTY: boolean;
  before(() => {
    ({ isTTY } = process.stdin);
    process.stdin.isTTY = false;
    process.env.CMS_PASSWORD = 'password-of-one-realm';
    process.env.CMS_TOKEN = 'token-of-one-issuer';
  });
  after(() => {
    process.stdin.isTTY = isTTY;
    delete process.env.CMS_PASSWORD;
    delete process.env.CMS_TOKEN;
  });

  let session: Session;
  beforeEach(() => (session = newSession()));

  it('goes to the realm that asks first, as often as it asks, and to no other', async () => {
    const credentials = credentialsOf({ username: 'u' }, session);
    const first = await credentials.password(inRealm('a'), signal);
    assert.deepEqual([first.username, first.password], ['u', 'password-of-one-realm']);
    await assert.rejects(credentials.password(inRealm('b'), signal), {
      code: 'REQUEST_INVALID',
      message: /Missing: in b\.$/,
    });
    assert.deepEqual(await credentials.password(inRealm('a'), signal), first);
  });

  it('and so does a token, whoever signs in besides', async () => {
    const credentials = credentialsOf({ username: 'u' }, session);
    await credentials.password(inRealm('a'), signal);
    assert.equal(await credentials.token(ofIssuer('a'), signal), 'token-of-one-issuer');
    await assert.rejects(credentials.token(ofIssuer('b'), signal), {
      code: 'REQUEST_INVALID',
      message: /Missing: of b\.$/,
    });
  });

  it('goes to one realm and one issuer however many deployments a command opens', async () => {
    await credentialsOf({}, session).token(ofIssuer('a'), signal);
    await credentialsOf({ username: 'u' }, session).password(inRealm('a'), signal);
    const next = credentialsOf({ username: 'v' }, session, { email: 'v@example.com' });
    const refused = { code: 'REQUEST_INVALID' };
    await assert.rejects(next.token(ofIssuer('b'), signal), refused);
    await assert.rejects(next.password(inRealm('b'), signal), refused);
    const { username, email } = await next.password(inRealm('a'), signal);
    assert.deepEqual([username, email], ['v', 'v@example.com']);
  });

  it('is said to be missing by what it is', async () => {
    delete process.env.CMS_TOKEN;
    const credentials = credentialsOf({}, session);
    await assert.rejects(credentials.token(ofIssuer('a'), signal), {
      code: 'PASSWORD_MISSING',
      message: 'The token is missing: of a.',
    });
  });
});
