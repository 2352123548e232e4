import { requireFields, requireText } from '../rest/arguments.ts';
import { isObject, type Json } from '../../../kit/json.ts';
import { undirected } from '../library/relations.ts';
import { type FacadeDeployment, paths, templates } from './deployment.ts';
import { FacadeError, found, inner } from './errors.ts';

/**
 * POST /vehicles/{vin}/owners/{user}. Every previous owner's relation changes from `owns` to `owned`, even
 * if the same owner registers again.
 */
export function registerOwner({ library }: FacadeDeployment, vin: string, user: string, request: Json): void {
  requireFields({ ...request, vin });
  requireText(user);
  requireText(vin);
  requireText(request.pairingCode);

  const vehiclePath = `${paths.vehicles}/${vin}`;
  const vehicle = found(inner(() => library.groups.get(vehiclePath)));
  const ownerPath = `${paths.users}/${user}`;
  if (!inner(() => library.groups.get(ownerPath))) throw new FacadeError('USER_NOT_REGISTERED');
  const devices = inner(() =>
    library.groups.related(vehiclePath, {
      direction: 'in',
      label: templates.ecu,
      state: 'active',
      sort: [],
    }),
  );
  const hasTcu = devices.results.some(({ attributes }) => isObject(attributes) && attributes.type === 'tcu');
  if (!hasTcu) throw new FacadeError('TCU_NOT_WHITELISTED');

  const path = vehicle.groupPath as string;
  for (const previous of undirected(vehicle.groups ?? {}).owns ?? []) {
    inner(() => library.groups.attach(previous, 'owned', path));
    inner(() => library.groups.detach(previous, 'owns', path));
  }
  inner(() => library.groups.attach(ownerPath, 'owns', path));
}
