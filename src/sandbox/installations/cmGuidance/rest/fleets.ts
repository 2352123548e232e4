import type { Json } from '../../../kit/json.ts';
import { isObject } from '../../../kit/json.ts';
import type { Data } from '../data.ts';
import { Answer, bodyOf, type Call, type Handler, Refused } from '../lambda.ts';
import { textOf } from '../rows.ts';
import { isoUtc } from '../times.ts';
import { mayWrite, onlyAdmin } from './scope.ts';

/** How long the list for administrators and viewers is kept. */
const CACHE_MS = 5 * 60_000;
const CHANGEABLE = ['name', 'description', 'status', 'data_source', 'transform_manifest_id'];

export interface FleetCache {
  /** ms. */
  readonly at: number;
  readonly fleets: readonly Json[];
}

/** @param cache by stage; it forgets with the process, as the functions of the original do now and then */
export function fleetHandlers(data: Data, cache: Map<string, FleetCache>): Readonly<Record<string, Handler>> {
  const fleets = () => data.storage('fleets');

  function shown(row: Json): Json {
    const vehicles = data
      .storage('vehicles')
      .all()
      .filter(({ fleetId }) => fleetId === row.fleetId);
    const connected = vehicles.filter(({ vehicleId }) => data.live.get(textOf(vehicleId)) !== undefined);
    return {
      ...row,
      vehicleCount: vehicles.length,
      connectedVehicles: connected.length,
      activeVehicles: vehicles.filter(({ status }) => status === 'active').length,
    };
  }

  function list({ caller }: Call): unknown {
    if (!caller.seesAll) {
      const own = fleets()
        .all()
        .filter(({ fleetId }) => caller.fleetIds.includes(textOf(fleetId)));
      return { fleets: own.map(shown), total: own.length };
    }
    const kept = cache.get(data.stage);
    const isFresh = kept !== undefined && data.now() - kept.at < CACHE_MS && data.now() >= kept.at;
    const found = isFresh ? kept : { at: data.now(), fleets: fleets().all().map(shown) };
    if (!isFresh) cache.set(data.stage, found);
    return new Answer(200, { fleets: found.fleets }, { 'x-cache-status': isFresh ? 'HIT' : 'MISS' });
  }

  function create(call: Call): Answer {
    mayWrite(call.caller);
    onlyAdmin(call.caller, 'Only platform admins can create fleets');
    // Only what is wrapped is read: without the wrapping the fleet has no name.
    const { entry } = bodyOf(call);
    const body = isObject(entry) ? entry : {};
    const at = data.now();
    const row: Json = {
      fleetId: `FLEET-${Math.floor(at / 1000)}`,
      name: textOf(body.name),
      description: textOf(body.description),
      status: 'active',
      ...{ createdAt: isoUtc(at), updatedAt: isoUtc(at) },
    };
    for (const name of ['data_source', 'transform_manifest_id', 'default_vehicle_model_id']) {
      if (body[name] !== undefined) row[name] = body[name];
    }
    fleets().put(row);
    return new Answer(201, { fleet: row });
  }

  function present({ params: { fleetId = '' } }: Call): Json {
    const found = fleets().get({ fleetId });
    if (found === undefined) throw new Refused(404, `Fleet ${fleetId} not found`);
    return found;
  }

  return {
    'GET /api/v1/fleets': list,
    'POST /api/v1/fleets': create,
    'GET /api/v1/fleets/{fleetId}'(call) {
      const { caller, params } = call;
      if (!caller.seesAll && !caller.fleetIds.includes(params.fleetId ?? '')) {
        throw new Refused(403, 'Access denied');
      }
      return { fleet: shown(present(call)) };
    },
    // The original takes the last segment for the id.
    'GET /api/v1/fleets/{fleetId}/vehicles'({ caller }) {
      if (!caller.seesAll) throw new Refused(403, 'Access denied');
      throw new Refused(404, 'Fleet vehicles not found');
    },
    'PUT /api/v1/fleets/{fleetId}'(call) {
      mayWrite(call.caller);
      onlyAdmin(call.caller);
      const before = present(call);
      const given = bodyOf(call);
      const body = isObject(given.entry) ? given.entry : given;
      const changes = Object.fromEntries(Object.entries(body).filter(([name]) => CHANGEABLE.includes(name)));
      const after = { ...before, ...changes, updatedAt: isoUtc(data.now()) };
      fleets().put(after);
      return { fleet: after };
    },
    'DELETE /api/v1/fleets/{fleetId}'(call) {
      mayWrite(call.caller);
      onlyAdmin(call.caller);
      const { fleetId } = present(call);
      fleets().remove({ fleetId });
      return { message: `Fleet ${textOf(fleetId)} deleted successfully` };
    },
  };
}
