import type { HttpRequest, HttpResponse, HttpService } from '../../kernel/http.ts';
import { apiCallOf, forbidden, gatewayError, missingAuthenticationToken } from './gateway.ts';

export interface ApiOptions<T> {
  name: string;
  /** What each API id stands for. */
  apis: ReadonlyMap<string, T>;
  /** The one stage that is deployed. */
  stage: string;
  operations: readonly string[];
  operationOf(method: string, path: string): string | undefined;
  /** Whether `answer` gets what is no operation, too (a resource `{proxy+}`); otherwise API Gateway refuses it. */
  proxy: boolean;
  /** Undefined lets the call through. */
  authorize(api: T, request: HttpRequest, path: string): Promise<HttpResponse | undefined>;
  answer(api: T, request: HttpRequest, path: string): Promise<HttpResponse> | HttpResponse;
  /** The Lambda's own error shape. */
  failure(code: string, message: string): { headers: Record<string, string>; body: string };
}

/** The REST APIs of one kind, behind API Gateway: `/execute-api/<apiId>/<stage>/…`. */
export function createApiService<T>(options: ApiOptions<T>): HttpService {
  const { name, apis, stage, proxy } = options;
  return {
    name,
    operations: options.operations,
    operation(request) {
      const call = apiCallOf(request);
      if (!call || !apis.has(call.apiId)) return undefined;
      const operation = options.operationOf(request.method, call.path);
      return operation ?? (proxy ? `${request.method} /{proxy+}` : undefined);
    },
    tooFast: { code: 'TooManyRequestsException', message: 'Too Many Requests', status: 429 },
    unknownStatus: 403,
    claims(request) {
      const call = apiCallOf(request);
      return call !== undefined && apis.has(call.apiId);
    },
    // Calls to CMS are never signed; they are authorized by the id token.
    unsigned: () => true,
    async handle(_operation, request) {
      const call = apiCallOf(request);
      const api = call && apis.get(call.apiId);
      if (!call || api === undefined || call.stage !== stage) return forbidden();
      const refused = await options.authorize(api, request, call.path);
      return refused ?? options.answer(api, request, call.path);
    },
    error({ code, message, status }) {
      if (code === 'UnknownOperationException') return missingAuthenticationToken();
      const known = gatewayError(status);
      return known ?? { status, ...options.failure(code, message) };
    },
  };
}
