import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from '../../src/aws/createConnection.ts';
import { findThing } from '../../src/aws/iot/things.ts';
import { signedMqttUrl } from '../../src/aws/signedMqttUrl.ts';
import { signInWithPassword } from '../../src/aws/cognito/srp.ts';
import { CmsError, isCmsError } from '../../src/core/errors.ts';
import { forgetSecrets, keepSecret, redact } from '../../src/core/secrets.ts';
import { systemClock } from '../../src/core/work.ts';
import { withoutSecrets } from '../../src/editor/map/mapTexts.ts';
import { mapMessageSchema } from '../../src/protocol/map.ts';
import { type CliRun, runCli } from '../support/cli.ts';
import { startHttpServer, type HttpServer, type SeenRequest } from '../support/httpServer.ts';

const KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const TOKEN = `IQoJb3JpZ2luX2VjE${'aB3/+x'.repeat(20)}==`;
const PASSWORD = 'Correct-Horse/7+Battery';
const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: KEY, sessionToken: TOKEN };
const ENV = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY,
  AWS_SESSION_TOKEN: TOKEN,
  AWS_REGION: 'us-west-2',
};

const escapedXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** All that an endpoint may make of what it was sent. */
function everything({ url, headers, body }: SeenRequest): string {
  const said = `${url} ${JSON.stringify(headers)} ${body}`;
  const token = String(headers['x-amz-security-token'] ?? '');
  return [
    said,
    encodeURIComponent(said),
    Buffer.from(said).toString('base64'),
    Buffer.from(token).toString('hex'),
    token.replaceAll(/(.{20})/g, '$1\n'),
    token.slice(0, 60),
    `…${token.slice(-60)} and …${token.slice(31, 91)}…`,
    Buffer.from(Buffer.from(token).toString('base64')).toString('base64'),
    Buffer.from(token, 'utf16le').toString('base64'),
    Buffer.from(token).toString('hex').replaceAll(/(..)/g, '$1 '),
  ].join(' | ');
}

/** No spelling of the values, and no longer part of them. */
function assertWithout(text: string, ...secrets: string[]): void {
  for (const secret of secrets) {
    for (const spelling of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64').slice(0, -4),
      secret.slice(0, 24),
      secret.slice(-24),
      Buffer.from(secret.slice(0, 24), 'utf16le').toString('base64'),
    ])
      assert.ok(!text.replaceAll(/\s|\\n/g, '').includes(spelling), `${spelling} is in ${text}`);
  }
}

function textOf({ stdout, stderr }: CliRun): string {
  return stdout + stderr;
}

