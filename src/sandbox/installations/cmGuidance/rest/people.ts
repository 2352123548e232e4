import type { UserPools } from '../../../services/cognito/userPools.ts';
import type { Json } from '../../../kit/json.ts';
import { isObject } from '../../../kit/json.ts';
import type { Data } from '../data.ts';
import { Answer, bodyOf, type Call, type Handler, intOf, Refused } from '../lambda.ts';
import { textOf } from '../rows.ts';
import { isoUtc } from '../times.ts';
import { guardDriver, mayWrite, onlyAdmin } from './scope.ts';

const DRIVER_STATES = ['active', 'on_leave', 'terminated'];
const FIRST_PASSWORD = 'Welcome1!';
const USUAL_PAGE = 25;

/** Users of the pool, for administrators only. */
export function userHandlers(pools: UserPools, poolId: () => string): Readonly<Record<string, Handler>> {
  function present(call: Call): string {
    onlyAdmin(call.caller);
    const { username = '' } = call.params;
    if (pools.findUser(poolId(), username) === undefined) throw new Refused(404, 'User not found');
    return username;
  }

  return {
    'GET /api/v1/users'({ caller }) {
      onlyAdmin(caller);
      const users = pools.usersOf(poolId()).map(({ username, attributes, groups, enabled, status }) => ({
        username,
        email: attributes.email,
        group: groups[0] ?? null,
        fleetIds: attributes['custom:fleetIds'] ?? '',
        enabled,
        status,
      }));
      return { users };
    },
    'POST /api/v1/users'(call) {
      onlyAdmin(call.caller);
      const body = bodyOf(call);
      const email = textOf(body.email);
      if (email === '') throw new Refused(400, 'email is required');
      if (pools.findUser(poolId(), email) !== undefined) throw new Refused(409, 'User already exists');
      const group = textOf(body.group) || 'fleet-viewer';
      const fleetIds = fleetsIn(body.fleetIds);
      const username = pools.createUser(poolId(), {
        username: email,
        attributes: {
          email_verified: 'true',
          ...(fleetIds === '' ? {} : { 'custom:fleetIds': fleetIds }),
        },
        password: textOf(body.tempPassword) || FIRST_PASSWORD,
        temporary: true,
        groups: [group],
      });
      return new Answer(201, { user: { username, group, fleetIds } });
    },
    'PUT /api/v1/users/{username}'(call) {
      const username = present(call);
      const body = bodyOf(call);
      const { action, group, fleetIds } = body;
      const change = (what: Parameters<UserPools['changeUser']>[2]): void =>
        pools.changeUser(poolId(), username, what);
      const password = { value: textOf(body.tempPassword) || FIRST_PASSWORD, temporary: true };
      switch (action) {
        case undefined:
          if (typeof group === 'string') change({ groups: [group] });
          if (fleetIds !== undefined) change({ attributes: { 'custom:fleetIds': fleetsIn(fleetIds) } });
          break;
        case 'disable':
        case 'enable':
          change({ enabled: action === 'enable' });
          break;
        case 'resetPassword':
        case 'setTempPassword':
        case 'resendInvite':
          change({ password });
          break;
        case 'assignVehicles':
          change({ attributes: { 'custom:vehicleId': textOf(body.vehicleId) } });
          break;
        default:
          throw new Refused(400, 'Unknown action');
      }
      return { message: 'User updated' };
    },
    'DELETE /api/v1/users/{username}'(call) {
      pools.removeUser(poolId(), present(call));
      return { message: 'User deleted' };
    },
  };
}

function fleetsIn(value: unknown): string {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(',') : textOf(value);
}

/** Drivers; a driver may change its own row. */
export function driverHandlers(data: Data): Readonly<Record<string, Handler>> {
  const drivers = () => data.storage('drivers');

  function present({ params: { driverId = '' } }: Call): Json {
    const found = drivers().get({ driverId });
    if (found === undefined) throw new Refused(404, 'Driver not found');
    return found;
  }

  /** A vehicle has one driver: the former one loses it. */
  function displace(vehicleId: unknown): void {
    if (typeof vehicleId !== 'string' || vehicleId === '') return;
    for (const row of drivers().all()) {
      if (row.assignedVehicleId === vehicleId) drivers().put({ ...row, assignedVehicleId: null });
    }
  }

  function checkState(status: unknown): void {
    if (DRIVER_STATES.includes(textOf(status))) return;
    throw new Refused(400, `status is required: one of ${DRIVER_STATES.join(', ')}`);
  }

  return {
    'GET /api/v1/drivers'({ caller, request: { query } }) {
      guardDriver(caller, false);
      const limit = intOf(query, 'limit', USUAL_PAGE);
      const page = intOf(query, 'page', 1);
      const fleet = query.get('fleetId');
      const all = drivers()
        .all()
        .filter(({ fleetId }) => fleet === null || fleetId === fleet)
        .filter(({ fleetId }) => caller.seesAll || caller.fleetIds.includes(textOf(fleetId)));
      return { drivers: all.slice((page - 1) * limit, page * limit), total: all.length, page, limit };
    },
    'POST /api/v1/drivers'(call) {
      mayWrite(call.caller);
      guardDriver(call.caller, false);
      const given = bodyOf(call);
      const body = isObject(given.entry) ? given.entry : given;
      checkState(body.status);
      displace(body.assignedVehicleId);
      const at = data.now();
      const row = { ...body, driverId: `DRV-${Math.floor(at / 1000)}`, createdAt: isoUtc(at) };
      drivers().put(row);
      return new Answer(201, { driver: row });
    },
    'PUT /api/v1/drivers/{driverId}'(call) {
      mayWrite(call.caller);
      guardDriver(call.caller, call.params.driverId === call.caller.driverId);
      const before = present(call);
      const given = bodyOf(call);
      const body = isObject(given.entry) ? given.entry : given;
      if (body.status !== undefined) checkState(body.status);
      displace(body.assignedVehicleId);
      const after = { ...before, ...body, driverId: before.driverId, updatedAt: isoUtc(data.now()) };
      drivers().put(after);
      return { driver: after };
    },
    'DELETE /api/v1/drivers/{driverId}'(call) {
      mayWrite(call.caller);
      guardDriver(call.caller, false);
      drivers().remove({ driverId: present(call).driverId });
      return { message: 'Driver deleted' };
    },
  };
}
