import type { Rest, RestReply } from '../kit/rest.ts';
import type { CmsUser } from './api.ts';
import type { VehicleDetails } from './vehicleDetails.ts';
import { segment } from './paths.ts';

/** The facade parses a body only under this type. */
export const FACADE_MEDIA_TYPE = 'application/vnd.aws-cdf-v1.0+json';

const DEVICE_TEMPLATE = 'auto_ecu';
const DEVICE_TYPE = 'tcu';
/** Any text will do: CMS v1 checks only that there is one. */
const PAIRING_CODE = '12345';

/** The CMS v1 facade: four calls that write, none that reads. What happened is read from the asset library. */
export interface Facade {
  readonly rest: Rest;
  createUser(user: CmsUser, signal: AbortSignal): Promise<RestReply>;
  /** Makes the device in the asset library, then the IoT thing with the certificate. Not atomic. */
  register(
    request: {
      externalId: string;
      deviceId: string;
      certificateId: string;
      model: string;
      softwareVersion: string;
    },
    signal: AbortSignal,
  ): Promise<RestReply>;
  /** Makes or changes the vehicle and installs the device in it. */
  activate(
    request: {
      externalId: string;
      deviceId: string;
      vin: string;
      softwareVersion: string;
      vehicle: VehicleDetails;
    },
    signal: AbortSignal,
  ): Promise<RestReply>;
  /** Makes the user the owner; earlier owners become former ones. */
  associate(vin: string, username: string, signal: AbortSignal): Promise<RestReply>;
}

export function createFacade(rest: Rest): Facade {
  const post = (path: string, body: unknown, signal: AbortSignal) =>
    rest.send({ method: 'POST', path, body, signal });
  const deviceUrl = (externalId: string, deviceId: string) =>
    `/suppliers/${segment(externalId)}/devices/${segment(deviceId)}`;

  return {
    rest,

    createUser: (user, signal) => post('/users', user, signal),

    register: ({ externalId, deviceId, certificateId, model, softwareVersion }, signal) =>
      post(
        `${deviceUrl(externalId, deviceId)}/register`,
        {
          templateId: DEVICE_TEMPLATE,
          certificateId,
          attributes: { type: DEVICE_TYPE, model, softwareVersion },
        },
        signal,
      ),

    activate: ({ externalId, deviceId, vin, softwareVersion, vehicle }, signal) =>
      post(
        `${deviceUrl(externalId, deviceId)}/activate`,
        {
          vehicle: {
            make: vehicle.make,
            model: vehicle.model,
            modelYear: vehicle.modelYear,
            vin,
            bodyType: vehicle.bodyType,
            fuelType: vehicle.fuelType,
            transmissionType: vehicle.transmissionType,
            colorCode: vehicle.colorCode,
            iviType: vehicle.iviType,
            ecus: [{ type: DEVICE_TYPE, id: deviceId, softwareVersion }],
          },
        },
        signal,
      ),

    associate: (vin, username, signal) =>
      post(`/vehicles/${segment(vin)}/owners/${segment(username)}`, { pairingCode: PAIRING_CODE }, signal),
  };
}
