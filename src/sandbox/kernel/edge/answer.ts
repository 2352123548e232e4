import { setTimeout as wait } from 'node:timers/promises';
import { AwsError, type HttpRequest, type HttpResponse, type HttpService } from '../http.ts';
import type { Context } from '../context.ts';
import type { Fault } from '../faults.ts';
import type { Rates } from '../rates.ts';
import { throttleOf } from './throttle.ts';

/** What to do with the connection: answer, cut it off, or leave the client waiting. */
export type Outcome = { kind: 'answer'; response: HttpResponse } | { kind: 'reset' } | { kind: 'hang' };

/** One call of one service: signature, injected faults, the account's rates, the work, errors in its own shape. */
export async function answer(
  service: HttpService,
  request: HttpRequest,
  { context, rates, signal }: { context: Context; rates: Rates; signal: AbortSignal },
): Promise<Outcome> {
  const operation = service.operation(request);
  if (operation === undefined) {
    return reply(service.error('UnknownOperationException', unknownText(service, request), 404, request));
  }
  const name = `${service.name}:${operation}`;
  if (!request.signed && !service.unsigned(operation)) {
    return reply(
      service.error('MissingAuthenticationToken', 'Request is missing Authentication Token', 403, request),
    );
  }
  const fault = service.name === 'sandbox' ? undefined : context.faults.take(name);
  if (fault) context.log('info', `fault ${fault.kind} hits ${name}`);
  const before = await applyBefore(fault, service, request, signal);
  if (before) return before;
  if (context.config.limits && !rates.take(name)) return reply(throttled(service, request));
  const response = await work(service, operation, request, context);
  if (fault?.kind === 'reset' || fault?.kind === 'drop') return { kind: 'reset' };
  if (fault?.kind === 'swallow') return { kind: 'hang' };
  return reply(response);
}

/** The part of a fault that comes instead of the work, or before it. */
async function applyBefore(
  fault: Fault['action'] | undefined,
  service: HttpService,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  switch (fault?.kind) {
    case 'error': {
      const status = fault.status ?? (/^(Internal|ServiceUnavailable)/.test(fault.code) ? 500 : 400);
      return reply(service.error(fault.code, fault.message ?? 'Injected by the sandbox', status, request));
    }
    case 'throttle':
      return reply(throttled(service, request));
    case 'hang':
      return { kind: 'hang' };
    case 'reset':
      return fault.when === 'before' ? { kind: 'reset' } : undefined;
    case 'drop':
      return fault.when === 'before-ack' ? { kind: 'reset' } : undefined;
    case 'delay':
      // The client going away ends the wait; the work is then done all the same, as AWS would.
      await wait(fault.ms, undefined, { signal }).catch(() => undefined);
      return undefined;
    default:
      return undefined;
  }
}

async function work(
  service: HttpService,
  operation: string,
  request: HttpRequest,
  { log }: Context,
): Promise<HttpResponse> {
  try {
    return await service.handle(operation, request);
  } catch (error) {
    if (error instanceof AwsError) return service.error(error.code, error.message, error.status, request);
    log(
      'error',
      `${service.name} ${operation} failed: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`,
    );
    return service.error('InternalFailure', 'The sandbox failed on this call; see its log.', 500, request);
  }
}

function throttled(service: HttpService, request: HttpRequest): HttpResponse {
  const { code, status, message } = throttleOf(service.name);
  return service.error(code, message, status, request);
}

function unknownText(service: HttpService, request: HttpRequest): string {
  const what = request.headers['x-amz-target'] ?? `${request.method} ${request.path}`;
  return `The sandbox's ${service.name} does not know ${what}.`;
}

function reply(response: HttpResponse): Outcome {
  return { kind: 'answer', response };
}
