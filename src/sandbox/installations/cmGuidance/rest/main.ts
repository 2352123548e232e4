import type { Context } from '../../../kernel/context.ts';
import type { Aws } from '../../../services/services.ts';
import type { Data } from '../data.ts';
import type { Handler } from '../lambda.ts';
import { type FleetCache, fleetHandlers } from './fleets.ts';
import { driverHandlers, userHandlers } from './people.ts';
import { readHandlers } from './reads.ts';
import { vehicleHandlers as singleHandlers } from './vehicle.ts';
import { vehicleHandlers } from './vehicles.ts';

/** The operations of the main API that its function knows. */
export const MAIN_OPERATIONS = [
  'GET /api/v1/vehicles',
  'POST /api/v1/vehicles',
  'GET /api/v1/vehicles/locations',
  'GET /api/v1/vehicles/{vehicleId}',
  'PUT /api/v1/vehicles/{vehicleId}',
  'DELETE /api/v1/vehicles/{vehicleId}',
  'GET /api/v1/vehicles/{vehicleId}/trips',
  'GET /api/v1/vehicles/{vehicleId}/trips/{tripId}',
  'GET /api/v1/vehicles/{vehicleId}/safety-events',
  'GET /api/v1/vehicles/{vehicleId}/safety-alerts',
  'GET /api/v1/vehicles/{vehicleId}/maintenance-alerts',
  'GET /api/v1/vehicles/{vehicleId}/dtcs',
  'GET /api/v1/vehicles/{vehicleId}/health',
  'GET /api/v1/fleets',
  'POST /api/v1/fleets',
  'GET /api/v1/fleets/{fleetId}',
  'PUT /api/v1/fleets/{fleetId}',
  'DELETE /api/v1/fleets/{fleetId}',
  'GET /api/v1/fleets/{fleetId}/vehicles',
  'GET /api/v1/trips',
  'GET /api/v1/safety-events',
  'GET /api/v1/maintenance-alerts',
  'GET /api/v1/drivers',
  'POST /api/v1/drivers',
  'PUT /api/v1/drivers/{driverId}',
  'DELETE /api/v1/drivers/{driverId}',
  'GET /api/v1/users',
  'POST /api/v1/users',
  'PUT /api/v1/users/{username}',
  'DELETE /api/v1/users/{username}',
] as const;

export function mainHandlers(
  context: Context,
  aws: Pick<Aws, 'iot' | 'cognito'>,
  data: Data,
  deps: { readonly userPoolId: () => string; readonly fleetCache: Map<string, FleetCache> },
): Readonly<Record<string, Handler>> {
  return {
    ...vehicleHandlers(context, aws, data),
    ...singleHandlers(data),
    ...readHandlers(data),
    ...fleetHandlers(data, deps.fleetCache),
    ...driverHandlers(data),
    ...userHandlers(aws.cognito.pools, deps.userPoolId),
  };
}
