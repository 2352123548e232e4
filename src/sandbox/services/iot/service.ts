import { AwsError, type HttpResponse, type HttpService } from '../../kernel/http.ts';
import { createRouter } from '../../kit/router.ts';
import { ResourceAlreadyExists } from './wire/errors.ts';
import type { Operation } from './wire/operation.ts';

/** Serves the operations of the IoT control plane over the REST JSON protocol. */
export function createService(operations: readonly Operation[]): HttpService {
  const router = createRouter(
    operations.map((operation) => ({ method: operation.method, path: operation.path, value: operation })),
  );

  return {
    name: 'iot',
    operations: operations.map((operation) => operation.name),
    operation: ({ method, path }) => router.find(method, path)?.value.name,
    unsigned: () => false,
    async handle(_operation, request) {
      const found = router.find(request.method, request.path);
      if (found === undefined) {
        return failure(new AwsError('UnknownOperationException', 'No such operation.', 404));
      }
      try {
        const result = await found.value.call(request, found.params);
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
