import * as z from 'zod';
import { AwsError, type HttpRequest, type HttpResponse, type HttpService } from './kernel/http.ts';
import type { Context } from './kernel/context.ts';
import type { Fault } from './kernel/faults.ts';
import type { MovableClock } from './kernel/clock.ts';
import type { DeployedStacks } from './services/cloudformation/deployedStacks.ts';
import { defined } from './kit/defined.ts';
import type { ServiceQuotas } from './services/serviceQuotas/serviceQuotas.ts';
import type { AdministrationCall, Installed } from './installations/contract.ts';
import { NotInstallable } from './installations/contract.ts';
import { isAdministration } from './kernel/edge/target.ts';
import { NONCE } from './kernel/identity.ts';
import { pageOf } from './page/page.ts';
import type { Overview } from './installations/overview.ts';
import { parseJson } from './kit/json.ts';
import { problemWords } from './kit/problemWords.ts';
import { present } from './kit/present.ts';

const httpActions = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    // It also goes into a header.
    code: z.string().regex(/^[\x21-\x7e]{1,128}$/),
    message: z.string().max(1024).optional(),
    status: z.int().min(400).max(599).optional(),
  }),
  z.strictObject({ kind: z.literal('throttle') }),
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0).max(600_000) }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('reset'), when: z.enum(['before', 'after']) }),
  z.strictObject({ kind: z.literal('drop'), when: z.enum(['before-ack', 'after-ack']) }),
  z.strictObject({ kind: z.literal('swallow') }),
  z.strictObject({ kind: z.literal('twice') }),
]);

/** The kinds of actions that a fault can have. */
export const faultKinds: readonly string[] = httpActions.options.map(({ shape }) => shape.kind.value);

const faultBody = z.strictObject({
  /** `<service>:<operation>`, as the log names it; `*` at the end matches any tail. */
  operation: z
    .string()
    .regex(/^[a-z][a-z0-9-]*:.+$/)
    .max(256),
  count: z.int().min(1).max(1_000_000).default(1),
  action: httpActions,
});

const clockBody = z.strictObject({
  advanceMs: z
    .int()
    .min(0)
    .max(100 * 365 * 86_400_000),
});

const stackBody = z.strictObject({
  status: z
    .string()
    .regex(/^[A-Z_]{1,64}$/)
    .optional(),
  removeOutputs: z.array(z.string().min(1).max(255)).max(200).optional(),
  parameters: z.record(z.string().min(1).max(255), z.string().max(4096)).optional(),
});

const quotaBody = z.strictObject({ value: z.number().min(0) });

/** As in the option `--install`. */
const installBody = z.strictObject({ install: z.string().min(1).max(1024) });

/** The one call that answers with a page. */
const PAGE_CALL = 'GET /ui';

export interface AdminSources {
  clock: MovableClock;
  /** What is installed. */
  installations: () => Installed[];
  /** Installs what `KIND:NAME…` says. Throws NotInstallable. */
  install: (text: string) => Promise<void>;
  /** Calls that the installed generations bring. */
  more: Readonly<Record<string, AdministrationCall>>;
  /** What is shown of the installations. */
  overview: () => Overview;
  stacks: DeployedStacks;
  quotas: Pick<ServiceQuotas, 'change'>;
  /** Open MQTT connections. */
  connections: () => number;
  /** Empties the state and seeds it again. */
  reset: () => Promise<void>;
  /** Names of all that faults can hit on the HTTP port. */
  operations: () => string[];
  /** Shows by a nonce that this process knows the secret of this start. */
  prove: (nonce: string) => string;
  /** Ends the process in good order, once the call is answered. */
  shutdown: () => void;
}

