import type { HttpRequest, HttpResponse } from '../../../kernel/http.ts';
import type { Log } from '../../../kernel/log.ts';
import { missingAuthenticationToken } from '../../../protocols/apiGateway/gateway.ts';
import { type Json, parseJson } from '../../../kit/json.ts';
import type { Library } from '../library/library.ts';
import { createRoutes, param } from '../../../protocols/apiGateway/routes.ts';
import { ChaliceError, chaliceFailure, cors, jsonReply } from './chalice.ts';
import type { FleetIndex } from './fleetIndex.ts';
import { events, route, trips } from './history.ts';
import type { OtaJobs } from './otaJobs.ts';
import type { createParameters } from './parameters.ts';
import { repr } from './python.ts';
import { aggregateSchema, filterSchema, problemsOf } from './requestSchema.ts';
import { vehicleList } from './vehicle.ts';
import { aggregate, filter } from './vehicleLists.ts';

/** What the fleet manager of one CMS stack works with. The index is shared by the whole account. */
export interface FleetManager {
  index: FleetIndex;
  parameters: ReturnType<typeof createParameters>;
  jobs: OtaJobs;
  library: Library;
}

interface FleetCall {
  fleet: FleetManager;
  params: Record<string, string>;
  request: HttpRequest;
}

type FleetHandler = (call: FleetCall) => unknown;

const MOST_STATUSES = 20;

const token = ({ request }: FleetCall): string | null => request.query.get('token');

const routes = createRoutes<FleetHandler>(
  {
    'GET /vehicles/aggregate': (call) =>
      aggregate(call.fleet.index.allLatest(), checked(call, aggregateSchema)),
    'GET /vehicles/filter': (call) => filter(call.fleet.index.allLatest(), checked(call, filterSchema)),
    'GET /vehicles/{vin}': (call) => {
      const document = call.fleet.index.latest(param(call, 'vin'));
      const [vehicle] = document ? vehicleList([document]) : [];
      if (!vehicle) throw new ChaliceError('NotFoundError', 'No Vehicle data');
      const troubleCodes = document?.shared?.trouble_codes.map(({ code }) => code) ?? [];
      return { ...vehicle, troubleCodes };
    },
    'GET /vehicles/{vin}/trips': (call) =>
      trips(call.fleet.index, param(call, 'vin'), filtersOf(call) as Json),
    'GET /vehicles/{vin}/events': (call) =>
      events(call.fleet.index, param(call, 'vin'), filtersOf(call) as Json),
    'GET /vehicles/route/{tripId}': (call) => route(call.fleet.index, param(call, 'tripId')),
    'GET /config': (call) => call.fleet.parameters.get(call.request.query.get('parameter')),
    'PUT /config': (call) => {
      call.fleet.parameters.put(bodyOf(call.request));
      return '';
    },
    'POST /ota/create': (call) => call.fleet.jobs.createForMany(call.fleet.library, bodyOf(call.request)),
    'POST /ota/create/{deviceId}': (call) =>
      call.fleet.jobs.createForOne(param(call, 'deviceId'), bodyOf(call.request)),
    'GET /ota': (call) => call.fleet.jobs.list(token(call)),
    'GET /ota/{job}/devices': (call) =>
      call.fleet.jobs.devices(param(call, 'job'), token(call), call.fleet.index),
    'GET /ota/{job}/devices/status': (call) => {
      const ids = filtersParameter(call).split(',');
      if (ids.length > MOST_STATUSES) {
        throw new ChaliceError('BadRequestError', 'Cannont exceed 20 devices per request');
      }
      return call.fleet.jobs.statuses(param(call, 'job'), ids);
    },
  },
  { anyCase: false },
);

export const fleetOperations = routes.operations;

/** The route of a call as `<METHOD> <pattern>`, or undefined. */
export function fleetOperation(method: string, path: string): string | undefined {
  const match = routes.match(method, path);
  return match === undefined || match === 'undecodable' ? undefined : match.operation;
}

/** The gateway's own answers, before any authorizer: preflight, and 403 for unknown routes. */
export function fleetPreflight(request: HttpRequest, path: string): HttpResponse | undefined {
  const methods = routes.methods(path);
  if (request.method === 'OPTIONS' && methods.length > 0) {
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'access-control-allow-methods': [...methods, 'OPTIONS'].join(','),
        'access-control-allow-headers':
          'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key',
        ...cors,
      },
      body: '',
    };
  }
  return methods.includes(request.method) ? undefined : missingAuthenticationToken();
}

/** The REST API of the fleet manager's backend (Chalice). */
export function answerFleet(fleet: FleetManager, request: HttpRequest, path: string, log: Log): HttpResponse {
  const match = routes.match(request.method, path);
  if (match === undefined || match === 'undecodable') return missingAuthenticationToken();
  const type = request.headers['content-type'] ?? 'application/json';
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    return jsonReply(415, { Code: 'UnsupportedMediaType', Message: `Unsupported media type: ${type}` });
  }
  try {
    return jsonReply(200, match.handler({ fleet, params: match.params, request }));
  } catch (error) {
    log('debug', `fleet manager: ${match.operation}: ${error instanceof Error ? error.message : 'failed'}`);
    return chaliceFailure(error);
  }
}

/** The `filters` parameter. Without any query string the original looks it up in None and fails with 500. */
function filtersParameter({ request }: FleetCall): string {
  if (request.query.size === 0) throw new TypeError("'NoneType' object has no attribute 'get'");
  const text = request.query.get('filters');
  if (!text) throw new ChaliceError('BadRequestError', 'Missing filter parameters');
  return text;
}

/** The filters, percent-decoded a second time. The original does not catch invalid JSON: 500. */
function filtersOf(call: FleetCall): unknown {
  return JSON.parse(unquote(filtersParameter(call)));
}

function checked(call: FleetCall, schema: Parameters<typeof problemsOf>[1]): Json {
  const filters = filtersOf(call);
  const problems = problemsOf(filters, schema);
  if (problems) throw new ChaliceError('BadRequestError', repr(problems));
  return filters as Json;
}

/** Percent-decodes; leaves invalid sequences as they are. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

function bodyOf(request: HttpRequest): unknown {
  return parseJson(request.body.toString('utf8'));
}
