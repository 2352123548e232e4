import { l10n, type Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { OffboardChoices, OffboardOption, Removal, Removals } from '../contract/removals.ts';
import type { CdfApi } from './api.ts';

export const offboardOptions: readonly OffboardOption[] = [
  { name: 'removeUser', description: 'also remove this CMS user' },
  { name: 'removeSignInUser', description: 'also remove this user from the user pool' },
];

/** What CMS v1 has of a vehicle. Changes nothing. */
export async function removalsOf(
  api: CdfApi,
  { vin }: VehicleRef,
  choices: OffboardChoices,
  signal: AbortSignal,
): Promise<Removals> {
  const first: Removal[] = [];
  const last: Removal[] = [];
  const keeps: Message[] = [];
  const [vehicle, device] = [await api.vehicle(vin, signal), await api.device(vin, signal)];
  if (vehicle && vehicle.owners.length > 0) {
    first.push({
      kind: 'owner-relations',
      what: l10n.t('the owner relation of {owners} to {vin}', { owners: vehicle.owners.join(', '), vin }),
      about: { vin, owners: vehicle.owners },
      remove: (work) => api.removeOwners(vin, work.signal),
    });
  }
  if (device) {
    first.push({
      kind: 'device',
      what: l10n.t('device {id} from the asset library', { id: device.deviceId }),
      about: { vin, deviceId: device.deviceId },
      remove: (work) => api.removeDevice(vin, work.signal),
    });
  }
  if (vehicle) {
    first.push({
      kind: 'vehicle',
      what: l10n.t('vehicle {vin} from the asset library', { vin }),
      about: { vin },
      remove: (work) => api.removeVehicle(vin, work.signal),
    });
  }
  const { removeUser, removeSignInUser } = choices;
  if (removeUser !== undefined) {
    first.push({
      kind: 'user',
      what: l10n.t('CMS user {name} from the asset library', { name: removeUser }),
      about: { username: removeUser },
      remove: (work) => api.removeUser(removeUser, work.signal),
    });
  }
  if (removeSignInUser !== undefined) {
    last.push({
      kind: 'sign-in-user',
      what: l10n.t('user {name} from the Cognito user pool', { name: removeSignInUser }),
      about: { username: removeSignInUser },
      remove: (work) => api.removeCognitoUser(removeSignInUser, work.signal),
    });
  }
  if ((await api.liveVehicle(vin, signal)) !== undefined) {
    keeps.push(
      l10n.t('The fleet manager keeps showing the last message of {vin}: CMS never deletes telemetry.', {
        vin,
      }),
    );
  }
  return { first, last, keeps };
}
