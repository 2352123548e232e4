import { checkSupplierName, checkUserName } from './groupNames.ts';
import { thingNameOf } from './thingName.ts';

/** Groups CMS v1 seeds into the asset library; everything it knows lives right below them. */
export const SUPPLIERS = '/auto/suppliers';
export const VEHICLES = '/auto/vehicles';
export const USERS = '/auto/users';

/** Group paths are kept in lower case; the group's `name` keeps its own. */
export function supplierPath(name: string): string {
  return `${SUPPLIERS}/${checkSupplierName(name).toLowerCase()}`;
}

export function userPath(username: string): string {
  return `${USERS}/${checkUserName(username).toLowerCase()}`;
}

export function vehiclePath(vin: string): string {
  return `${VEHICLES}/${thingNameOf(vin).toLowerCase()}`;
}

/** Last part of a group path: the lower-cased name. */
export function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A text as exactly one URL path segment: encoded once, slashes included. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}
