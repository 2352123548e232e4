import * as z from 'zod';
import type { HttpRequest, HttpResponse, HttpService } from '../../../kernel/http.ts';
import { parseJson } from '../../../kit/json.ts';
import { createApiService } from '../../../protocols/apiGateway/apiService.ts';
import { refusal } from '../../../protocols/apiGateway/gateway.ts';
import { createRoutes } from '../../../protocols/apiGateway/routes.ts';
import type { Tokens } from '../../../services/cognito/contract.ts';
import { BadRequest, Broken, type Library } from './library.ts';
import type { Runs } from './runs.ts';

/** The simulator of one deployment. */
export interface Simulator {
  readonly userPoolId: string;
  readonly library: Library;
  readonly runs: Runs;
}

export const STAGE = 'dev';

interface Call {
  request: HttpRequest;
  id: string;
}
type Handler = (simulator: Simulator, call: Call) => unknown;

const action = z.object({ action: z.enum(['start', 'stop']) });
const actions = action.extend({ simulations: z.array(z.looseObject({ sim_id: z.string() })) });

function bodyOf({ request }: Call): unknown {
  return parseJson(request.body.toString('utf8'));
}

/** What breaks the original whatever it is asked: a wrong key, a reserved word, an update without an expression. */
const broken: Handler = () => {
  throw new Broken('An internal server error occurred.');
};

async function act({ runs }: Simulator, id: string, what: 'start' | 'stop'): Promise<void> {
  if (what === 'start') await runs.start(id);
  else runs.stop(id);
}

const types: Handler = ({ library }) => [...library.types.values()];

const routes = createRoutes<Handler>(
  {
    'GET /device/type': types,
    'GET /device': types,
    'POST /device/type'({ library }, call) {
      library.putType(bodyOf(call));
      return {};
    },
    'PUT /device/type': broken,
    'GET /device/type/{id}': broken,
    'DELETE /device/type/{id}'({ library }, { id }) {
      library.types.delete(id);
      return null;
    },
    'GET /template': broken,
    'POST /template'({ library }, call) {
      const { template_id: id } = z.looseObject({ template_id: z.string() }).parse(bodyOf(call));
      library.templates.set(id, bodyOf(call) as object);
      return {};
    },
    'GET /template/{id}'({ library }, { id }) {
      const found = library.templates.get(id);
      if (found === undefined) throw new Broken(`no template ${id}`);
      return found;
    },
    'PUT /template/{id}': broken,
    'DELETE /template/{id}'({ library }, { id }) {
      library.templates.delete(id);
      return {};
    },
    'GET /simulation'({ library }, { request }) {
      const all = [...library.simulations.values()];
      if (request.query.get('op') !== 'getRunningStat') return all;
      const running = all.filter(({ stage }) => stage === 'running');
      // Types are counted, not devices.
      return { devices: running.reduce((sum, { devices }) => sum + devices.length, 0), sims: running.length };
    },
    'POST /simulation'({ library }, call) {
      library.putSimulation(bodyOf(call));
      return {};
    },
    async 'PUT /simulation'(simulator, call) {
      const { action: what, simulations } = actions.parse(bodyOf(call));
      for (const { sim_id: id } of simulations) await act(simulator, id, what);
      return {};
    },
    'GET /simulation/{id}': ({ library }, { id }) => library.merged(id),
    async 'PUT /simulation/{id}'(simulator, call) {
      await act(simulator, call.id, action.parse(bodyOf(call)).action);
      return {};
    },
    'DELETE /simulation/{id}'({ library }, { id }) {
      library.simulations.delete(id);
      return null;
    },
  },
  { anyCase: false },
);

/** The REST API of the module `cms-vehicle-simulator`, with its faults. */
export function createSimulatorApi(
  apis: ReadonlyMap<string, Simulator>,
  tokens: Pick<Tokens, 'checkIdToken'>,
): HttpService {
  const operationOf = (method: string, path: string): string | undefined => {
    const match = routes.match(method, path);
    return match === undefined || match === 'undecodable' ? undefined : match.operation;
  };
  return createApiService<Simulator>({
    name: 'cms-simulator',
    apis,
    stage: STAGE,
    proxy: false,
    operations: routes.operations,
    operationOf,
    authorize: async ({ userPoolId }, request) =>
      refusal(await tokens.checkIdToken(userPoolId, request.headers.authorization)),
    async answer(simulator, request, path) {
      const match = routes.match(request.method, path);
      if (match === undefined || match === 'undecodable') return chalice(500, 'InternalServerError', '');
      try {
        const result = await match.handler(simulator, { request, id: match.params.id ?? '' });
        return json(200, result);
      } catch (error) {
        if (error instanceof BadRequest) return chalice(400, 'BadRequestError', error.message);
        if (error instanceof Broken || error instanceof z.ZodError) {
          return chalice(500, 'InternalServerError', 'An internal server error occurred.');
        }
        throw error;
      }
    },
    failure: (code, message) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ Code: code, Message: message }),
    }),
  });
}

function chalice(status: number, code: string, message: string): HttpResponse {
  return json(status, { Code: code, Message: message });
}

function json(status: number, value: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value ?? null) };
}
