import createRouter from 'find-my-way';
import { AwsError, type HttpRequest, type HttpResponse, type HttpService } from '../../contracts.ts';
import { ResourceAlreadyExists } from './wire/errors.ts';
import type { Operation } from './wire/operation.ts';

/** The REST JSON protocol in front of the operations of the IoT control plane. */
export function createService(operations: readonly Operation[]): HttpService {
  // Routed while still encoded: an encoded slash belongs to its segment. Longer names fail their own check.
  const router = createRouter({ maxParamLength: 4096 });
  const unused = (): void => undefined;
  for (const each of operations) router.on(each.method, each.path, unused, each);

  function find(
    request: HttpRequest,
  ): { operation: Operation; uri: Record<string, string | undefined> } | undefined {
    const found = router.find(request.method as Operation['method'], request.path);
    return found === null ? undefined : { operation: found.store as Operation, uri: found.params };
  }

  return {
    name: 'iot',
    operations: operations.map((operation) => operation.name),
    operation: (request) => find(request)?.operation.name,
    unsigned: () => false,
    async handle(_operation, request) {
      const found = find(request);
      if (found === undefined) {
        return failure(new AwsError('UnknownOperationException', 'No such operation.', 404));
      }
      try {
        const result = await found.operation.call(request, found.uri);
        return result === undefined
          ? { status: 200 }
          : { status: 200, headers: JSON_TYPE, body: JSON.stringify(result) };
      } catch (error) {
        if (error instanceof AwsError) return failure(error);
        throw error;
      }
    },
    error: (code, message, status) => failure(new AwsError(code, message, status)),
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function failure(error: AwsError): HttpResponse {
  const more =
    error instanceof ResourceAlreadyExists
      ? { resourceId: error.resourceId, resourceArn: error.resourceArn }
      : {};
  return {
    status: error.status,
    headers: { ...JSON_TYPE, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ message: error.message, ...more }),
  };
}
