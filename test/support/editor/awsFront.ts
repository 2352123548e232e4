import { request as httpRequest } from 'node:http';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** No word that stands in a sentence: what is secret is not shown. */
const TOKEN = 'FwoGZXIvYXdzEExampleSessionToken';

/** The access key for each kind of credentials. It shows how a call was signed. */
export const KEYS = { role: 'ASIAROLE000000000000', sso: 'ASIASSO0000000000000' } as const;

/** What `aws sso login` leaves: one the portal takes and one it does not. As long as those of AWS, and no words. */
export const SSO_TOKENS = {
  good: 'aoaAAAAAGZKc3Vwc2xkLWV4YW1wbGUtMDAwMQ:MGUCMQDexample0001',
  revoked: 'aoaAAAAAGZKc3Vwc2xkLWV4YW1wbGUtMDAwMg:MGUCMQDexample0002',
} as const;

export interface AwsFront {
  /** Endpoint of STS and all other services. AssumeRole is answered here; other calls go to the account behind. */
  endpoint: string;
  /** Endpoint of the portal that exchanges an AWS SSO token for keys. */
  portal: string;
  /** Access keys of the GetCallerIdentity calls, in order. */
  callers: string[];
  /** The forms of the AssumeRole calls. */
  assumed: URLSearchParams[];
  /** Endpoint of the device sign-in of AWS SSO (OIDC). */
  oidc: string;
  /** How a person in a browser answers the sign-in; until then it is pending. */
  person: 'silent' | 'allows' | 'denies';
  /** How often it was asked whether the person has answered. */
  signInCalls: number;
  /** Tokens and roles of the requests to the portal. */
  portalCalls: { token: string; account: string; role: string }[];
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const CLIENT_SECRET = `client-secret-${'s'.repeat(40)}`;
const DEVICE_CODE = `device-code-${'d'.repeat(40)}`;

/**
 * The parts of AWS that issue credentials, in front of a sandbox account, which has none of them. Only the one-time
 * code 123456 and the token `SSO_TOKENS.good` are valid; others are refused with AWS's messages.
 */
export async function startAwsFront(account: string): Promise<AwsFront> {
  const callers: string[] = [];
  const assumed: URLSearchParams[] = [];
  const portalCalls: AwsFront['portalCalls'] = [];
  const until = (): Date => new Date(Date.now() + HOUR_MS);
  const signIn: Pick<AwsFront, 'person' | 'signInCalls'> = { person: 'silent', signInCalls: 0 };

  const front = createServer((incoming, response) => {
    void read(incoming).then((body) => {
      const form = new URLSearchParams(body);
      const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
      if (form.get('Action') === 'GetCallerIdentity') callers.push(key);
      if (form.get('Action') === 'AssumeRole') {
        assumed.push(form);
        const right = form.get('TokenCode') === '123456';
        response.writeHead(right ? 200 : 403, { 'content-type': 'text/xml' });
        response.end(right ? assumeRoleAnswer(until()) : refusal());
        return;
      }
      const { method = 'GET', url = '/', headers } = incoming;
      const onward = httpRequest(new URL(url, account), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  });
  const portal = createServer((incoming, response) => {
    const { searchParams } = new URL(incoming.url ?? '/', 'http://portal');
    const token = String(incoming.headers['x-amz-sso_bearer_token']);
    portalCalls.push({
      token,
      account: searchParams.get('account_id') ?? '',
      role: searchParams.get('role_name') ?? '',
    });
    const right = token === SSO_TOKENS.good;
    response.writeHead(right ? 200 : 401, {
      'content-type': 'application/json',
      ...(right ? {} : { 'x-amzn-errortype': 'UnauthorizedException' }),
    });
    const roleCredentials = {
      accessKeyId: KEYS.sso,
      secretAccessKey: 'secret',
      sessionToken: TOKEN,
      expiration: until().getTime(),
    };
    response.end(
      JSON.stringify(right ? { roleCredentials } : { message: 'Session token not found or invalid' }),
    );
  });
  const oidc = createServer((incoming, response) => {
    void read(incoming).then((body) => {
      const asked = JSON.parse(body) as Record<string, unknown>;
      if (incoming.url === '/token') signIn.signInCalls += 1;
      const { status, answer } = answerOidc(incoming.url ?? '', asked, signIn.person);
      const type = 'error' in answer ? OIDC_ERRORS[String(answer.error)] : undefined;
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(type === undefined ? {} : { 'x-amzn-errortype': type }),
      });
      response.end(JSON.stringify(answer));
    });
  });
  const endpoints = { endpoint: await listen(front), portal: await listen(portal), oidc: await listen(oidc) };
  return Object.assign(signIn, {
    ...endpoints,
    callers,
    assumed,
    portalCalls,
    async close() {
      for (const server of [front, portal, oidc]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  });
}

const OIDC_ERRORS: Readonly<Record<string, string>> = {
  authorization_pending: 'AuthorizationPendingException',
  access_denied: 'AccessDeniedException',
  invalid_client: 'InvalidClientException',
  invalid_grant: 'InvalidGrantException',
};

/** As AWS answers (IAM Identity Center OIDC API Reference): errors have the type in `error`, as OAuth says. */
function answerOidc(
  path: string,
  asked: Record<string, unknown>,
  person: AwsFront['person'],
): { status: number; answer: object } {
  const refused = (error: string, status = 400) => ({
    status,
    answer: { error, error_description: `Refused: ${error}` },
  });
  if (path === '/client/register') {
    const clientSecretExpiresAt = Math.floor((Date.now() + 90 * 24 * HOUR_MS) / 1000);
    return {
      status: 200,
      answer: { clientId: 'client', clientSecret: CLIENT_SECRET, clientSecretExpiresAt },
    };
  }
  if (asked.clientId !== 'client' || asked.clientSecret !== CLIENT_SECRET)
    return refused('invalid_client', 401);
  if (path === '/device_authorization') {
    const verificationUri = 'https://device.sso.example/';
    return {
      status: 200,
      answer: {
        ...{ deviceCode: DEVICE_CODE, userCode: 'ABCD-EFGH', verificationUri, expiresIn: 600, interval: 1 },
        verificationUriComplete: `${verificationUri}?user_code=ABCD-EFGH`,
      },
    };
  }
  if (asked.deviceCode !== DEVICE_CODE) return refused('invalid_grant');
  if (person === 'silent') return refused('authorization_pending');
  if (person === 'denies') return refused('access_denied');
  const expiresIn = HOUR_MS / 1000;
  const answer = {
    accessToken: SSO_TOKENS.good,
    tokenType: 'Bearer',
    expiresIn,
    refreshToken: 'r'.repeat(60),
  };
  return { status: 200, answer };
}

async function read(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function assumeRoleAnswer(until: Date): string {
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/fleet/s</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>${KEYS.role}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
    <SessionToken>${TOKEN}</SessionToken><Expiration>${until.toISOString()}</Expiration></Credentials>
    </AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

function refusal(): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>
    <Message>MultiFactorAuthentication failed with invalid MFA one time pass code.</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
}
