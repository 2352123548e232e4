import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpRequest, type HttpService } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';
import { parseJson } from '../../kit/json.ts';
import { restError } from '../../protocols/restJson.ts';
import { FunctionError, functionNameOf, type Functions, LONGEST_RUN_MS } from './functions.ts';

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** AWS Lambda 2015-03-31: calls the functions that installations deploy. */
export function createLambda(context: Context, functions: Functions): { service: HttpService } {
  const nameIn = (request: HttpRequest): string | undefined =>
    request.method === 'POST' ? PATH.exec(request.path)?.[1] : undefined;

  async function invoke(request: HttpRequest): Promise<{ result: unknown; failed: boolean }> {
    const name = functionNameOf(decodeURIComponent(nameIn(request) ?? ''));
    if (!functions.has(name)) {
      throw new AwsError(
        'ResourceNotFoundException',
        `Function not found: ${arnOf(context.config, 'lambda', `function:${name}`)}`,
        404,
      );
    }
    const text = request.body.toString('utf8');
    const payload = text === '' ? {} : parseJson(text);
    if (payload === undefined) {
      throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json.', 400);
    }
    try {
      return { result: (await functions.invoke(name, payload, LONGEST_RUN_MS)) ?? null, failed: false };
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      return { result: { errorMessage: error.message, errorType: error.type }, failed: true };
    }
  }

  return {
    service: {
      name: 'lambda',
      operations: ['Invoke'],
      tooFast: { code: 'TooManyRequestsException', message: 'Rate Exceeded.', status: 429 },
      unknownStatus: 404,
      claims: (request) => nameIn(request) !== undefined,
      operation: (request) => (nameIn(request) === undefined ? undefined : 'Invoke'),
      unsigned: () => false,
      async handle(_operation, request) {
        const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
        if (type === 'DryRun') return { status: 204 };
        if (type === 'Event') {
          // Nobody learns how it ends.
          void invoke(request).catch((error: unknown) => context.log('warn', `Invoke: ${String(error)}`));
          return { status: 202 };
        }
        const { result, failed } = await invoke(request);
        return {
          status: 200,
          headers: {
            'content-type': 'application/json',
            'x-amz-executed-version': '$LATEST',
            ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
          },
          body: JSON.stringify(result),
        };
      },
      error: (problem) => restError(problem),
    },
  };
}
