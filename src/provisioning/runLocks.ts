import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFolder } from '../core/safeFiles.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { ProvisionDeps } from './contract.ts';
import { nodeFiles } from './fileOperations.ts';
import { withVehicleLock } from './vehicleLock.ts';

/**
 * Runs `task` while no other run works on the certificates of a vehicle in the same folder. Where its CMS ends the old
 * certificate before it knows the new one, no other run of this user on this machine works on the vehicle at all: two
 * workspaces have two folders, and would switch each other's certificates off.
 * @throws CmsError as `withVehicleLock`
 */
export async function withRunLocks<T>(
  { id, vin }: VehicleRef,
  {
    certificates,
    connection,
    provisioner,
  }: Pick<ProvisionDeps, 'certificates' | 'connection' | 'provisioner'>,
  work: Work,
  task: (own: Work) => Promise<T>,
  folder = join(tmpdir(), `cms-enablement-locks-${process.getuid?.() ?? 'user'}`),
): Promise<T> {
  const inFolder = (own: Work) => withVehicleLock(certificates.folder, id, own, task);
  if (provisioner.renewal.oldEnds !== 'before' || !(await isOurs(folder))) return inFolder(work);
  const { generation, name } = provisioner.deployment;
  const { endpoint, region } = connection;
  const place = JSON.stringify([generation, name, endpoint, region, id]);
  const file = createHash('sha256').update(place).digest('hex').slice(0, 40);
  return withVehicleLock(folder, vin, work, inFolder, file);
}

/** Temporary folders are everybody's: one that somebody else has made is done without. */
async function isOurs(folder: string): Promise<boolean> {
  try {
    await nodeFiles.makeFolder(folder, 0o700);
    return await checkFolder(folder);
  } catch {
    return false;
  }
}
