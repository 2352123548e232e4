import type { CmsUser } from '../cms/deployment.ts';
import type { VehicleDetails } from '../cms/vehicle.ts';
import type { ClaimSource } from '../provisioning/provision.ts';
import type { VehicleRequest } from './request.ts';

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops what is undefined, so that an absent option stays absent. */
function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Given<T>;
}

export function vehicleOf(request: VehicleRequest): VehicleDetails {
  const { make, model, modelYear, bodyType, fuelType, transmissionType, colorCode, iviType } = request;
  const { marketCode, countryCode, transmissionAutoType, transmissionManualType } = request;
  return {
    ...{ make, model, modelYear, bodyType, fuelType, transmissionType, colorCode, iviType },
    ...given({ marketCode, countryCode, transmissionAutoType, transmissionManualType }),
  };
}

export function userOf(request: VehicleRequest): CmsUser {
  const { username, firstName, lastName } = request;
  const { email, phone, addressLine1, addressLine2, city, state, country } = request;
  return {
    ...{ username, firstName, lastName },
    ...given({ email, phone, addressLine1, addressLine2, city, state, country }),
  };
}

export function claimOf(request: VehicleRequest): ClaimSource {
  switch (request.claim) {
    case 'temporary':
      return { kind: 'temporary' };
    case 'per-vehicle':
      return { kind: 'per-vehicle', keepFiles: request.keepClaimFiles };
    case 'shared':
      return {
        kind: 'shared',
        certificateFile: request.claimCertificateFile ?? '',
        privateKeyFile: request.claimKeyFile ?? '',
      };
  }
}