describe('An endpoint that repeats what it was sent', () => {
  let server: HttpServer;
  let answer: (request: SeenRequest) => string = everything;
  before(async () => {
    server = await startHttpServer((request) => {
      const said = answer(request);
      return request.headers['content-type']?.includes('json') === true || request.method === 'GET'
        ? {
            status: 400,
            headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': 'Odd' },
            body: JSON.stringify({ __type: 'Odd', message: said }),
          }
        : {
            status: 400,
            headers: { 'content-type': 'text/xml' },
            body: `<ErrorResponse><Error><Code>Odd</Code><Message>${escapedXml(said)}</Message></Error></ErrorResponse>`,
          };
    });
  });
  beforeEach(() => {
    forgetSecrets();
    answer = everything;
  });
  afterEach(forgetSecrets);
  after(() => server.close());

  for (const flags of [[], ['--verbose'], ['--json']]) {
    it(`shows no session token on the command line ${flags.join(' ')}`, async () => {
      const run = await runCli(['stacks', '--endpoint', server.url, ...flags], { env: ENV });
      assert.equal(run.code, 1);
      assertWithout(textOf(run), TOKEN, KEY);
      assert.match(textOf(run), /\[secret\]/);
    });
  }

  it('shows no secret key or password that it knows from elsewhere', async () => {
    answer = () => `the key ${KEY} and ${encodeURIComponent(KEY)} ${PASSWORD}`;
    const run = await runCli(
      ['vehicles', '--endpoint', server.url, '--username', 'u', '--password-stdin', '--verbose'],
      { env: ENV, input: `${PASSWORD}\n` },
    );
    assert.equal(run.code, 1);
    assertWithout(textOf(run), KEY, PASSWORD);
  });

  it('puts none into an error, its causes as they are shown, and its details', async () => {
    const connection = await createConnection(
      { endpoint: server.url, region: 'us-west-2', credentials: KEYS },
      { clock: systemClock, random: Math.random },
    );
    try {
      await findThing(connection, 'x', new AbortController().signal);
      assert.fail('It was found.');
    } catch (error) {
      assert.ok(isCmsError(error));
      assertWithout(`${error.message} ${JSON.stringify(error.details)}`, TOKEN, KEY);
      assert.match(error.message, /\[secret\]/);
    } finally {
      connection.dispose();
    }
  });

  it('shows no password of the user pool', async () => {
    const connection = await createConnection(
      { endpoint: server.url, region: 'us-west-2', credentials: KEYS },
      { clock: systemClock, random: Math.random },
    );
    answer = () => `the password is ${PASSWORD}`;
    const pool = { connection, userPoolId: 'us-west-2_abcdefghi', clientId: 'c' };
    await assert.rejects(
      signInWithPassword(pool, 'u', PASSWORD, new AbortController().signal),
      (error: Error) => {
        assertWithout(error.message, PASSWORD);
        return true;
      },
    );
    connection.dispose();
  });

  it('shows no signature of an address', async () => {
    const connection = await createConnection(
      { endpoint: server.url, region: 'us-west-2', credentials: KEYS },
      { clock: systemClock, random: Math.random },
    );
    const url = await signedMqttUrl(connection);
    connection.dispose();
    const signature = new URL(url).searchParams.get('X-Amz-Signature')!;
    const shown = redact(`Unexpected answer from ${url}; it was ${signature} ${TOKEN}`);
    assertWithout(shown, signature, TOKEN);
  });

  it('shows no password of its own address', async () => {
    const address = server.url.replace('://', `://me:${encodeURIComponent(PASSWORD)}@`);
    for (const flags of [[], ['--json'], ['--verbose']]) {
      const run = await runCli(['stacks', '--endpoint', address, ...flags], { env: ENV });
      assertWithout(textOf(run), PASSWORD);
    }
  });
});

