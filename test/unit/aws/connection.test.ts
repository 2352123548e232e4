import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ListThingsCommand } from '@aws-sdk/client-iot';
import { createConnection } from '../../../src/aws/createConnection.ts';
import { toCmsError } from '../../../src/aws/errors.ts';
import { parseMqttEndpoint } from '../../../src/aws/mqttEndpoint.ts';
import { amazonRootCa } from '../../../src/aws/rootCa.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { useAwsFiles } from '../../support/awsFiles.ts';
import type { AwsFiles } from '../../support/awsFiles.ts';
import { startHttpServer } from '../../support/httpServer.ts';
import type { HttpServer, SeenRequest } from '../../support/httpServer.ts';
import { english } from '../../../src/core/wording.ts';
import { l10n } from '../../../src/core/message.ts';
import { createTestCa } from '../../support/testCertificates.ts';
import { testWork } from '../../support/works.ts';

const CONFIG = `
[profile base]
region = us-west-2
[profile admin]
region = us-west-2
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile process]
region = us-west-2
credential_process = echo '{"Version":1,"AccessKeyId":"AKIDPROC","SecretAccessKey":"s"}'
[profile sso]
region = us-west-2
sso_session = work
sso_account_id = 123456789012
sso_role_name = admin
[sso-session work]
sso_region = us-east-1
sso_start_url = https://work.awsapps.com/start
[profile bare]
region = us-west-2
[profile ignoring]
region = us-west-2
ignore_configured_endpoint_urls = true
use_fips_endpoint = True
`;
const CREDENTIALS = '[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = secret\n';

const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

function answer(request: SeenRequest) {
  const xml = { 'content-type': 'text/xml' };
  const json = { 'content-type': 'application/json' };
  if (request.body.includes('Action=AssumeRole')) return { headers: xml, body: ASSUMED };
  if (request.body.includes('Action=GetCallerIdentity')) return { headers: xml, body: CALLER };
  if (request.url.startsWith('/endpoint'))
    return { headers: json, body: '{"endpointAddress":"localhost:18883"}' };
  return { headers: json, body: '{"things":[]}' };
}

const keyOf = (request: SeenRequest) => /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1];

