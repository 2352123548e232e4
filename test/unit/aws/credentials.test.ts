import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createConnection } from '../../../src/aws/createConnection.ts';
import type { ConnectionOptions } from '../../../src/aws/connection.ts';
import { planNetwork } from '../../../src/aws/networkPlan.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { redact } from '../../../src/core/secrets.ts';
import { english } from '../../../src/core/wording.ts';
import { useAwsFiles, type AwsFiles } from '../../support/awsFiles.ts';
import { startHttpServer, type Answer, type HttpServer, type SeenRequest } from '../../support/httpServer.ts';
import { testWork } from '../../support/works.ts';

const HOUR_MS = 3_600_000;
const TOKEN = 'aoaAAAAAGZKc3Vwc2xkLWV4YW1wbGUtMDAwMQ:MGUCMQDexample0001';
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/deploy\nregion = us-west-2';
const json = { 'content-type': 'application/json' };
const xml = { 'content-type': 'text/xml' };

const config = (url: string): string => `
[profile 'My Corp Dev']
region = us-west-2
services = mine
sso_session = My Corp
sso_account_id = 123456789012
sso_role_name = Fleet
[sso-session 'My Corp']
sso_region = eu-central-1
sso_start_url = https://corp.awsapps.com/start
[services mine]
sso =
  endpoint_url = ${url}/portal
sso_oidc =
  endpoint_url = ${url}/oidc
signin =
  endpoint_url = ${url}/signin
sts =
  endpoint_url = ${url}
[profile deploy]
${ROLE}
services = mine
source_profile = My Corp Dev
[profile away]
region = us-west-2
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 123456789012
sso_role_name = Fleet
[profile web]
${ROLE}
services = mine
web_identity_token_file = ${path.join('/nowhere', 'token')}
[profile login]
region = us-west-2
login_session = arn:aws:iam::123456789012:user/me
[profile login-here]
region = us-west-2
login_session = arn:aws:iam::123456789012:user/me
services = mine
[profile login-anywhere]
login_session = arn:aws:iam::123456789012:user/me
[profile login-fips]
region = us-west-2
login_session = arn:aws:iam::123456789012:user/me
use_fips_endpoint = true
[profile over-login]
${ROLE}
source_profile = login
[profile fails]
region = us-west-2
credential_process = echo no such user >&2; false --client-secret hunter2secret
[profile silent]
region = us-west-2
credential_process = false --client-secret hunter2secret
[profile over]
region = us-west-2
credential_process = echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"secret","Expiration":"2020-01-01T00:00:00Z"}'
[profile environment]
${ROLE}
credential_source = Environment
[profile container]
${ROLE}
credential_source = EcsContainer
[profile mfa]
${ROLE}
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile guarded]
${ROLE}
services = mine
source_profile = My Corp Dev
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile keys]
region = us-west-2
aws_access_key_id = AKIDKEYS
aws_secret_access_key = secret
services = mine
[profile over-process]
${ROLE}
services = mine
source_profile = works
[profile works]
region = us-west-2
credential_process = echo '{"Version":1,"AccessKeyId":"AKIDPROC","SecretAccessKey":"secret"}'
[profile over-web]
${ROLE}
services = mine
source_profile = web
[profile bare]
region = us-west-2
`;

const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

