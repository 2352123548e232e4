import type { ClaimSource, ProvisionWishes } from '../../contract/provisioner.ts';
import type { CmsUser } from '../api.ts';
import type { VehicleDetails } from '../vehicleDetails.ts';
import { defined } from '../../../core/defined.ts';
import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { VehicleRequest } from './request.ts';

export function vehicleOf(request: VehicleRequest): VehicleDetails {
  const { make, model, modelYear, bodyType, fuelType, transmissionType, colorCode, iviType } = request;
  const { marketCode, countryCode, transmissionAutoType, transmissionManualType } = request;
  return {
    ...{ make, model, modelYear, bodyType, fuelType, transmissionType, colorCode, iviType },
    ...defined({ marketCode, countryCode, transmissionAutoType, transmissionManualType }),
  };
}

export function userOf(request: VehicleRequest): CmsUser {
  const { username, firstName, lastName } = request;
  const { email, phone, addressLine1, addressLine2, city, state, country } = request;
  return {
    ...{ username, firstName, lastName },
    ...defined({ email, phone, addressLine1, addressLine2, city, state, country }),
  };
}

export function wishesOf(request: VehicleRequest): ProvisionWishes {
  const { keys, templateName, fuelType, tags, provisioner } = request;
  const way = provisioner === 'claim' ? undefined : provisioner;
  return { keys, templateName, claim: claimOf(request), ...defined({ fuelType, tags, way }) };
}

export function claimOf(request: VehicleRequest): ClaimSource {
  switch (request.claim) {
    case 'temporary':
      return { kind: 'temporary' };
    case 'per-vehicle':
      return { kind: 'per-vehicle', keepFiles: request.keepClaimFiles };
    case 'shared':
      return { kind: 'shared', ...filesOf(request) };
  }
}

function filesOf({ claimCertificateFile: certificateFile, claimKeyFile: privateKeyFile }: VehicleRequest) {
  // `checkRequest` demands both; a part of a request that was checked by itself may lack them.
  if (certificateFile === undefined || privateKeyFile === undefined) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The claim "shared" needs its certificate file and key file.'),
      {
        remedy: l10n.t('Specify both files, or choose another claim.'),
      },
    );
  }
  return { certificateFile, privateKeyFile };
}
