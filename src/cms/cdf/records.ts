import type { CmsUser, DeviceRecord, Supplier, VehicleRecord } from '../deployment.ts';
import type { AssetDevice, Group } from './assetLibrary.ts';

/** What the asset library holds, in the words of CmsDeployment. Attributes of a foreign type read as absent. */

export function vehicleOf(group: Group, owners: string[]): VehicleRecord {
  const { attributes } = group;
  return {
    vin: group.name,
    make: text(attributes.make) ?? '',
    model: text(attributes.model) ?? '',
    modelYear: typeof attributes.modelYear === 'number' ? attributes.modelYear : 0,
    attributes,
    owners,
  };
}

export function userOf(group: Group): CmsUser {
  const { attributes } = group;
  const given = (key: string) => {
    const value = text(attributes[key]);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    username: group.name,
    firstName: text(attributes.firstName) ?? '',
    lastName: text(attributes.lastName) ?? '',
    ...given('email'),
    ...given('phone'),
    ...given('addressLine1'),
    ...given('addressLine2'),
    ...given('city'),
    ...given('state'),
    ...given('country'),
  };
}

/** A supplier without external id (it cannot register devices) has an empty one. */
export function supplierOf(group: Group): Supplier {
  return { name: group.name, externalId: text(group.attributes.externalId) ?? '' };
}

export function deviceOf(device: AssetDevice, vehicles: Group[], suppliers: Group[]): DeviceRecord {
  const { attributes } = device;
  return {
    deviceId: device.deviceId,
    status: text(attributes.status),
    type: text(attributes.type),
    model: text(attributes.model),
    softwareVersion: text(attributes.softwareVersion),
    thingArn: device.awsIotThingArn,
    vehicles: vehicles.map((group) => group.name),
    suppliers: suppliers.map((group) => group.name),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
