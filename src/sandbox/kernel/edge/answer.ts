import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../context.ts';
import type { Fault } from '../faults.ts';
import { AwsError, type HttpRequest, type HttpResponse, type HttpService, type Problem } from '../http.ts';
import type { Rates } from '../rates.ts';

/** What to do with the connection: answer, cut it off, or leave the client waiting. */
export type Outcome = { kind: 'answer'; response: HttpResponse } | { kind: 'reset' } | { kind: 'hang' };

interface Answering {
  context: Context;
  rates: Rates;
  signal: AbortSignal;
  /** Why IAM refuses a call; undefined if it does not. */
  refusal: (service: string, operation: string, request: HttpRequest) => Problem | undefined;
}

/** One call of one service: signature, injected faults, the account's rates, the work, errors in its own shape. */
export async function answer(
  service: HttpService,
  request: HttpRequest,
  { context, rates, signal, refusal }: Answering,
): Promise<Outcome> {
  const refused = (problem: Problem): Outcome => reply(service.error(problem, request));
  const operation = service.operation(request);
  if (operation === undefined) {
    return refused({
      code: 'UnknownOperationException',
      message: unknownText(service, request),
      status: service.unknownStatus,
    });
  }
  const name = `${service.name}:${operation}`;
  if (!request.signed && !service.unsigned(operation, request.client)) {
    return refused({
      code: 'MissingAuthenticationToken',
      message: 'Request is missing Authentication Token',
      status: 403,
    });
  }
  const denied = refusal(service.name, operation, request);
  if (denied !== undefined) return refused(denied);
  const fault = service.name === 'sandbox' ? undefined : context.faults.take(name);
  if (fault) context.log('info', `fault ${fault.kind} hits ${name}`);
  const before = await applyBefore(fault, service, request, signal);
  if (before) return before;
  if (context.config.limits && !rates.take(name)) return refused(service.tooFast);
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
      const { code, message = 'Injected by the sandbox' } = fault;
      const status = fault.status ?? (/^(Internal|ServiceUnavailable)/.test(code) ? 500 : 400);
      return reply(service.error({ code, message, status }, request));
    }
    case 'throttle':
      return reply(service.error(service.tooFast, request));
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
    if (error instanceof AwsError) return service.error(error, request);
    log(
      'error',
      `${service.name} ${operation} failed: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`,
    );
    return service.error(
      { code: 'InternalFailure', message: 'The sandbox failed on this call; see its log.', status: 500 },
      request,
    );
  }
}

function unknownText(service: HttpService, request: HttpRequest): string {
  const what = request.headers['x-amz-target'] ?? `${request.method} ${request.path}`;
  return `The sandbox's ${service.name} does not know ${what}.`;
}

function reply(response: HttpResponse): Outcome {
  return { kind: 'answer', response };
}
