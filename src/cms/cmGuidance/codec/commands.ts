import * as z from 'zod';
import { parseJson } from '../../../core/json.ts';
import type { CommandCodec } from '../../../telemetry/codec.ts';

/** What the simulator of the solution carries out or acknowledges; it refuses all else. Source: release 0.4. */
const UNDERSTOOD = [
  'lock_all_doors',
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
const ONE_DOOR = /^lock_door_[a-z0-9_]+$/;

const requestSchema = z.looseObject({
  commandId: z.string().min(1).max(128),
  commandName: z.string().max(128),
  value: z.unknown().optional(),
});

/** Commands as JSON; the protobuf on another topic is for agents of AWS IoT FleetWise. */
export const commands: CommandCodec = {
  filter: ({ id }) => `cms/commands/${id}/request`,

  answer({ id: vehicleId }, payload, time) {
    const read = parseJson(requestSchema, Buffer.from(payload).toString('utf8'));
    if (!read.ok) return undefined;
    const { commandId, commandName, value = null } = read.value;
    const isKnown = UNDERSTOOD.includes(commandName) || ONE_DOOR.test(commandName);
    const status = isKnown ? 'SUCCEEDED' : 'FAILED';
    const reason = isKnown ? '' : `Unsupported command: '${commandName}'`;
    const answer = {
      ...{ commandId, commandName, vehicleId, status, reason, resultValue: isKnown ? value : null },
      respondedAt: `${new Date(time).toISOString().slice(0, 19)}+00:00`,
    };
    return {
      ...{ id: commandId, name: commandName, status },
      reason: reason === '' ? undefined : reason,
      message: {
        topic: `cms/commands/${vehicleId}/response`,
        payload: Buffer.from(JSON.stringify(answer), 'utf8'),
      },
    };
  },
};
