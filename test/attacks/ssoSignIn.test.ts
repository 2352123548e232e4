import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { signInSso } from '../../src/aws/ssoSignIn.ts';
import { useAwsFiles, type AwsFiles } from '../support/awsFiles.ts';
import { startHttpServer, type HttpServer } from '../support/httpServer.ts';
import { createFakeClock } from '../unit/core/fakeClock.ts';

const started = {
  deviceCode: `device-${'d'.repeat(40)}`,
  userCode: 'ABCD-EFGH',
  verificationUri: 'https://device.sso.example/',
  verificationUriComplete: 'https://device.sso.example/?user_code=ABCD-EFGH',
  expiresIn: 600,
  interval: 5,
};
/** Milliseconds of the longest that a code may live. */
const MOST_MS = 3_600_000;

/** Whoever answers in the place of AWS single sign-on decides neither what is opened here nor how long it is asked. */
describe('Single sign-on that lies', () => {
  let server: HttpServer;
  let files: AwsFiles;
  let answers: { authorization: object; token?: object };
  before(async () => {
    server = await startHttpServer(({ url }) => {
      const json = (body: object, status = 200) => ({
        status,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (url.endsWith('/client/register'))
        return json({ clientId: 'c', clientSecret: `secret-${'s'.repeat(40)}`, clientSecretExpiresAt: 1e15 });
      if (url.endsWith('/device_authorization')) return json(answers.authorization);
      if (answers.token !== undefined) return json(answers.token);
      return json({ error: 'authorization_pending', __type: 'AuthorizationPendingException' }, 400);
    });
  });
  after(() => server.close());
  beforeEach(() => {
    answers = { authorization: started };
    files = useAwsFiles({});
    process.env.HOME = files.folder;
    process.env.AWS_ENDPOINT_URL_SSO_OIDC = server.url;
  });
  afterEach(() => files.restore());

  async function signIn() {
    const config =
      '[profile p]\nregion = us-west-2\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = R\n' +
      '[sso-session s]\nsso_region = us-west-2\nsso_start_url = https://corp.awsapps.com/start\n';
    await writeFile(process.env.AWS_CONFIG_FILE ?? '', config);
    const clock = createFakeClock(Date.UTC(2026, 0, 1));
    const begun = clock.now();
    const opened: string[] = [];
    const done = signInSso({ profile: 'p' }, ({ url }) => opened.push(url), {
      signal: AbortSignal.timeout(20_000),
      clock,
    });
    const error = await done.then(
      () => undefined,
      (problem: unknown) => problem as { code?: string },
    );
    return {
      code: error === undefined ? 'signed in' : (error.code ?? 'another error'),
      opened,
      clock,
      ms: clock.now() - begun,
    };
  }

  for (const url of [
    'file:///etc/passwd',
    'vscode://ms-vscode.remote/x?command=y',
    'javascript:alert(1)',
    'ms-msdt:/id',
    'http://device.sso.example/',
    '//device.sso.example/',
    'command:workbench.action.terminal.new',
  ]) {
    it(`opens no ${url}`, async () => {
      answers.authorization = { ...started, verificationUriComplete: url };
      const { code, opened } = await signIn();
      assert.deepEqual([code, opened], ['AWS_ANSWER_UNEXPECTED', []]);
    });
  }

  it('opens a page over HTTPS, and one of this computer', async () => {
    answers.token = { accessToken: `token-${'t'.repeat(40)}`, expiresIn: 60, tokenType: 'Bearer' };
    for (const url of [started.verificationUriComplete, 'http://127.0.0.1:4566/device']) {
      answers.authorization = { ...started, verificationUriComplete: url };
      const { code, opened } = await signIn();
      assert.deepEqual([code, opened], ['signed in', [url]]);
    }
  });

  for (const [what, change] of Object.entries({
    'not without a pause': { interval: 0, expiresIn: 60 },
    'not for ever': { interval: 30, expiresIn: 2 ** 31 - 1 },
    'not backwards': { interval: -60, expiresIn: -1 },
    'not once in years': { interval: 2 ** 31 - 1, expiresIn: 600 },
  })) {
    it(`is asked ${what}`, async () => {
      answers.authorization = { ...started, ...change };
      const { code, clock, ms } = await signIn();
      assert.equal(code, 'CREDENTIALS_EXPIRED');
      assert.ok(ms <= MOST_MS, `${ms} ms`);
      for (const wait of clock.slept) assert.ok(wait >= 1000 && wait <= 60_000, `${wait} ms`);
    });
  }

  it('gives no token that lives longer than time', async () => {
    answers.token = {
      accessToken: `token-${'t'.repeat(40)}`,
      refreshToken: `again-${'r'.repeat(40)}`,
      expiresIn: 2 ** 31 - 1,
      tokenType: 'Bearer',
    };
    assert.equal((await signIn()).code, 'signed in');
    const cache = path.join(files.folder, '.aws/sso/cache');
    const [name = ''] = await readdir(cache);
    const kept = JSON.parse(await readFile(path.join(cache, name), 'utf8')) as Record<string, string>;
    for (const key of ['expiresAt', 'registrationExpiresAt']) assert.match(kept[key] ?? '', /^202[67]-/, key);
  });
});