describe('A tool or file that repeats what is secret', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'secrets-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function withProfile(lines: string): Promise<Record<string, string>> {
    const config = join(folder, 'config');
    await writeFile(config, `[profile p]\nregion = us-west-2\n${lines}`);
    return { AWS_CONFIG_FILE: config };
  }

  it('shows neither the command line of a credential_process nor what it says of its keys', async () => {
    const tool = join(folder, 'tool.sh');
    await writeFile(
      tool,
      `#!/bin/sh\necho '{"SecretAccessKey":"${KEY}","SessionToken":"${TOKEN}"' >&2\necho "$@" >&2\nexit 3\n`,
    );
    await chmod(tool, 0o700);
    const env = await withProfile(`credential_process = ${tool} --vault-password ${PASSWORD}\n`);
    for (const flags of [[], ['--verbose'], ['--json']]) {
      const run = await runCli(['stacks', '--profile', 'p', ...flags], { env });
      assert.equal(run.code, 1);
      assertWithout(textOf(run), KEY, TOKEN, `--vault-password ${PASSWORD}`);
    }
  });

  it('shows nothing of keys in a broken answer of a credential_process', async () => {
    const tool = join(folder, 'tool.sh');
    await writeFile(tool, `#!/bin/sh\necho '${KEY} ${TOKEN}'\n`);
    await chmod(tool, 0o700);
    const env = await withProfile(`credential_process = ${tool}\n`);
    const run = await runCli(['stacks', '--profile', 'p', '--verbose'], { env });
    assert.equal(run.code, 1);
    assertWithout(textOf(run), KEY, TOKEN);
  });

  describe('of single sign-on', () => {
    const SSO_TOKEN = `aoaAAAAAG${'kJ7x-Qz_2'.repeat(12)}`;

    /** What "aws sso login" leaves. */
    async function signedIn(endpoint: string): Promise<Record<string, string>> {
      const start = 'https://example.awsapps.com/start';
      const cache = join(folder, '.aws/sso/cache');
      await mkdir(cache, { recursive: true });
      await writeFile(
        join(cache, `${createHash('sha1').update(start).digest('hex')}.json`),
        JSON.stringify({
          ...{ startUrl: start, region: 'us-west-2', accessToken: SSO_TOKEN },
          expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
        }),
      );
      const env = await withProfile(
        `sso_start_url = ${start}\nsso_region = us-west-2\nsso_account_id = 1\nsso_role_name = r\n`,
      );
      return { ...env, HOME: folder, AWS_ENDPOINT_URL_SSO: endpoint };
    }

    it('shows no token that comes back', async () => {
      const server = await startHttpServer(({ headers }) => ({
        status: 400,
        headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'InvalidRequestException' },
        body: JSON.stringify({ message: `said ${JSON.stringify(headers)}` }),
      }));
      try {
        const env = await signedIn(server.url);
        for (const flags of [[], ['--verbose'], ['--json']]) {
          const run = await runCli(['stacks', '--profile', 'p', ...flags], { env });
          assert.equal(run.code, 1);
          assertWithout(textOf(run), SSO_TOKEN);
        }
        assert.ok(server.requests.length > 0);
        assert.equal(server.requests[0]?.headers['x-amz-sso_bearer_token'], SSO_TOKEN);
      } finally {
        await server.close();
      }
    });

    it('sends none to another computer unencrypted', async () => {
      const env = await signedIn('http://192.0.2.1');
      const run = await runCli(['stacks', '--profile', 'p', '--json'], { env });
      assert.equal(run.objects().at(-1)?.code, 'ENDPOINT_NOT_PRIVATE', textOf(run));
    });
  });

  it('shows no private key of a file that is something else', async () => {
    const file = join(folder, 'key.pem');
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ'.repeat(4)}\n-----END PRIVATE KEY-----\n`;
    await writeFile(file, key);
    for (const args of [
      ['stacks', '--ca', file],
      ['onboard', '--fleet', file, '--username', 'u'],
      ['replay', '--file', file],
      ['simulate', '--vin', 'X', '--route', file],
    ]) {
      const run = await runCli([...args, '--verbose'], {
        env: { ...ENV, CMS_PASSWORD: PASSWORD },
      });
      assert.notEqual(run.code, 0);
      assert.doesNotMatch(textOf(run), /MIIEvQIBADAN/);
    }
  });

  it('shows the map none, whatever is named after one', () => {
    keepSecret(TOKEN);
    const vehicle = {
      ...{ id: '1', vin: TOKEN, trail: [], phase: 'failed' as const, acknowledged: 1, unacked: 0, lost: 0 },
      ...{ troubleCodes: [TOKEN], problem: `refused: ${TOKEN}` },
      lastMessage: { time: 1767225600000, topic: `a/${TOKEN}`, type: TOKEN },
    };
    const run = { state: 'failed' as const, speed: 1, messagesPerSecond: 0, note: TOKEN };
    const routes = [{ name: TOKEN, points: [[1, 2], [3, 4]] as [number, number][] }]; // prettier-ignore
    for (const message of [
      { kind: 'frame' as const, vehicles: [vehicle], run },
      { kind: 'scene' as const, source: 'watch' as const, title: TOKEN, routes, steers: [], acts: [] },
    ]) {
      const shown = withoutSecrets(message);
      assertWithout(JSON.stringify(shown), TOKEN);
      assert.ok(mapMessageSchema.safeParse(shown).success);
    }
  });

  it('shows no secret of an error nobody expected', () => {
    forgetSecrets();
    const error = new CmsError('INTERNAL', {
      kind: 'verbatim',
      text: `http://u:${encodeURIComponent(PASSWORD)}@h`,
    });
    assertWithout(error.message, PASSWORD);
  });
});
