import type { HttpRequest, HttpResponse, HttpService } from '../../kernel/http.ts';
import { createApiService } from '../../protocols/apiGateway/apiService.ts';
import { apiCallOf, refusal } from '../../protocols/apiGateway/gateway.ts';
import { createRoutes } from '../../protocols/apiGateway/routes.ts';
import type { Tokens } from '../../services/cognito/contract.ts';
import { type Caller, callerOf } from './caller.ts';
import { answered, CORS, type Handler, json } from './lambda.ts';

export const API_STAGE = 'prod';

/** One API of one deployment. */
export interface GuidanceApi {
  readonly stage: string;
  readonly userPoolId: string;
  /** The day of the source. */
  readonly asOf: () => string;
  /** Whether a call needs a token. */
  readonly isClosed: () => boolean;
  /** Whether API Gateway has a method for a call, and hands it to the function. */
  readonly has: (method: string, path: string) => boolean;
  /** What the function behind the API does, by the operations of the service. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** What it answers to a path that it does not know. */
  readonly unknown: string;
}

interface ServiceOptions {
  readonly name: string;
  readonly apis: ReadonlyMap<string, GuidanceApi>;
  readonly tokens: Pick<Tokens, 'checkIdToken' | 'claimsOf'>;
  /** `<METHOD> <path>`, with parameters in braces. */
  readonly operations: readonly string[];
}

/** What reaches the function, and means nothing to it. */
const ELSE = 'ANY /{proxy+}';
const PREFLIGHT = 'OPTIONS /{proxy+}';

/** The APIs of one kind of all deployments, with an authoriser of the deployment's user pool. */
export function createGuidanceService({ name, apis, tokens, operations }: ServiceOptions): HttpService {
  const routes = createRoutes(Object.fromEntries(operations.map((each) => [each, each])), {
    anyCase: false,
  });
  const callers = new WeakMap<HttpRequest, Caller>();
  const apiOf = (request: HttpRequest): GuidanceApi | undefined => {
    const call = apiCallOf(request);
    return call && apis.get(call.apiId);
  };
  const everybody = callerOf({ 'cognito:groups': ['platform-admin'] }, { stage: '', asOf: '' });

  const service = createApiService<GuidanceApi>({
    name,
    apis,
    stage: API_STAGE,
    proxy: false,
    operations: [...operations, ELSE, PREFLIGHT],
    // Which methods there are is up to the deployment: `operation` below.
    operationOf: () => ELSE,
    async authorize(api, request) {
      if (request.method === 'OPTIONS' || !api.isClosed()) return undefined;
      const header = request.headers.authorization;
      const refused = refusal(await tokens.checkIdToken(api.userPoolId, header));
      if (refused !== undefined) return refused;
      const token = (header ?? '').trim().replace(/^Bearer\s+/i, '');
      const claims = await tokens.claimsOf(api.userPoolId, token);
      callers.set(request, callerOf(claims ?? {}, { stage: api.stage, asOf: api.asOf() }));
      return undefined;
    },
    answer(api, request, path) {
      if (request.method === 'OPTIONS') return { status: 204, headers: { ...CORS } };
      const match = routes.match(request.method, path);
      if (match === undefined || match === 'undecodable') return json(404, { error: api.unknown });
      const handler = api.handlers[match.operation];
      if (handler === undefined) return json(404, { error: api.unknown });
      // An API that is open takes everybody for an administrator.
      const caller = callers.get(request) ?? everybody;
      return answered(() => handler({ request, caller, params: match.params }));
    },
    failure: (code, message) => ({
      headers: { 'content-type': 'application/json', ...CORS },
      body: JSON.stringify({ error: `Internal server error: ${message || code}` }),
    }),
  });

  function operation(request: HttpRequest): string | undefined {
    const call = apiCallOf(request);
    const api = apiOf(request);
    if (call === undefined || !api?.has(request.method, call.path)) return undefined;
    if (request.method === 'OPTIONS') return PREFLIGHT;
    const match = routes.match(request.method, call.path);
    return match === undefined || match === 'undecodable' ? ELSE : match.operation;
  }

  // Errors of the gateway have the headers of CORS, too.
  const open = (response: HttpResponse): HttpResponse => ({
    ...response,
    headers: { ...CORS, ...response.headers },
  });
  return {
    ...service,
    operation,
    handle: async (name, request) => open(await service.handle(name, request)),
    error: (problem, request) => open(service.error(problem, request)),
  };
}