describe('a connection', () => {
  let files: AwsFiles;
  let server: HttpServer;
  beforeEach(async () => {
    files = useAwsFiles({ config: CONFIG, credentials: CREDENTIALS });
    server = await startHttpServer(answer);
  });
  afterEach(async () => {
    await server.close();
    files.restore();
  });

  it('signs with the profile’s keys and asks who calls only once', async () => {
    const connection = await createConnection({ profile: 'base', endpoint: server.url }, testWork());
    assert.deepEqual(await connection.identity(), {
      accountId: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/me',
    });
    await connection.identity();
    assert.equal(server.requests.length, 1);
    assert.equal(keyOf(server.requests[0]!), 'AKIDBASE');
    assert.equal(english(connection.label), `profile base, us-west-2, ${server.url}`);
    connection.dispose();
  });

  it('asks for one one-time code, however many clients use the role', async () => {
    const asked: string[] = [];
    const connection = await createConnection(
      {
        profile: 'admin',
        endpoint: server.url,
        mfaCode: (serial) => {
          asked.push(serial);
          return Promise.resolve('123456');
        },
      },
      testWork(),
    );
    await connection.identity();
    await (await connection.iot()).send(new ListThingsCommand({}));
    assert.deepEqual(asked, ['arn:aws:iam::123456789012:mfa/me']);
    assert.match(server.requests[0]!.body, /TokenCode=123456/);
    assert.deepEqual(server.requests.map(keyOf), ['AKIDBASE', 'AKIDROLE', 'AKIDROLE']);
    connection.dispose();
  });

  it('asks the credential process of a profile', async () => {
    const connection = await createConnection({ profile: 'process', endpoint: server.url }, testWork());
    await connection.identity();
    assert.equal(keyOf(server.requests[0]!), 'AKIDPROC');
    connection.dispose();
  });

  it('sends people with a spent SSO session to sign in again', async () => {
    const connection = await createConnection({ profile: 'sso', endpoint: server.url }, testWork());
    await assert.rejects(connection.identity(), (error: unknown) => {
      assert.ok(error instanceof CmsError);
      assert.equal(error.code, 'CREDENTIALS_EXPIRED');
      assert.match(error.message, /Profile sso is not signed in to AWS SSO/);
      assert.match(english(error.remedy ?? ''), /aws sso login --profile sso/);
      return true;
    });
    connection.dispose();
  });

  it('prefers given keys', async () => {
    const credentials = { accessKeyId: 'AKIDGIVEN', secretAccessKey: 's' };
    const connection = await createConnection(
      { profile: 'base', endpoint: server.url, credentials },
      testWork(),
    );
    await connection.identity();
    assert.equal(keyOf(server.requests[0]!), 'AKIDGIVEN');
    connection.dispose();
  });

  it('says that a profile has no credentials, and keeps secrets out of it', async () => {
    const connection = await createConnection({ profile: 'bare', endpoint: server.url }, testWork());
    await assert.rejects(
      connection.identity(),
      (error: unknown) => error instanceof CmsError && error.code === 'CREDENTIALS_MISSING',
    );
    connection.dispose();
  });

  it('ends an AWS call when cancelled', async () => {
    const connection = await createConnection({ profile: 'base', endpoint: server.url }, testWork());
    await assert.rejects(
      connection.identity(AbortSignal.abort()),
      (error: unknown) => toCmsError(error, l10n.t('asking')).code === 'CANCELLED',
    );
    connection.dispose();
  });

  for (const [what, env] of [
    ['the profile', {}],
    ['a variable', { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' }],
  ] as const)
    it(`asks AWS itself when ${what} ignores configured endpoints, in each client`, async () => {
      Object.assign(process.env, env, { AWS_ENDPOINT_URL: server.url });
      const profile = what === 'the profile' ? 'ignoring' : 'base';
      const credentials = { accessKeyId: 'AKIDGIVEN', secretAccessKey: 's' };
      const connection = await createConnection({ profile, credentials }, testWork());
      const client = await connection.iot();
      const hosts: string[] = [];
      client.middlewareStack.add(
        () => (args) => {
          hosts.push((args.request as { hostname: string }).hostname);
          return Promise.reject(new Error('far enough'));
        },
        { step: 'finalizeRequest', priority: 'low', name: 'stop' },
      );
      await assert.rejects(client.send(new ListThingsCommand({})), /far enough/);
      const fips = what === 'the profile' ? '-fips' : '';
      assert.deepEqual(hosts, [`iot${fips}.us-west-2.amazonaws.com`]);
      assert.equal(connection.endpoint, undefined);
      assert.equal(server.requests.length, 0);
      connection.dispose();
    });

  it('reads the MQTT endpoint with its port', async () => {
    const connection = await createConnection({ profile: 'base', endpoint: server.url }, testWork());
    assert.deepEqual(await connection.mqttEndpoint(), { host: 'localhost', port: 18883 });
    connection.dispose();
  });

  it('gives Amazon Root CA 1 to devices unless a CA file is named', async () => {
    const plain = await createConnection({ profile: 'base' }, testWork());
    assert.match(new X509Certificate(await plain.rootCa()).subject, /Amazon Root CA 1/);
    const caFile = path.join(files.folder, 'ca.pem');
    writeFileSync(caFile, amazonRootCa());
    const own = await createConnection({ profile: 'base', caFile }, testWork());
    assert.equal(await own.rootCa(), amazonRootCa());
    plain.dispose();
    own.dispose();
  });

  describe('with CA files', () => {
    const certificates = (pem: string) =>
      pem
        .match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)
        ?.map((one) => new X509Certificate(one).subject);
    let given: string;
    let variable: string;
    beforeEach(async () => {
      given = path.join(files.folder, 'given.pem');
      variable = path.join(files.folder, 'variable.pem');
      writeFileSync(given, `A note.\n${(await createTestCa('Given')).root}`);
      writeFileSync(variable, (await createTestCa('Of The Variable')).root);
      process.env.AWS_CA_BUNDLE = variable;
    });

    it('gives devices Amazon’s roots in any case, and those of all files besides', async () => {
      const to = { profile: 'base', caFile: given, endpoint: 'https://gateway.corp.test' };
      const connection = await createConnection(to, testWork());
      const subjects = certificates(await connection.rootCa());
      assert.deepEqual(subjects?.slice(0, 2), ['CN=Given', 'CN=Of The Variable']);
      assert.match(subjects[2] ?? '', /CN=Amazon Root CA 1$/);
      assert.ok(!(await connection.rootCa()).includes('A note.'), 'native code takes nothing else');
      connection.dispose();
    });

    it('gives devices of a program on this machine its own root alone', async () => {
      const to = { profile: 'base', caFile: given, endpoint: server.url };
      const connection = await createConnection(to, testWork());
      assert.deepEqual(certificates(await connection.rootCa()), ['CN=Given']);
      assert.deepEqual(certificates((await connection.broker()).rootCaPem), ['CN=Given']);
      connection.dispose();
    });

    it('takes a folder, and a bundle of some megabytes', async () => {
      const folder = path.join(files.folder, 'certs');
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'given.pem'), readFileSync(given));
      const large = path.join(files.folder, 'large.pem');
      writeFileSync(large, `${'# a note\n'.repeat(2 ** 18)}${readFileSync(given, 'utf8')}`);
      for (const caFile of [folder, large]) {
        const connection = await createConnection(
          { profile: 'base', caFile, endpoint: server.url },
          testWork(),
        );
        assert.deepEqual(certificates(await connection.rootCa()), ['CN=Given'], caFile);
        connection.dispose();
      }
    });

    it('passes over a file that is not the first and cannot be read', async () => {
      process.env.AWS_CA_BUNDLE = path.join(files.folder, 'away.pem');
      const to = { profile: 'base', caFile: given, endpoint: 'https://gateway.corp.test' };
      const connection = await createConnection(to, testWork());
      assert.equal(certificates(await connection.rootCa())?.[0], 'CN=Given');
      connection.dispose();
    });
  });

  it('knows a way to each port of MQTT, and by which roots a proxy that speaks TLS is judged', async () => {
    const host = 'a1-ats.iot.us-west-2.amazonaws.com';
    const caFile = path.join(files.folder, 'ca.pem');
    const { root } = await createTestCa('Proxy Root');
    writeFileSync(caFile, root);
    const iot = await startHttpServer(() => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ endpointAddress: host }),
    }));
    const proxy = { proxy: 'https://proxy.corp.test:3129', noProxy: [`${host}:443`] };
    const connection = await createConnection(
      { profile: 'base', endpoint: iot.url, caFile, proxy },
      testWork(),
    );
    try {
      const broker = await connection.broker();
      assert.equal(broker.proxy?.url, 'https://proxy.corp.test:3129/');
      assert.deepEqual([broker.otherPort, broker.otherWay], [443, { proxy: undefined }]);
      assert.ok(broker.proxyRoots?.includes(root.trim()));
      const plain = { ...proxy, proxy: 'http://proxy.corp.test:3128' };
      const other = await createConnection({ profile: 'base', endpoint: iot.url, proxy: plain }, testWork());
      assert.equal((await other.broker()).proxyRoots, undefined, 'they are some hundred');
      other.dispose();
    } finally {
      connection.dispose();
      await iot.close();
    }
  });

  for (const text of [undefined, 'not a certificate']) {
    it(`refuses a CA file that ${text === undefined ? 'is not there' : 'holds no certificate'}`, async () => {
      const caFile = path.join(files.folder, 'ca.pem');
      if (text !== undefined) writeFileSync(caFile, text);
      await assert.rejects(
        createConnection({ profile: 'base', caFile }, testWork()),
        (error: unknown) => error instanceof CmsError && error.code === 'CA_FILE_UNREADABLE',
      );
    });
  }
});

describe('an MQTT endpoint address', () => {
  it('may carry a port', () => {
    assert.deepEqual(parseMqttEndpoint('x-ats.iot.us-west-2.amazonaws.com'), {
      otherPort: 443,
      host: 'x-ats.iot.us-west-2.amazonaws.com',
      port: 8883,
    });
    assert.deepEqual(parseMqttEndpoint('[::1]:1883'), { host: '::1', port: 1883 });
  });
  for (const bad of ['', 'a b', 'host:0', 'host:99999', 'https://host']) {
    it(`is refused as "${bad}"`, () => {
      assert.throws(() => parseMqttEndpoint(bad), CmsError);
    });
  }
});