const refusal = (code: string, message: string): Answer => ({
  status: 400,
  headers: xml,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
const portalRefusal = (status: number, name: string): Answer => ({
  status,
  headers: { ...json, 'x-amzn-errortype': name },
  body: JSON.stringify({ message: `${name} of the test` }),
});

const keyOf = (request: SeenRequest | undefined) =>
  /Credential=([^/]+)/.exec(request?.headers.authorization ?? '')?.[1];

describe('the credentials of a profile', () => {
  let files: AwsFiles;
  let server: HttpServer;
  /** What the test wants answered in place of what is usual. */
  let special: (request: SeenRequest) => Answer | undefined;

  const answer = (request: SeenRequest): Answer => {
    const wanted = special(request);
    if (wanted !== undefined) return wanted;
    if (request.url.startsWith('/portal/federation/credentials')) {
      const expiration = Date.now() + HOUR_MS;
      const roleCredentials = {
        accessKeyId: 'ASIASSO',
        secretAccessKey: 's',
        sessionToken: TOKEN,
        expiration,
      };
      return { headers: json, body: JSON.stringify({ roleCredentials }) };
    }
    if (request.url === '/oidc/token')
      return { headers: json, body: JSON.stringify({ accessToken: `${TOKEN}-2`, expiresIn: 3600 }) };
    return { headers: xml, body: request.body.includes('Action=AssumeRole') ? ASSUMED : CALLER };
  };

  beforeEach(async () => {
    special = () => undefined;
    server = await startHttpServer(answer);
    files = useAwsFiles({ config: config(server.url) });
    process.env.HOME = files.folder;
    process.env.AWS_MAX_ATTEMPTS = '1';
  });
  afterEach(async () => {
    await server.close();
    files.restore();
  });

  /** What `aws sso login` leaves, named by the session or the start URL. */
  function signIn(name: string, { expiresIn = 8 * HOUR_MS, more = {} } = {}): void {
    const folder = path.join(files.folder, '.aws/sso/cache');
    mkdirSync(folder, { recursive: true });
    const expiresAt = new Date(Date.now() + expiresIn).toISOString();
    writeFileSync(
      path.join(folder, `${createHash('sha1').update(name).digest('hex')}.json`),
      JSON.stringify({ accessToken: TOKEN, expiresAt, ...more }),
    );
  }

  async function identify(profile: string | undefined, options: ConnectionOptions = {}): Promise<void> {
    const connection = await createConnection(
      { ...(profile === undefined ? {} : { profile }), ...options },
      testWork(),
    );
    try {
      await connection.identity();
    } finally {
      connection.dispose();
    }
  }

  async function failure(profile: string | undefined, options: ConnectionOptions = {}): Promise<CmsError> {
    const error: unknown = await identify(profile, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CmsError, String(error));
    return error;
  }

  describe('by single sign-on', () => {
    it('come from the endpoints that the named profile gives the portal, its tokens, and STS', async () => {
      signIn('My Corp', {
        expiresIn: -HOUR_MS,
        more: {
          clientId: 'id',
          clientSecret: 'client-secret-of-the-test',
          refreshToken: 'refresh-of-the-test',
        },
      });
      await identify('deploy');
      const [renewed, exchanged, assumed, called] = server.requests;
      assert.equal(renewed?.url, '/oidc/token');
      assert.equal(renewed.headers.host, new URL(server.url).host);
      assert.equal(exchanged?.url, '/portal/federation/credentials?account_id=123456789012&role_name=Fleet');
      assert.equal(exchanged.headers['x-amz-sso_bearer_token'], `${TOKEN}-2`);
      for (const secret of ['client-secret-of-the-test', 'refresh-of-the-test'])
        assert.ok(!redact(`it was ${secret}`).includes(secret), `${secret} is kept out of all text`);
      assert.equal(keyOf(assumed), 'ASIASSO');
      assert.equal(keyOf(called), 'AKIDROLE');
    });

    it('lead to the sign-in of the profile that can sign in', async () => {
      const error = await failure('deploy');
      assert.equal(error.code, 'CREDENTIALS_EXPIRED');
      assert.equal(
        error.message,
        'Profile deploy uses profile My Corp Dev, which is not signed in to AWS SSO.',
      );
      assert.equal(error.details.command, 'aws sso login --profile "My Corp Dev"');
    });

    it('do so when AWS does not take the token any more', async () => {
      signIn('My Corp');
      special = ({ url }) =>
        url.startsWith('/portal') ? portalRefusal(401, 'UnauthorizedException') : undefined;
      const error = await failure('My Corp Dev');
      assert.equal(error.message, 'Profile My Corp Dev is not signed in to AWS SSO.');
    });

    it('say that a role is not given', async () => {
      signIn('My Corp');
      special = ({ url }) =>
        url.startsWith('/portal') ? portalRefusal(403, 'ForbiddenException') : undefined;
      const error = await failure('My Corp Dev');
      assert.equal(error.code, 'ACCESS_DENIED');
      assert.match(
        error.message,
        /does not allow you to use the role Fleet in account 123456789012 \(profile My Corp Dev\)/,
      );
    });

    it('say what AWS said of anything else', async () => {
      signIn('My Corp');
      special = ({ url }) =>
        url.startsWith('/portal') ? portalRefusal(400, 'InvalidRequestException') : undefined;
      const error = await failure('My Corp Dev');
      assert.equal(error.code, 'AWS_CALL_FAILED');
      assert.match(
        error.message,
        /did not return credentials for profile My Corp Dev: .*InvalidRequestException of the test\.$/,
      );
    });

    it('do not take a page of a proxy for a refusal', async () => {
      signIn('My Corp');
      const page = { status: 401, headers: { 'content-type': 'text/html' }, body: '<html>' };
      special = ({ url }) => (url.startsWith('/portal') ? page : undefined);
      const error = await failure('My Corp Dev');
      assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
      assert.match(
        error.message,
        /What answered for 127\.0\.0\.1:\d+ \(status 401\) does not behave like AWS/,
      );
    });

    it('name the host that cannot be reached', async () => {
      signIn('My Corp');
      process.env.AWS_ENDPOINT_URL_SSO = 'http://127.0.0.1:9';
      const error = await failure('deploy');
      assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
      assert.equal(
        error.message,
        'Cannot reach 127.0.0.1:9 for AWS credentials: nothing is listening there.',
      );
    });

    it('name it when the token is over and could not be renewed, and keep to that', async () => {
      writeFileSync(
        process.env.AWS_CONFIG_FILE ?? '',
        config(server.url)
          .replaceAll('My Corp', 'Other Corp')
          .replace(`${server.url}/oidc`, 'http://127.0.0.1:9'),
      );
      signIn('Other Corp', {
        expiresIn: -HOUR_MS,
        more: {
          clientId: 'id',
          clientSecret: 'client-secret-of-the-test',
          refreshToken: 'refresh-of-the-test',
        },
      });
      const connection = await createConnection({ profile: 'Other Corp Dev' }, testWork());
      // The SDK does not ask again for half a minute.
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await assert.rejects(connection.identity(), {
          code: 'ENDPOINT_UNREACHABLE',
          message: 'Cannot reach 127.0.0.1:9 for AWS credentials: nothing is listening there.',
        });
      }
      connection.dispose();
    });

    it('ask the portal of the SSO region, not of the connection’s, and leave out another profile’s endpoint', async () => {
      signIn('https://corp.awsapps.com/start');
      writeFileSync(
        process.env.AWS_CONFIG_FILE ?? '',
        `${config(server.url)}[default]\nendpoint_url = ${server.url}/portal\n`,
      );
      // Every name leads to a proxy that refuses, which is told with the host that was asked for.
      process.env.HTTPS_PROXY = 'http://127.0.0.1:9';
      const error = await failure('away');
      assert.match(
        error.message,
        /^Cannot reach portal\.sso\.eu-central-1\.amazonaws\.com for AWS credentials: /,
      );
      assert.equal(server.requests.length, 0);
    });

    for (const [word, host] of [
      ['use_fips_endpoint', 'portal.sso-fips.eu-central-1.amazonaws.com'],
      ['use_dualstack_endpoint', 'portal.sso.eu-central-1.api.aws'],
    ] as const)
      it(`ask there as ${word} of the named profile says`, async () => {
        signIn('https://corp.awsapps.com/start');
        const text = config(server.url).replace('[profile away]', `[profile away]\n${word} = True`);
        writeFileSync(process.env.AWS_CONFIG_FILE ?? '', text);
        process.env.HTTPS_PROXY = 'http://127.0.0.1:9';
        assert.ok((await failure('away')).message.includes(`Cannot reach ${host} for`));
      });
  });

  it('send people with a profile of aws login to that', async () => {
    for (const [profile, sentence] of [
      ['login', 'Profile login is not signed in to AWS.'],
      ['over-login', 'Profile over-login uses profile login, which is not signed in to AWS.'],
    ] as const) {
      const error = await failure(profile);
      assert.equal(error.code, 'CREDENTIALS_EXPIRED');
      assert.equal(error.message, sentence);
      assert.equal(
        english(error.remedy ?? ''),
        'Run "aws login --profile login" in a terminal, then try again.',
      );
    }
  });

  describe('by aws login', () => {
    const SESSION = 'arn:aws:iam::123456789012:user/me';
    const REFRESH = 'refresh-of-aws-login';

    /** What `aws login` leaves of a session whose keys are over. */
    function login(more: object = {}): void {
      const folder = path.join(files.folder, '.aws/login/cache');
      mkdirSync(folder, { recursive: true });
      const accessToken = {
        accessKeyId: 'ASIAOLD',
        secretAccessKey: 's',
        sessionToken: 't',
        accountId: '123456789012',
        expiresAt: new Date(Date.now() - HOUR_MS).toISOString(),
      };
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const dpopKey = privateKey.export({ type: 'sec1', format: 'pem' });
      writeFileSync(
        path.join(folder, `${createHash('sha256').update(SESSION).digest('hex')}.json`),
        JSON.stringify({ accessToken, clientId: 'c', refreshToken: REFRESH, dpopKey, ...more }),
      );
    }
    const renewed: Answer = {
      headers: json,
      body: JSON.stringify({
        accessToken: { accessKeyId: 'ASIALOGIN', secretAccessKey: 's', sessionToken: 't' },
        tokenType: 'aws_sigv4',
        expiresIn: 900,
        refreshToken: `${REFRESH}-2`,
      }),
    };
    const refused = (status: number, error: string): Answer => ({
      status,
      headers: { ...json, 'x-amzn-errortype': 'AccessDeniedException' },
      body: JSON.stringify({ error, message: `${error} of the test` }),
    });

    it('are renewed at the endpoint that the named profile gives the sign-in', async () => {
      login();
      special = ({ url }) => (url.startsWith('/signin') ? renewed : undefined);
      await identify('login-here');
      const [renewal, called] = server.requests;
      assert.equal(renewal?.url, '/signin/v1/token');
      // What proves that the session is ours names the address it is for.
      const proof = String(renewal.headers.dpop).split('.')[1] ?? '';
      const { htu } = JSON.parse(Buffer.from(proof, 'base64url').toString()) as { htu: string };
      assert.equal(htu, `${server.url}/signin/v1/token`);
      assert.equal(keyOf(called), 'ASIALOGIN');
      assert.doesNotMatch(redact(`it was ${REFRESH}`), /refresh-of/, 'its secret is kept out of all text');
    });

    for (const [name, profile, options, session, host] of [
      ['the session', 'login', {}, { signInRegion: 'eu-west-1' }, 'eu-west-1.signin.aws.amazon.com'],
      ['the profile', 'login', {}, {}, 'us-west-2.signin.aws.amazon.com'],
      ['the option', 'login-anywhere', { region: 'cn-north-1' }, {}, 'cn-north-1.signin.amazonaws.cn'],
      ['FIPS', 'login-fips', {}, {}, 'signin-fips.us-west-2.amazonaws.com'],
    ] as const)
      it(`are renewed where ${name} says, through the proxy, as the plan of the network has it`, async () => {
        login(session);
        process.env.HTTPS_PROXY = 'http://127.0.0.1:9';
        const error = await failure(profile, options);
        assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
        assert.ok(
          error.message.startsWith(`Cannot reach ${host} for AWS credentials: the proxy`),
          error.message,
        );
        const { hosts } = await planNetwork({ profile, ...options });
        assert.equal(hosts.at(-1)?.host, host);
      });

    it('lead to the sign-in when the session is over', async () => {
      login();
      special = ({ url }) => (url.startsWith('/signin') ? refused(400, 'TOKEN_EXPIRED') : undefined);
      const error = await failure('login-here');
      assert.equal(error.code, 'CREDENTIALS_EXPIRED');
      assert.equal(error.details.command, 'aws login --profile login-here');
    });

    it('name the permission that is missing', async () => {
      login();
      special = ({ url }) =>
        url.startsWith('/signin') ? refused(403, 'INSUFFICIENT_PERMISSIONS') : undefined;
      const error = await failure('login-here');
      assert.equal(error.code, 'ACCESS_DENIED');
      assert.match(english(error.remedy ?? ''), /signin:CreateOAuth2Token/);
    });
  });

  describe('by a program', () => {
    it('come with its own words when it fails, and without its command line', async () => {
      const error = await failure('fails');
      assert.equal(error.code, 'CREDENTIALS_MISSING');
      assert.equal(error.message, 'The credential_process of profile fails failed: no such user.');
    });

    it('are said to be missing when it says nothing', async () => {
      const error = await failure('silent');
      assert.equal(error.message, 'The credential_process of profile silent failed and said nothing.');
    });

    it('are said to be over', async () => {
      const error = await failure('over');
      assert.equal(error.code, 'CREDENTIALS_EXPIRED');
      assert.equal(error.message, 'The credential_process of profile over returned expired credentials.');
    });

    it('are asked for once when AWS_PROFILE names the profile, and its words are kept', async () => {
      const { message } = await failure(undefined, {}).catch(() => ({ message: '' }));
      assert.equal(message, 'No AWS region is set.');
      process.env.AWS_PROFILE = 'fails';
      assert.equal(
        (await failure(undefined)).message,
        'The credential_process of profile fails failed: no such user.',
      );
    });
  });

  describe('by a web identity', () => {
    it('need a file that can be read', async () => {
      const error = await failure('web');
      assert.equal(error.code, 'CREDENTIALS_MISSING');
      assert.equal(error.message, 'The web identity token in /nowhere/token cannot be read (ENOENT).');
    });

    it('are refused with a token that is over, whichever way it is named', async () => {
      const token = path.join(files.folder, 'token');
      writeFileSync(token, 'token-of-an-identity-provider');
      special = ({ body }) =>
        body.includes('WithWebIdentity') ? refusal('ExpiredTokenException', 'Token expired: 1') : undefined;
      writeFileSync(process.env.AWS_CONFIG_FILE ?? '', config(server.url).replace('/nowhere/token', token));
      const error = await failure('web');
      assert.equal(error.code, 'CREDENTIALS_EXPIRED');
      assert.equal(error.message, `AWS refused the web identity token in ${token}: Token expired: 1.`);

      process.env.AWS_WEB_IDENTITY_TOKEN_FILE = token;
      process.env.AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/deploy';
      process.env.AWS_ENDPOINT_URL_STS = server.url;
      assert.equal((await failure(undefined, { region: 'us-west-2' })).message, error.message);
    });
  });

  it('are those of a role over a program, and over a web identity', async () => {
    const token = path.join(files.folder, 'token');
    writeFileSync(token, 'token-of-an-identity-provider');
    writeFileSync(process.env.AWS_CONFIG_FILE ?? '', config(server.url).replace('/nowhere/token', token));
    const web = ASSUMED.replaceAll('AssumeRole', 'AssumeRoleWithWebIdentity').replace('AKIDROLE', 'AKIDWEB');
    special = ({ body }) => (body.includes('WithWebIdentity') ? { headers: xml, body: web } : undefined);

    await identify('over-process');
    assert.deepEqual(server.requests.map(keyOf), ['AKIDPROC', 'AKIDROLE']);
    server.requests.splice(0);
    await identify('over-web');
    // Who shows a token of an identity provider signs nothing.
    assert.deepEqual(server.requests.map(keyOf), [undefined, 'AKIDWEB', 'AKIDROLE']);
    assert.match(server.requests[0]?.body ?? '', /WebIdentityToken=token-of-an-identity-provider/);
  });

  it('that are still good stay in use while they cannot be renewed', async () => {
    const script = path.join(files.folder, 'once');
    const soon = new Date(Date.now() + 60_000).toISOString();
    const keys = JSON.stringify({
      Version: 1,
      AccessKeyId: 'AKIDSOON',
      SecretAccessKey: 's',
      SessionToken: 't',
      Expiration: soon,
    });
    writeFileSync(
      script,
      `echo x >> ${script}.runs\ntest -e ${script}.ran && { echo away >&2; exit 1; }\ntouch ${script}.ran\necho '${keys}'\n`,
    );
    const text = `[profile once]\nregion = us-west-2\nservices = mine\ncredential_process = sh ${script}\n`;
    writeFileSync(process.env.AWS_CONFIG_FILE ?? '', `${config(server.url)}${text}`);
    const work = testWork();
    let later = 0;
    const clock = { ...work.clock, now: () => Date.now() + later };
    const connection = await createConnection({ profile: 'once' }, { ...work, clock });
    await connection.identity();
    // Three quarters of their life are over, and the program fails from now on.
    later = 50_000;
    const runs = () => readFileSync(`${script}.runs`, 'utf8').length / 2;
    assert.equal((await connection.identity()).accountId, '123456789012');
    assert.equal(runs(), 2);
    // It is left alone for half a minute, or to the end of the keys.
    later = 55_000;
    assert.equal((await connection.identity()).accountId, '123456789012');
    assert.equal(runs(), 2);
    later = 61_000;
    await assert.rejects(connection.identity(), { code: 'CREDENTIALS_MISSING' });
    connection.dispose();
  });

  it('are those of the profile that AWS_DEFAULT_PROFILE names', async () => {
    process.env.AWS_DEFAULT_PROFILE = 'keys';
    await identify(undefined);
    assert.equal(keyOf(server.requests[0]), 'AKIDKEYS');
    server.requests.splice(0);
    const own = { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'secret' };
    Object.assign(process.env, own);
    await identify(undefined);
    assert.equal(keyOf(server.requests[0]), 'AKIDENV');
  });

  it('say what a credential_source lacks', async () => {
    const environment = await failure('environment');
    assert.equal(environment.code, 'CREDENTIALS_MISSING');
    assert.match(
      environment.message,
      /Profile environment takes its keys from the environment, where there are none/,
    );
    const container = await failure('container');
    assert.match(
      container.message,
      /^Profile container takes its credentials from EcsContainer, which returned none: /,
    );
  });

  it('say that nobody can be asked for a one-time code', async () => {
    const error = await failure('mfa');
    assert.equal(error.message, 'Profile mfa requires a one-time code, and nobody can be asked for it here.');
  });

  it('come from endpoints of one’s own whatever is said of FIPS and dual-stack, as for the AWS CLI', async () => {
    signIn('My Corp');
    Object.assign(process.env, { AWS_USE_FIPS_ENDPOINT: 'TRUE', AWS_USE_DUALSTACK_ENDPOINT: 'true' });
    await identify('deploy');
    process.env.AWS_ENDPOINT_URL_SSO = `${server.url}/portal`;
    await identify('deploy');
    assert.equal(server.requests.length, 6);
  });

  it('ask for a one-time code only when there are keys to send it with', async () => {
    const asked: string[] = [];
    const mfaCode = (serial: string): Promise<string> => {
      asked.push(serial);
      // So late that a failure of the profile below would end the process, if nobody waited for it.
      return new Promise((resolve) => setImmediate(() => resolve('123456')));
    };
    const error = await failure('guarded', { mfaCode });
    assert.equal(
      error.message,
      'Profile guarded uses profile My Corp Dev, which is not signed in to AWS SSO.',
    );
    assert.deepEqual(asked, []);
    signIn('My Corp');
    await identify('guarded', { mfaCode });
    assert.deepEqual(asked, ['arn:aws:iam::123456789012:mfa/me']);
    const assumed = server.requests.find(({ body }) => body.includes('Action=AssumeRole'));
    assert.match(assumed?.body ?? '', /TokenCode=123456/);
  });

  it('say that there are none', async () => {
    assert.equal(
      (await failure(undefined, { region: 'us-west-2' })).message,
      'No AWS credentials were found.',
    );
    const error = await failure('bare');
    assert.equal(error.code, 'CREDENTIALS_MISSING');
    assert.equal(error.message, 'Profile bare has no credentials, and this computer offers no others.');
  });

  it('are those of the environment when AWS_PROFILE names a profile without any, as for the AWS CLI', async () => {
    Object.assign(process.env, {
      AWS_PROFILE: 'bare',
      AWS_ACCESS_KEY_ID: 'AKIDENV',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    process.env.AWS_ENDPOINT_URL_STS = server.url;
    await identify(undefined);
    assert.equal(keyOf(server.requests[0]), 'AKIDENV');
  });

  for (const [where, set] of [
    ['the profile', (): void => undefined],
    ['AWS_MAX_ATTEMPTS', () => (process.env.AWS_MAX_ATTEMPTS = '2')],
  ] as const)
    it(`are asked for as often as ${where} says`, async () => {
      delete process.env.AWS_MAX_ATTEMPTS;
      const retries = 'retry_mode = standard\nmax_attempts = 2\n[profile deploy]';
      const text = config(server.url);
      writeFileSync(
        process.env.AWS_CONFIG_FILE ?? '',
        where === 'the profile'
          ? text.replace('[services mine]', `[profile deploy]\n${retries}\n[services mine]`)
          : text,
      );
      set();
      signIn('My Corp');
      special = () => ({ status: 503, headers: json, body: '{}' });
      assert.equal((await failure('deploy')).code, 'AWS_CALL_FAILED');
      assert.equal(server.requests.length, 2);
    });
});
