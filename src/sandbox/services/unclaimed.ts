import type { HttpRequest, HttpResponse } from '../kernel/http.ts';
import { forbidden, isForApi } from '../protocols/apiGateway/gateway.ts';
import { unknownTarget } from '../protocols/awsJson.ts';
import { restError } from '../protocols/restJson.ts';

/** What AWS answers to a request that no service claims: by the protocol it seems to be of. */
export function unclaimed(request: HttpRequest): HttpResponse {
  if (isForApi(request)) return forbidden();
  if (request.headers['x-amz-target'] !== undefined) return unknownTarget(request);
  return restError({
    code: 'UnknownOperationException',
    message: 'No service of the sandbox answers this request.',
    status: 404,
  });
}
