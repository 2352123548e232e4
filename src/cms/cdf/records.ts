import { defined } from '../../core/defined.ts';
import type { CmsUser, DeviceRecord, Supplier, VehicleRecord } from './api.ts';
import type { AssetDevice, Group } from './assetLibrary.ts';

/**
 * What the asset library holds, in the words of `CdfApi`. Attributes of a foreign type read as absent, and what
 * a list shows of an absent one is empty.
 */

export function vehicleRecordOf(group: Group, owners: string[]): VehicleRecord {
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
  return {
    username: group.name,
    firstName: text(attributes.firstName) ?? '',
    lastName: text(attributes.lastName) ?? '',
    ...defined({
      email: text(attributes.email),
      phone: text(attributes.phone),
      addressLine1: text(attributes.addressLine1),
      addressLine2: text(attributes.addressLine2),
      city: text(attributes.city),
      state: text(attributes.state),
      country: text(attributes.country),
    }),
  };
}

/** A supplier without external id (it cannot register devices) has an empty one. */
export function supplierOf(group: Group): Supplier {
  return { name: group.name, externalId: text(group.attributes.externalId) ?? '' };
}

export function deviceRecordOf(device: AssetDevice, vehicles: Group[], suppliers: Group[]): DeviceRecord {
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
