import { randomBytes } from 'node:crypto';
import type { Aws } from '../../services/services.ts';
import { isObject, type Json, parseJsonBytes } from '../../kit/json.ts';
import type { Data } from './data.ts';
import { bodyOf, type Call, type Handler, Refused } from './lambda.ts';
import { textOf } from './rows.ts';
import { fleetsOf, mayWrite } from './rest/scope.ts';

/** The operations of the commands API. */
export const COMMAND_OPERATIONS = [
  'GET /api/commands/catalog',
  'POST /api/commands/{vehicleId}',
  'GET /api/commands/{vehicleId}',
  'GET /api/commands/{vehicleId}/routines',
  'POST /api/geofences',
  'GET /api/geofences',
  'DELETE /api/geofences/{id}',
] as const;

/** What the catalogue has, and the simulator of the deployment carries out or acknowledges. */
export const SIMULATED_COMMANDS = [
  'lock_all_doors',
  'lock_door_fl',
  'lock_door_fr',
  'lock_door_rl',
  'lock_door_rr',
  'lock_trunk',
  'trunk_lock',
  'open_charge_door',
  'remote_start',
  'honk_horn',
  'flash_hazards',
  'find_my_vehicle',
  'panic_mode',
  'start_preconditioning',
];
/** What it has besides: the simulator answers that it does not know it. */
const CATALOGUE = [...SIMULATED_COMMANDS, 'set_cabin_temperature', 'stop_preconditioning'];
const STATES = ['SENT', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'TIMEOUT'];
const DIAGNOSTICS = [
  'read_dtcs',
  'clear_dtcs',
  'read_identity',
  'read_freeze_frames',
  'read_data',
  'run_routine',
];
const USUAL_TIMEOUT_MS = 10_000;
const KEPT_S = 7 * 86_400;

/** A command on its way to a vehicle, as the vehicle gets it. */
export interface SentCommand extends Json {
  readonly commandId: string;
  readonly commandName: string;
  readonly vehicleId: string;
}

/** Commands to vehicles, and their answers. */
export interface Commands {
  readonly handlers: Readonly<Record<string, Handler>>;
  /** The answer of a vehicle, of the rules of the commands. */
  answer(payload: Buffer): void;
  /** Gets what is sent to a vehicle. */
  onSent(listener: (command: SentCommand) => void): void;
}

export function createCommands({ publish, broker }: Pick<Aws, 'publish' | 'broker'>, data: Data): Commands {
  const listeners: ((command: SentCommand) => void)[] = [];
  const rows = () => data.storage('commands');
  const geofences = () => data.storage('geofences');

  /** A vehicle that is enrolled, in one of the caller's fleets. */
  function vehicleIn({ caller, params: { vehicleId = '' } }: Call): Json {
    const row = data.storage('vehicles').get({ vehicleId });
    const fleets = fleetsOf(data, vehicleId);
    if (row === undefined || fleets.length === 0) throw new Refused(404, `Unknown vehicle: ${vehicleId}`);
    if (!caller.seesAll && !fleets.some((fleet) => caller.fleetIds.includes(fleet))) {
      throw new Refused(403, 'Access denied');
    }
    return row;
  }

  function send(call: Call): Json {
    mayWrite(call.caller);
    const vehicle = vehicleIn(call);
    const body = bodyOf(call);
    const commandId = randomBytes(6).toString('hex');
    if (body.command_type !== undefined) return diagnose(vehicle, body, commandId);
    const commandName = textOf(body.commandName);
    if (!CATALOGUE.includes(commandName)) throw new Refused(400, `Unknown command: '${commandName}'`);
    const vehicleId = textOf(vehicle.vehicleId);
    const now = data.now();
    const command: SentCommand = {
      ...{ commandId, commandName, vehicleId, value: body.value ?? null },
      issuedAt: stampOf(now),
      issuedAtMs: now,
      timeout: typeof body.timeout === 'number' ? body.timeout : USUAL_TIMEOUT_MS,
    };
    rows().put({
      ...command,
      ...{ status: 'SENT', signalId: body.signalId ?? null, ttl: Math.floor(now / 1000) + KEPT_S },
    });
    const topic = `cms/commands/${vehicleId}/request`;
    publish(topic, JSON.stringify(command));
    const agent = `cms/commands/things/${textOf(vehicle.vin)}/executions/${commandId}/request/protobuf`;
    broker.publish(agent, protobufOf(commandId));
    for (const listener of listeners) listener(command);
    return { success: true, commandId, status: 'SENT', topic };
  }

  /** Service-oriented vehicle diagnostics. */
  function diagnose(vehicle: Json, body: Json, commandId: string): Json {
    const type = textOf(body.command_type);
    if (!DIAGNOSTICS.includes(type)) throw new Refused(400, `Unknown command_type: '${type}'`);
    const now = data.now();
    const topic = `cms/commands/things/${textOf(vehicle.vin)}/executions/${commandId}/sovd/request`;
    rows().put({
      ...{ commandId, vehicleId: vehicle.vehicleId, commandName: type, status: 'SENT', issuedAtMs: now },
      ttl: Math.floor(now / 1000) + KEPT_S,
    });
    publish(topic, JSON.stringify({ commandId, command_type: type, components: body.components ?? [] }));
    return { success: true, commandId, status: 'SENT', topic };
  }

  return {
    onSent: (listener) => void listeners.push(listener),
    answer(payload) {
      const given = parseJsonBytes(payload);
      if (!isObject(given)) return;
      const { commandId, status } = given;
      if (typeof commandId !== 'string' || commandId === '' || !STATES.includes(textOf(status))) return;
      const before = rows().get({ commandId });
      // What succeeded stays so.
      if (before === undefined || (before.status === 'SUCCEEDED' && status !== 'SUCCEEDED')) return;
      rows().put({
        ...before,
        status,
        reason: given.reason ?? '',
        resultValue: given.resultValue ?? null,
        respondedAt: given.respondedAt ?? stampOf(data.now()),
      });
    },
    handlers: {
      'GET /api/commands/catalog': () => ({
        commands: CATALOGUE.map((name) => ({ name, commandName: name })),
        count: CATALOGUE.length,
      }),
      'POST /api/commands/{vehicleId}': send,
      'GET /api/commands/{vehicleId}'(call) {
        const { vehicleId } = vehicleIn(call);
        const now = data.now() / 1000;
        const commands = rows()
          .indexed('vehicleId-index', vehicleId)
          .filter(({ ttl }) => Number(ttl) > now)
          .sort((a, b) => Number(b.issuedAtMs) - Number(a.issuedAtMs));
        return { commands, count: commands.length };
      },
      'GET /api/commands/{vehicleId}/routines'(call) {
        vehicleIn(call);
        return { routines: [] };
      },
      'POST /api/geofences'(call) {
        mayWrite(call.caller);
        const row = { ...bodyOf(call), id: `GEO-${randomBytes(4).toString('hex')}` };
        geofences().put(row);
        return { geofence: row };
      },
      'GET /api/geofences'() {
        const all = geofences().all();
        return { geofences: all, count: all.length };
      },
      'DELETE /api/geofences/{id}'({ caller, params: { id = '' } }) {
        mayWrite(caller);
        geofences().remove({ id });
        return { success: true };
      },
    },
  };
}

/** To the second, with a zone. */
function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

/** The beginning of an agent's request: its first field, the id. */
function protobufOf(commandId: string): Buffer {
  const id = Buffer.from(commandId);
  return Buffer.concat([Buffer.from([0x0a, id.length]), id]);
}
