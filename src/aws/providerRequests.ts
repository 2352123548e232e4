import type { STSClient } from '@aws-sdk/client-sts';
import { patiently } from '../core/patience.ts';
import { keepSecret } from '../core/secrets.ts';
import { awsNameOf } from '../network/awsHosts.ts';
import { keepPlace } from '../network/place.ts';
import { awaited, boundedBody, targetOf } from './boundedAnswers.ts';
import type { ProxyTo } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import type { SignInService } from './settings.ts';

type Handler = STSClient['config']['requestHandler'];

/** Of a request of the SDK. */
interface Asked {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

interface Answered {
  response: { statusCode: number; headers?: Readonly<Record<string, string>>; body?: unknown };
}

/** How the last request of the providers ended. They make texts of it, in which it cannot be told any more. */
export type ProviderOutcome =
  /** It was not sent, and this is why. */
  | { kind: 'refused'; error: unknown }
  | { kind: 'failed'; host: string; path: string; error: unknown }
  /** `isAws`: it speaks as AWS does, and is no page of a proxy. */
  | { kind: 'answered'; host: string; path: string; status: number; isAws: boolean };

export interface ProviderRequests {
  /** Carries the requests. */
  handler: Handler;
  /** Undefined when none was made. */
  outcome(): ProviderOutcome | undefined;
}

/** Headers that are worth as much as a key: of single sign-on, and of temporary credentials. */
const SECRET_HEADER = /^(x-amz-sso_bearer_token|x-amz-security-token)$/i;
/** Fields of single sign-on and `aws login` (JSON) and of STS (a form). */
const SECRET_FIELD =
  /"(?:clientSecret|refreshToken|deviceCode|code)"\s*:\s*"([^"\\]+)"|(?:^|&)(?:WebIdentityToken|SAMLAssertion|TokenCode)=([^&]+)/g;
/** Hosts of AWS single sign-on by the first part of their names (AWS General Reference, "IAM Identity Center"). */
const SIGN_IN_HOSTS: readonly [RegExp, SignInService][] = [
  [/^portal\.sso(-fips)?\.[a-z0-9-]+$/, 'sso'],
  [/^oidc(-fips)?\.[a-z0-9-]+$/, 'sso_oidc'],
];
/** Content types of AWS's answers (AWS JSON, REST-JSON, Query). */
const AWS_TYPES = /^(application\/(x-amz-json-1\.[01]|json|xml)|text\/xml)/i;

/**
 * What carries the requests of the SDK's credential providers, which find their tokens and their endpoints by
 * themselves (`AWS_ENDPOINT_URL` counts for single sign-on, too): what is secret in a request is kept out of all text,
 * and does not cross the network unencrypted; each answer has an end; and what came of it is remembered.
 * @param endpointOf where the profile that was named has single sign-on; the providers know only AWS's own hosts
 */
export function providerRequests(
  carrier: Handler,
  endpointOf: (service: SignInService) => string | undefined,
  proxyTo: ProxyTo,
): ProviderRequests {
  let outcome: ProviderOutcome | undefined;
  const handle: Handler['handle'] = async (request, options) => {
    const asked = request as Asked;
    const secrets = [...secretsOf(asked.headers), ...fieldsOf(asked.body)];
    for (const secret of secrets) keepSecret(secret);
    redirect(asked, endpointOf);
    const host = asked.port === undefined ? asked.hostname : `${asked.hostname}:${asked.port}`;
    try {
      if (secrets.length > 0) refuseExposed(`${asked.protocol}//${host}`, 'token');
    } catch (error) {
      outcome = { kind: 'refused', error };
      throw error;
    }
    try {
      const asking = () => carrier.handle(request, options) as Promise<Answered>;
      const answer = await patiently(awaited(request), asking);
      const { response } = answer;
      const isAws = AWS_TYPES.test(headerOf(response.headers, 'content-type') ?? '');
      outcome = { kind: 'answered', host, path: asked.path, status: response.statusCode, isAws };
      response.body = boundedBody(response.body);
      return answer as Awaited<ReturnType<Handler['handle']>>;
    } catch (error) {
      keepPlace(error, { host, proxy: proxyTo(targetOf(request)) });
      outcome = { kind: 'failed', host, path: asked.path, error };
      throw error;
    }
  };
  const handler = new Proxy(carrier, {
    get(target, name): unknown {
      if (name === 'handle') return handle;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return { handler, outcome: () => outcome };
}

/** None of these requests is signed, so that it may go elsewhere. */
function redirect(asked: Asked, endpointOf: (service: SignInService) => string | undefined): void {
  const name = awsNameOf(asked.hostname) ?? '';
  const service = SIGN_IN_HOSTS.find(([host]) => host.test(name))?.[1];
  const endpoint = service === undefined ? undefined : endpointOf(service);
  if (endpoint === undefined) return;
  const { protocol, hostname, port, host, pathname } = new URL(endpoint);
  Object.assign(asked, { protocol, hostname, path: pathname.replace(/\/$/, '') + asked.path });
  if (port === '') delete asked.port;
  else asked.port = Number(port);
  asked.headers.host = host;
}

function headerOf(headers: Readonly<Record<string, string>> = {}, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (SECRET_HEADER.test(name)) return [value];
    const [, token] = /^Bearer\s+(\S+)/i.exec(value) ?? [];
    return token === undefined ? [] : [token];
  });
}

function fieldsOf(body: unknown): string[] {
  // The SDK gives its bytes methods of a text, which warn: nothing but the memory is touched.
  const text =
    body instanceof Uint8Array
      ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
      : body;
  if (typeof text !== 'string') return [];
  return [...text.matchAll(SECRET_FIELD)].map(([, json, form]) => json ?? decodeURIComponent(form ?? ''));
}