/** `/_sandbox/*`: what no AWS has. Look inside, start afresh, move the clock, break things on purpose. */
export function createAdmin(context: Context, sources: AdminSources): HttpService {
  const { config, endpoints, faults } = context;
  const time = (): unknown => ({
    now: new Date(context.clock.now()).toISOString(),
    offsetMs: sources.clock.offsetMs,
  });

  const health = (): unknown => ({
    status: 'ok',
    endpoint: endpoints.http,
    mqttEndpoint: `${endpoints.mqttHost}:${endpoints.mqttPort}`,
    region: config.region,
    accountId: config.accountId,
    installations: sources.installations(),
    limits: config.limits,
    connections: sources.connections(),
    clock: time(),
    faults: faults.list().length,
  });

  const operations: Record<string, AdministrationCall> = {
    ...sources.more,
    // Whoever does not know the secret learns no more than that something is there.
    'GET /health': ({ trusted }) => (trusted ? health() : { status: 'ok' }),
    'GET /proof': ({ query }) => {
      const nonce = query.get('nonce') ?? '';
      if (!NONCE.test(nonce))
        throw new AwsError('BadRequest', 'The nonce is 16 to 128 letters and digits.', 400);
      return { proof: sources.prove(nonce) };
    },
    [PAGE_CALL]: () =>
      pageOf({
        ...{ endpoint: endpoints.http, mqttEndpoint: `${endpoints.mqttHost}:${endpoints.mqttPort}` },
        ...{ now: new Date(context.clock.now()).toISOString(), connections: sources.connections() },
        ...{ faults: faults.list().length, installations: sources.installations() },
        ...sources.overview(),
      }),
    'GET /installations': () => ({ installations: sources.installations() }),
    'POST /installations': async (request) => {
      const { install } = bodyOf(installBody, request);
      try {
        await sources.install(install);
      } catch (error) {
        throw error instanceof NotInstallable ? new AwsError('NotInstallable', error.message) : error;
      }
      return { installations: sources.installations() };
    },
    'POST /reset': async () => {
      await sources.reset();
      return {};
    },
    'POST /shutdown': () => {
      setTimeout(sources.shutdown, 50);
      return {};
    },
    'GET /operations': () => ({ operations: sources.operations() }),
    'GET /faults': () => ({ faults: faults.list() }),
    'POST /faults': (request) => {
      faults.add(faultOf(bodyOf(faultBody, request)));
      return { faults: faults.list() };
    },
    'DELETE /faults': () => {
      faults.clear();
      return { faults: [] };
    },
    'GET /clock': time,
    'POST /clock': (request) => {
      sources.clock.advance(bodyOf(clockBody, request).advanceMs);
      return time();
    },
    'PUT /quotas/*': (request, name) => {
      if (!sources.quotas.change(name, bodyOf(quotaBody, request).value)) {
        throw new AwsError('NotFound', `There is no quota named ${name}.`, 404);
      }
      return {};
    },
    'PUT /stacks/*': (request, name) => {
      if (!sources.stacks.change(name, bodyOf(stackBody, request))) {
        throw new AwsError('NotFound', `There is no stack named ${name}.`, 404);
      }
      return {};
    },
  };

  return {
    name: 'sandbox',
    operations: Object.keys(operations),
    operation: (request) => {
      const known = matchOf(request);
      return known !== undefined && known.operation in operations ? known.operation : undefined;
    },
    tooFast: { code: 'TooManyRequests', message: 'Too Many Requests', status: 429 },
    unknownStatus: 404,
    claims: isAdministration,
    unsigned: () => true,
    async handle(operation, request) {
      const run = present(operations[operation], `The operation ${operation}`);
      const { name } = present(matchOf(request), `The route of ${operation}`);
      const result = await run(request, name);
      return operation === PAGE_CALL ? (result as HttpResponse) : json(200, result ?? {});
    },
    error: ({ code, message, status }) => json(status, { code, message }),
  };
}

/** The pattern a path fits, and its variable segment decoded. */
function matchOf(request: HttpRequest): { operation: string; name: string } | undefined {
  const [, , ...segments] = request.path.split('/');
  const [first, second, third] = segments;
  if (first === undefined) return undefined;
  if (second === undefined) return { operation: `${request.method} /${first}`, name: '' };
  const name = decoded(second);
  if (name === undefined || name === '' || segments.length > 3) return undefined;
  return { operation: `${request.method} /${first}/*${third === undefined ? '' : `/${third}`}`, name };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function bodyOf<T>(schema: z.ZodType<T>, request: HttpRequest): T {
  const value = parseJson(request.body.toString('utf8'));
  if (value === undefined) throw new AwsError('BadRequest', 'The body is not JSON.', 400);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AwsError('BadRequest', problemWords(parsed.error.issues), 400);
  return parsed.data;
}

/** Leaves out what was not given, as the type of a fault demands. */
function faultOf({ operation, count, action }: z.infer<typeof faultBody>): Fault {
  if (action.kind !== 'error') return { operation, count, action };
  const { message, status } = action;
  return {
    operation,
    count,
    action: {
      kind: 'error',
      code: action.code,
      ...defined({ message, status }),
    },
  };
}

function json(status: number, body: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
