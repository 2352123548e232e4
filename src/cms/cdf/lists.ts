import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { CmsUser, Supplier, VehicleRecord } from './api.ts';
import type { AssetLibrary, Group } from './assetLibrary.ts';
import { SUPPLIERS, USERS, VEHICLES, nameIn } from './paths.ts';
import { supplierOf, userOf, vehicleRecordOf } from './records.ts';

const MAX_SIZE = 500;
/** Paths in one bulk read: keeps the URL well below API Gateway's 10 kB. */
const BULK = 40;

export function createLists(library: AssetLibrary) {
  return {
    async vehicles(page: PageRequest, signal: AbortSignal): Promise<Page<VehicleRecord>> {
      const { items, next } = await pageOf(library, VEHICLES, 'auto_vehicle', page, signal);
      const owners = await ownerNames(library, items, signal);
      return { items: items.map((group) => vehicleRecordOf(group, owners(group.groupPath))), next };
    },
    async users(page: PageRequest, signal: AbortSignal): Promise<Page<CmsUser>> {
      const { items, next } = await pageOf(library, USERS, 'auto_user', page, signal);
      return { items: items.map(userOf), next };
    },
    async suppliers(page: PageRequest, signal: AbortSignal): Promise<Page<Supplier>> {
      const { items, next } = await pageOf(library, SUPPLIERS, 'auto_supplier', page, signal);
      return { items: items.map(supplierOf), next };
    },
  };
}

async function pageOf(
  library: AssetLibrary,
  path: string,
  template: string,
  page: PageRequest,
  signal: AbortSignal,
): Promise<Page<Group>> {
  const size = Math.min(page.size, MAX_SIZE);
  const offset = page.next === undefined ? 0 : Number(page.next);
  if (!Number.isSafeInteger(size) || size < 1 || !Number.isSafeInteger(offset) || offset < 0) {
    throw new CmsError('REQUEST_INVALID', l10n.t('The requested page does not exist.'), {
      remedy: l10n.t('Request 1 to {most} items, and pass "next" back unchanged.', { most: MAX_SIZE }),
    });
  }
  // One row more than asked for tells whether there is a next page: the API gives no total.
  const rows = await library.members(path, template, { offset, count: size + 1 }, signal);
  return {
    items: rows.slice(0, size),
    next: rows.length > size ? String(offset + size) : undefined,
  };
}

/** Names of the owners of these vehicles, by vehicle path. List rows carry no relations, bulk reads do. */
async function ownerNames(
  library: AssetLibrary,
  vehicles: readonly Group[],
  signal: AbortSignal,
): Promise<(path: string) => string[]> {
  const full = await groupsOf(
    library,
    vehicles.map((vehicle) => vehicle.groupPath),
    signal,
  );
  const owners = new Map(full.map((group) => [group.groupPath, [...new Set(group.groups?.owns ?? [])]]));
  const users = await groupsOf(library, [...new Set([...owners.values()].flat())], signal);
  // Paths are lower case; the name of the user's group has its own.
  const names = new Map(users.map((user) => [user.groupPath, user.name]));
  return (path) => (owners.get(path) ?? []).map((user) => names.get(user) ?? nameIn(user));
}

async function groupsOf(
  library: AssetLibrary,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Group[]> {
  const groups: Group[] = [];
  // The bulk read separates paths by commas: a path with one is read on its own.
  const plain = paths.filter((path) => !path.includes(','));
  for (let i = 0; i < plain.length; i += BULK) {
    groups.push(...(await library.groups(plain.slice(i, i + BULK), signal)));
  }
  for (const path of paths.filter((other) => other.includes(','))) {
    const group = await library.group(path, signal);
    if (group !== undefined) groups.push(group);
  }
  return groups;
}
