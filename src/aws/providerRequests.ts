import type { STSClient } from '@aws-sdk/client-sts';
import { keepSecret } from '../core/secrets.ts';
import { boundedBody } from './boundedAnswers.ts';
import { refuseExposed } from './exposed.ts';

type Handler = STSClient['config']['requestHandler'];

/** Of a request of the SDK. */
interface Asked {
  protocol: string;
  hostname: string;
  port?: number;
  headers: Readonly<Record<string, string>>;
  body?: unknown;
}

/** Headers that are worth as much as a key: of single sign-on, and of temporary credentials. */
const SECRET_HEADER = /^(x-amz-sso_bearer_token|x-amz-security-token)$/i;
/** Fields of single sign-on (JSON) and of STS (a form). */
const SECRET_FIELD =
  /"(?:clientSecret|refreshToken|deviceCode|code)"\s*:\s*"([^"\\]+)"|(?:^|&)(?:WebIdentityToken|SAMLAssertion|TokenCode)=([^&]+)/g;

/**
 * What carries the requests of the SDK's credential providers, which find their tokens and their endpoints by
 * themselves (`AWS_ENDPOINT_URL` counts for single sign-on, too): what is secret in a request is kept out of all text,
 * and does not cross the network unencrypted; and each answer has an end.
 * @param refused gets the reason, which the providers put into an error of their own
 */
export function guardedHandler(handler: Handler, refused: (error: unknown) => void): Handler {
  const handle: Handler['handle'] = async (request, options) => {
    const { protocol, hostname, port, headers, body } = request as Asked;
    const secrets = [...secretsOf(headers), ...fieldsOf(body)];
    for (const secret of secrets) keepSecret(secret);
    const at = port === undefined ? '' : `:${port}`;
    try {
      if (secrets.length > 0) refuseExposed(`${protocol}//${hostname}${at}`, 'token');
    } catch (error) {
      refused(error);
      throw error;
    }
    const answer = (await handler.handle(request, options)) as { response: { body?: unknown } };
    answer.response.body = boundedBody(answer.response.body);
    return answer;
  };
  return new Proxy(handler, {
    get(target, name): unknown {
      if (name === 'handle') return handle;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

function secretsOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (SECRET_HEADER.test(name)) return [value];
    const [, token] = /^Bearer\s+(\S+)/i.exec(value) ?? [];
    return token === undefined ? [] : [token];
  });
}

function fieldsOf(body: unknown): string[] {
  if (typeof body !== 'string') return [];
  return [...body.matchAll(SECRET_FIELD)].map(([, json, form]) => json ?? decodeURIComponent(form ?? ''));
}
