import { randomBytes } from 'node:crypto';
import type { Context } from '../../../kernel/context.ts';
import { isObject, type Json } from '../../../kit/json.ts';
import type { Caller } from '../caller.ts';
import type { Data } from '../data.ts';
import { bodyOf, type Call, type Handler, Refused } from '../lambda.ts';
import { fleetsOf, mayWrite } from '../rest/scope.ts';
import { textOf } from '../rows.ts';
import { isoWithZone } from '../times.ts';
import { CITIES, FAULTS, type RunConfig, SAFETY_EVENTS } from './drive.ts';
import type { Runs } from './runs.ts';

interface Named {
  readonly vehicleId: string;
  readonly vin: string;
}

const POINTS = { least: 5, most: 60, usual: 20 };
const USUAL_TRIPS = 3;
const USUAL_VEHICLES = 10;
/** The list rides in the overrides of the task, which ECS limits to 8,192 characters. */
const MOST_LISTED = 100;
/** `/list` looks at so many rows. */
const MOST_SCANNED = 50;
const ROW_S = 86_400;
const UDS_CAMPAIGN = 'uds-dtc-polling';

/** The API of the remote simulator: a success says only that a task was asked for. */
export function simulationHandlers(
  context: Context,
  data: Data,
  runs: Runs,
): Readonly<Record<string, Handler>> {
  const rows = () => data.simulations;

  /** The vehicles of a list; each must be enrolled. Throws 403 and 404. */
  function listed(caller: Caller, given: readonly unknown[]): Named[] {
    const ids = given.map((each) => textOf(isObject(each) ? each.vehicleId : each));
    const found = ids.map((vehicleId) => ({
      vehicleId,
      row: data.storage('vehicles').get({ vehicleId: vehicleId || '-' }),
      fleets: fleetsOf(data, vehicleId),
    }));
    const unknown = found.filter(({ row, fleets }) => row === undefined || fleets.length === 0);
    if (unknown.length > 0) {
      const names = unknown.map(({ vehicleId }) => `'${vehicleId}'`).join(', ');
      throw new Refused(404, `Unknown vehicle(s): [${names}]`);
    }
    const isForeign = found.some(({ fleets }) => !fleets.some((fleet) => caller.fleetIds.includes(fleet)));
    if (!caller.isAdmin && isForeign) throw new Refused(403, 'Access denied');
    return found.map(({ vehicleId, row }) => ({ vehicleId, vin: textOf(row?.vin) }));
  }

  /** A number means existing rows; none is made. */
  function chosen(caller: Caller, wanted: unknown): Named[] {
    if (Array.isArray(wanted) && wanted.length > 0) return listed(caller, wanted);
    if (!caller.isAdmin || Array.isArray(wanted)) {
      throw new Refused(403, 'vehicles must be a non-empty list of vehicleIds for this route.');
    }
    return data
      .storage('vehicles')
      .all()
      .filter(({ status }) => status === 'active')
      .slice(0, typeof wanted === 'number' ? wanted : USUAL_VEHICLES)
      .map(({ vehicleId, vin }) => ({ vehicleId: textOf(vehicleId), vin: textOf(vin) }));
  }

  function configOf(body: Json): RunConfig {
    const number = (value: unknown, otherwise: number): number =>
      typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
    const points = Math.round(number(body.route_length, POINTS.usual));
    const rule = textOf(body.rule_name);
    return {
      trips: Math.max(0, Math.round(number(body.trips, USUAL_TRIPS))),
      points: Math.min(POINTS.most, Math.max(POINTS.least, points)),
      city: Object.hasOwn(CITIES, textOf(body.city)) ? textOf(body.city) : 'seattle',
      // Any other one becomes the rule of telemetry.
      rule: rule === data.names.productRule ? rule : data.names.rule,
      safetyRate: number(body.safety_rate, 0),
      safetyEvent: Object.keys(SAFETY_EVENTS).find((each) => each === body.force_safety_event),
      faults: Object.keys(FAULTS).filter((name) => body[name] === true),
      driverId: textOf(body.driver_id) || undefined,
      byNumber: !Array.isArray(body.vehicles),
      given: body,
    };
  }

  /** FleetWise agents need a campaign for each vehicle, and a certificate. */
  function checkAgents(vehicles: readonly Named[]): void {
    for (const { vehicleId, vin } of vehicles) {
      const campaigns = data.campaigns.indexed('targetArn-index', `vehicle:${vin}`);
      if (!campaigns.some(({ status }) => status === 'RUNNING')) {
        throw new Refused(409, `No RUNNING telemetry campaign for ${vin}`, {
          reason: 'no_telemetry_campaign',
          vin,
        });
      }
      if (data.storage('vehicle-certificates').get({ vehicleId }) === undefined) {
        throw new Refused(400, `No certificate found for ${vin}`);
      }
    }
  }

  function start(call: Call): unknown {
    const { caller } = call;
    mayWrite(caller);
    if (!caller.isAdmin && caller.fleetIds.length === 0) {
      throw new Refused(403, 'Caller has no fleet assignments.');
    }
    const body = bodyOf(call);
    const vehicles = chosen(caller, body.vehicles ?? USUAL_VEHICLES);
    const isAgent = body.mode === 'fwe';
    if (isAgent) checkAgents(vehicles);
    const config = configOf(body);
    const fault = context.faults.take('cm-guidance:run-task');
    const isTooLong = !config.byNumber && vehicles.length > MOST_LISTED;
    if (isTooLong || fault !== undefined) {
      const why = isTooLong
        ? 'An error occurred (InvalidParameterException) when calling the RunTask operation: Container Overrides length must be at most 8192'
        : 'An error occurred (ClientException) when calling the RunTask operation';
      throw new Refused(500, `ECS RunTask failed: ${why}`, { success: false });
    }
    const id = randomBytes(4).toString('hex');
    const run = runs.start(id, config, vehicles);
    const now = data.now();
    rows().put({
      simulation_id: id,
      status: 'running',
      start_time: isoWithZone(now),
      startedAt: now,
      end_time: null,
      task_arn: run.taskArn,
      config: body,
      byNumber: config.byNumber,
      vehicles: vehicles.map(({ vehicleId }) => vehicleId),
      totalTrips: config.trips * vehicles.length,
      ttl: Math.floor(now / 1000) + ROW_S,
    });
    return { success: true, simulation_id: id, task_arn: run.taskArn };
  }

  const mayHave = (caller: Caller, row: Json): boolean =>
    caller.isAdmin ||
    (row.byNumber !== true &&
      Array.isArray(row.vehicles) &&
      row.vehicles.every((id) =>
        fleetsOf(data, textOf(id)).some((fleet) => caller.fleetIds.includes(fleet)),
      ));

  function present({ caller, params: { id = '' } }: Call): Json {
    const row = rows().get({ simulation_id: id });
    if (row === undefined || Number(row.ttl) * 1000 <= data.now()) {
      throw new Refused(404, `Simulation ${id} not found.`);
    }
    if (!mayHave(caller, row)) throw new Refused(403, 'Access denied');
    return row;
  }

  function shown(row: Json): Json {
    const run = runs.get(textOf(row.simulation_id));
    return {
      ...{ id: row.simulation_id, status: row.status, start_time: row.start_time, end_time: row.end_time },
      task_arn: row.task_arn,
      ecs_status: run === undefined ? 'STOPPED' : 'RUNNING',
      config: data.switches().runConfig === 'told' ? row.config : {},
      last_message_at: null,
      // In this mode nothing counts what is done.
      trips: { total: row.totalTrips, materialised: null, completed: 0, progress: 0 },
      output: run?.output ?? [],
      fwe_logs: [],
      dataWarning: null,
    };
  }

  function faultsOf(call: Call): { vin: string; isRunning: boolean; row: Json } {
    const { vehicleId = '' } = call.params;
    const row = data.storage('vehicles').get({ vehicleId });
    // Others than administrators are looked up by another name, and never found.
    if (row === undefined || !call.caller.isAdmin) throw new Refused(404, `Unknown vehicle: ${vehicleId}`);
    const vin = textOf(row.vin);
    const isRunning = data.campaigns
      .indexed('targetArn-index', `vehicle:${vin}`)
      .some(({ status, campaignId }) => status === 'RUNNING' && textOf(campaignId).startsWith(UDS_CAMPAIGN));
    return { vin, isRunning, row };
  }

  return {
    'POST /api/simulation/start': start,
    'GET /api/simulation/status/{id}': (call) => shown(present(call)),
    'POST /api/simulation/stop/{id}'(call) {
      mayWrite(call.caller);
      const row = present(call);
      runs.stop(textOf(row.simulation_id));
      rows().put({ ...row, status: 'stopped', end_time: isoWithZone(data.now()) });
      return { success: true };
    },
    'GET /api/simulation/list'({ caller }) {
      const simulations = rows()
        .all()
        .slice(0, MOST_SCANNED)
        .filter((row) => mayHave(caller, row))
        .sort((a, b) => Number(b.startedAt) - Number(a.startedAt))
        .map(shown);
      return { simulations, count: simulations.length };
    },
    'GET /api/simulation/health': () => ({ status: 'healthy', timestamp: isoWithZone(data.now()) }),
    'GET /api/simulation/drivers'({ caller }) {
      const drivers = (caller.isAdmin ? data.storage('drivers').all() : []).map(
        ({ driverId, name, email, status }) => ({ driverId, name, email, status }),
      );
      return { success: true, drivers, count: drivers.length };
    },
    'GET /api/simulation/presets': () => ({
      presets: [
        { id: 'small', name: 'Small', vehicles: 5, trips: 2 },
        { id: 'large', name: 'Large', vehicles: 50, trips: 5 },
      ],
    }),
    'GET /api/simulation/campaigns'() {
      const campaigns = data.campaigns.all();
      return { campaigns, count: campaigns.length };
    },
    'GET /api/simulation/discover-iot-endpoint': () => ({
      success: true,
      endpoint: `${context.endpoints.mqttHost}:${context.endpoints.mqttPort}`,
      region: context.config.region,
      account: context.config.accountId,
    }),
    'POST /api/simulation/agent/start'({ caller }) {
      mayWrite(caller);
      throw new Refused(503, 'No container instance has room for the agent yet. Try again.');
    },
    'POST /api/simulation/agent/stop'(call) {
      mayWrite(call.caller);
      if (bodyOf(call).vehicleId === undefined && !call.caller.isAdmin) {
        throw new Refused(403, 'Stopping all agents is for administrators.');
      }
      return { success: true, stopped: 0 };
    },
    'GET /api/simulation/agent/status': () => ({ agents: [], count: 0 }),
    'GET /api/simulation/agent/logs/{vin}': ({ params: { vin } }) => ({ vin, logs: [] }),
    'GET /api/simulation/vehicle/{vehicleId}/faults'(call) {
      const { isRunning } = faultsOf(call);
      return {
        faultState: {},
        campaignRunning: isRunning,
        injectable: data.events
          .all()
          .filter(({ dtc_code: code }) => textOf(code) !== '')
          .map(({ event_id: eventId, dtc_code: dtcCode }) => ({
            ...{ eventId, dtcCode, ecu: 'ECM', description: eventId },
          })),
      };
    },
    'PUT /api/simulation/vehicle/{vehicleId}/faults'(call) {
      const { isRunning, vin } = faultsOf(call);
      if (!isRunning) throw new Refused(409, `No RUNNING ${UDS_CAMPAIGN} campaign for ${vin}`);
      return { success: true };
    },
  };
}
