import { gzipSync } from 'node:zlib';
import {
  createInstallations,
  readInstallation,
} from '../../../../src/sandbox/installations/installations.ts';
import { type Rows, rowsOf } from '../../../../src/sandbox/installations/cmGuidance/rows.ts';
import type { HttpRequest } from '../../../../src/sandbox/kernel/http.ts';
import { createAws } from '../../../../src/sandbox/services/services.ts';
import { answered } from '../../../support/answered.ts';
import { createTestClock, createTestContext } from '../../../support/sandboxContext.ts';
import { sharedAuthority } from '../iot/harness.ts';

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export const PASSWORD = 'Testing-1234';

/** A deployment in a test's own process, with a clock that the test moves. */
export async function createGuidance(text = 'cm-guidance:dev') {
  const clock = createTestClock(Date.parse('2026-10-01T08:15:30Z'));
  const context = createTestContext({ clock });
  const aws = createAws(context, {
    authority: await sharedAuthority(),
    onMessage: (message) => installations.onMessage(message),
    isRule: (name) => installations.isRule(name),
  });
  const installations = createInstallations(context, aws, {});
  await installations.add(readInstallation(text));
  const stage = readInstallation(text).name;

  async function send(request: Partial<HttpRequest>): Promise<Reply> {
    const whole: HttpRequest = {
      ...{ method: 'GET', path: '/', query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) },
      ...{ requestId: 'r', region: 'us-west-2', signed: true, trusted: true },
      ...request,
    };
    const service = [...installations.services, ...aws.services].find((each) => each.claims(whole));
    if (service === undefined) throw new Error(`Nobody claims ${whole.path}`);
    const operation = service.operation(whole);
    const unknown = { code: 'UnknownOperationException', message: 'unknown', status: service.unknownStatus };
    const { status, headers, body } =
      operation === undefined ? service.error(unknown, whole) : await answered(service, operation, whole);
    const shown = String(body ?? '');
    return {
      status,
      headers: headers ?? {},
      body: (shown === '' ? {} : JSON.parse(shown)) as Record<string, unknown>,
    };
  }

  const outputs = (part: string): Record<string, string> =>
    Object.fromEntries(
      aws.cloudFormation.stacks
        .all()
        .find(({ name }) => name === `cms-${stage}-${part}`)
        ?.outputs.map(({ key, value }) => [key, value]) ?? [],
    );

  /** Makes a user and signs in; the id token. */
  async function signIn(
    groups: string[],
    fleetIds?: string,
    more: Record<string, string> = {},
  ): Promise<string> {
    const { UserPoolId = '', UserPoolClientId = '' } = outputs('ui');
    users++;
    const username = `user${users}@example.org`;
    aws.cognito.pools.createUser(UserPoolId, {
      username,
      attributes: { ...(fleetIds === undefined ? {} : { 'custom:fleetIds': fleetIds }), ...more },
      password: PASSWORD,
      temporary: false,
      groups,
    });
    const { body } = await send({
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
      body: Buffer.from(
        JSON.stringify({
          AuthFlow: 'USER_PASSWORD_AUTH',
          ClientId: UserPoolClientId,
          AuthParameters: { USERNAME: username, PASSWORD },
        }),
      ),
    });
    return (body.AuthenticationResult as { IdToken: string }).IdToken;
  }
  let users = 0;

  /** A call of an API by its address in the outputs, below it. */
  async function call(
    base: string,
    method: string,
    at: string,
    token?: string,
    body?: unknown,
  ): Promise<Reply> {
    const url = new URL(at, base);
    return send({
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: token === undefined ? {} : { authorization: token },
      body: Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
      signed: false,
    });
  }

  const rest = (method: string, at: string, token?: string, body?: unknown): Promise<Reply> =>
    call(outputs('ui').APIEndpoint ?? '', method, `api/v1/${at}`, token, body);

  /** What a vehicle publishes: the documented form, unless it is text or bytes. */
  function publish(message: Record<string, unknown> | string | Buffer, topic = 'VEH-1', rule?: string): void {
    const payload = Buffer.isBuffer(message)
      ? message
      : typeof message === 'string'
        ? Buffer.from(message)
        : Buffer.from(gzipSync(JSON.stringify(message)).toString('base64'));
    installations.onMessage({
      ...{ topic, payload, clientId: 'VIN1', certificateId: 'c' },
      ...(rule === '' ? {} : { rule: rule ?? `cms_${stage}_iot_msk_rule` }),
    });
  }

  const table = (name: string): Rows => rowsOf(aws.dynamoDb, `cms-${stage}-${name}`);
  return { clock, context, aws, installations, stage, send, outputs, signIn, call, rest, publish, table };
}

export type Guidance = Awaited<ReturnType<typeof createGuidance>>;

/** The body of a create that an up-to-date deployment takes. */
export function newVehicle(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ vin: 'VIN1', make: 'Acme', model: 'One', year: 2025, fleetId: '', producer: 'cms-native' },
    ...{ modelManifestName: 'CMS-FLEET-MODEL', dataSource: 'vehicle-telemetry' },
    ...more,
  };
}
