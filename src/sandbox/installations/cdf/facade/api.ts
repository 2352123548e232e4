import type { HttpRequest, HttpResponse } from '../../../kernel/http.ts';
import type { Log } from '../../../kernel/log.ts';
import {
  CDF_V1,
  notFoundPage,
  nothing,
  optionsReply,
  readBody,
  send,
  undecodablePage,
} from '../rest/express.ts';
import { gatewayReply } from '../../../protocols/apiGateway/gateway.ts';
import type { Json } from '../../../kit/json.ts';
import { createRoutes, param } from '../../../protocols/apiGateway/routes.ts';
import { activateDevice } from './activate.ts';
import type { FacadeDeployment } from './deployment.ts';
import { facadeFailure } from './errors.ts';
import { registerOwner } from './owners.ts';
import { registerDevice } from './register.ts';
import { LambdaCrash, StepFailure } from './stepFaults.ts';
import { registerUser } from './users.ts';

interface FacadeCall {
  deployment: FacadeDeployment;
  params: Record<string, string>;
  body: Json;
}

type FacadeHandler = (call: FacadeCall) => Promise<HttpResponse> | HttpResponse;

const routes = createRoutes<FacadeHandler>(
  {
    'POST /users': ({ deployment, body }) => {
      registerUser(deployment, body);
      return nothing();
    },
    'POST /suppliers/{externalId}/devices/{deviceId}/register': async (call) =>
      send(
        201,
        await registerDevice(call.deployment, param(call, 'externalId'), param(call, 'deviceId'), call.body),
      ),
    'POST /suppliers/{externalId}/devices/{deviceId}/activate': (call) => {
      activateDevice(call.deployment, param(call, 'deviceId'), call.body);
      return nothing();
    },
    'POST /vehicles/{vin}/owners/{user}': (call) => {
      registerOwner(call.deployment, param(call, 'vin'), param(call, 'user'), call.body);
      return nothing();
    },
  },
  { anyCase: true },
);

export const facadeOperations = routes.operations;

/** The route of a call as `<METHOD> <pattern>`, or undefined. */
export function facadeOperation(method: string, path: string): string | undefined {
  const match = routes.match(method, path);
  return match === undefined || match === 'undecodable' ? undefined : match.operation;
}

/** The REST API of the CMS facade: four calls, nothing to read back. */
export async function answerFacade(
  deployment: FacadeDeployment,
  request: HttpRequest,
  path: string,
  log: Log,
): Promise<HttpResponse> {
  return withHeaders(await answer(deployment, request, path, log));
}

async function answer(
  deployment: FacadeDeployment,
  request: HttpRequest,
  path: string,
  log: Log,
): Promise<HttpResponse> {
  const methods = request.method === 'OPTIONS' ? routes.methods(path) : [];
  if (methods.length > 0) return optionsReply(methods);
  const read = readBody(request, request.headers['content-type'], [CDF_V1]);
  if ('refused' in read) return read.refused;
  const match = routes.match(request.method, path);
  if (match === 'undecodable') return undecodablePage();
  if (!match) return notFoundPage(request, path);
  try {
    return await match.handler({ deployment, params: match.params, body: read.body });
  } catch (error) {
    log('debug', `facade: ${match.operation}: ${error instanceof Error ? error.message : 'failed'}`);
    if (error instanceof LambdaCrash) return gatewayReply(502, 'Internal server error');
    if (error instanceof StepFailure) return send(error.status, { error: error.message });
    return facadeFailure(error);
  }
}

/** Adds the CORS header and the versioned content type, unless Express or the gateway already set the type. */
function withHeaders(reply: HttpResponse): HttpResponse {
  const type = reply.status === 204 ? {} : { 'content-type': CDF_V1 };
  return { ...reply, headers: { ...type, 'access-control-allow-origin': '*', ...reply.headers } };
}
