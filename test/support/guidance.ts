import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type SandboxProcess, testCredentials } from './sandbox.ts';

const run = promisify(execFile);

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** What a stranger's programs see of `cm-guidance:<stage>` in a sandbox: the AWS CLI, and HTTP. */
export interface GuidanceClient {
  readonly aws: (...args: string[]) => Promise<Record<string, unknown>>;
  /** The outputs of a stack of the stage, such as `ui`. */
  readonly outputs: (part: string) => Promise<Record<string, string>>;
  /** Makes a user with a password that stays, and signs in: the id token and the access token. */
  readonly signIn: (user: { email: string; groups?: string[]; fleetIds?: string }) => Promise<Tokens>;
  /** A call of the main API, below `api/v1/`. */
  readonly rest: (method: string, path: string, token: string | undefined, body?: unknown) => Promise<Reply>;
  readonly call: (method: string, url: string, token: string | undefined, body?: unknown) => Promise<Reply>;
}

export interface Tokens {
  id: string;
  access: string;
  refresh: string;
}

export const PASSWORD = 'Testing-1234';

export function guidanceClient(sandbox: () => SandboxProcess, stage = 'dev'): GuidanceClient {
  const known = new Map<string, Record<string, string>>();

  async function aws(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run(
      '/usr/bin/aws',
      ['--endpoint-url', sandbox().endpoint, '--output', 'json', ...args],
      {
        maxBuffer: 16 * 1024 * 1024,
        env: {
          ...process.env,
          AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
          AWS_DEFAULT_REGION: 'us-west-2',
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_PAGER: '',
        },
      },
    );
    return (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  }

  async function outputs(part: string): Promise<Record<string, string>> {
    const key = `${sandbox().endpoint} ${part}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { Stacks } = (await aws(
      'cloudformation',
      'describe-stacks',
      '--stack-name',
      `cms-${stage}-${part}`,
    )) as {
      Stacks: { Outputs?: { OutputKey: string; OutputValue: string }[] }[];
    };
    const found = Object.fromEntries(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
    );
    known.set(key, found);
    return found;
  }

  async function call(
    method: string,
    url: string,
    token: string | undefined,
    body?: unknown,
  ): Promise<Reply> {
    const answer = await fetch(url, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: token }),
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  return {
    aws,
    outputs,
    call,
    async signIn({ email, groups = [], fleetIds }) {
      const { UserPoolId = '', UserPoolClientId = '' } = await outputs('ui');
      const pool = ['--user-pool-id', UserPoolId, '--username', email];
      await aws(
        ...['cognito-idp', 'admin-create-user', ...pool, '--message-action', 'SUPPRESS', '--user-attributes'],
        ...[`Name=email,Value=${email}`, 'Name=email_verified,Value=true'],
        ...(fleetIds === undefined ? [] : [`Name=custom:fleetIds,Value="${fleetIds}"`]),
      );
      await aws('cognito-idp', 'admin-set-user-password', ...pool, '--password', PASSWORD, '--permanent');
      for (const group of groups) {
        await aws('cognito-idp', 'admin-add-user-to-group', ...pool, '--group-name', group);
      }
      const { AuthenticationResult } = (await aws(
        ...['cognito-idp', 'initiate-auth', '--auth-flow', 'USER_PASSWORD_AUTH'],
        ...['--client-id', UserPoolClientId],
        ...['--auth-parameters', `USERNAME=${email},PASSWORD=${PASSWORD}`],
      )) as { AuthenticationResult: Record<string, string> };
      const { IdToken = '', AccessToken = '', RefreshToken = '' } = AuthenticationResult;
      return { id: IdToken, access: AccessToken, refresh: RefreshToken };
    },
    async rest(method, path, token, body) {
      const { APIEndpoint = '' } = await outputs('ui');
      return call(method, `${APIEndpoint}api/v1/${path}`, token, body);
    },
  };
}

/** What a token says. */
export function claimsIn(token: string): Record<string, unknown> {
  const [, claims = ''] = token.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

let vehicles = 0;

/** The body of a create that an up-to-date deployment takes. */
export function newVehicle(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    vin: `LSH14J4C4LA0${String(50_000 + vehicles++).padStart(5, '0')}`,
    ...{ make: 'Acme', model: 'One', year: 2025, licensePlate: 'ABC123', color: 'blue' },
    ...{ fuelType: 'gasoline', vehicleType: 'sedan', fleetId: '', producer: 'cms-native' },
    ...{ modelManifestName: 'CMS-FLEET-MODEL', dataSource: 'vehicle-telemetry' },
    ...more,
  };
}
