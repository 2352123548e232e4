import type { ThingService } from '../iot/contract.ts';
import { AwsError, type HttpRequest } from '../../kernel/http.ts';
import { present } from '../../kit/present.ts';

/** The HTTPS operations of the shadow service. Each returns the body of its answer or throws AwsError. */
export type ShadowCalls = Readonly<
  Record<'GetThingShadow' | 'UpdateThingShadow' | 'DeleteThingShadow', (request: HttpRequest) => object>
>;

const PATH = /^\/things\/([^/]+)\/shadow$/;
const VERBS = { GET: 'GetThingShadow', POST: 'UpdateThingShadow', DELETE: 'DeleteThingShadow' } as const;

/** Error codes from the API reference of the data plane. */
const ERRORS: Readonly<Record<number, string>> = {
  404: 'ResourceNotFoundException',
  409: 'ConflictException',
  413: 'RequestEntityTooLargeException',
  429: 'ThrottlingException',
};

export function shadowOperation({ method, path }: HttpRequest): keyof ShadowCalls | undefined {
  return PATH.test(path) && Object.hasOwn(VERBS, method) ? VERBS[method as keyof typeof VERBS] : undefined;
}

/**
 * The same requests as over MQTT. The answers to an accepted request are also published; a rejection goes only to the
 * caller (AWS IoT Developer Guide, "Device Shadow error messages").
 */
export function createShadowCalls(
  shadow: ThingService | undefined,
  publish: (topic: string, payload: string) => void,
): ShadowCalls {
  function call(verb: 'get' | 'update' | 'delete', request: HttpRequest, payload: Buffer): object {
    const thingName = thingOf(request);
    const shadowName = request.query.get('name');
    const rest = shadowName === null ? verb : `name/${shadowName}/${verb}`;
    const answers = shadow?.handle(thingName, rest, payload) ?? [];
    const [answer] = answers;
    if (answer === undefined) throw new AwsError('InvalidRequestException', 'Invalid shadow name');
    const { code, message } = answer.body as { code?: number; message?: string };
    if (code !== undefined) {
      throw new AwsError(ERRORS[code] ?? 'InvalidRequestException', present(message, 'The reason'), code);
    }
    // The answer to a get is for the caller only.
    for (const { rest: topic, body } of verb === 'get' ? [] : answers) {
      publish(`$aws/things/${thingName}/shadow/${topic}`, JSON.stringify(body));
    }
    return answer.body;
  }

  return {
    GetThingShadow: (request) => call('get', request, Buffer.alloc(0)),
    UpdateThingShadow: (request) => call('update', request, request.body),
    DeleteThingShadow: (request) => call('delete', request, Buffer.alloc(0)),
  };
}

function thingOf({ path }: HttpRequest): string {
  const name = decodeURIComponent(present(PATH.exec(path)?.[1], 'The thing in the path'));
  if (!/^[a-zA-Z0-9:_-]{1,128}$/.test(name))
    throw new AwsError('InvalidRequestException', 'Invalid thing name');
  return name;
}
