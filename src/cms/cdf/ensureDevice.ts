import { z } from 'zod';
import type { Connection } from '../../aws/connection.ts';
import type { EnsureResult, Supplier } from '../deployment.ts';
import type { AssetDevice, AssetLibrary } from './assetLibrary.ts';
import { attempt, lookRepeatedly, waitsAfter } from './certainty.ts';
import { linkCertificate, linkOf } from './certificateLink.ts';
import type { Facade } from './facade.ts';
import { bodyOf, refused } from './replies.ts';
import type { RestReply } from './rest.ts';

export interface DeviceRequest {
  vin: string;
  supplier: Supplier;
  certificateId: string;
  model: string;
  softwareVersion: string;
}

export interface DeviceDeps {
  connection: Connection;
  library: AssetLibrary;
  facade: Facade;
  devicePolicy: string;
}

const registered = z.looseObject({ thingArn: z.string() });
const ATTEMPTS = 3;
/** How long a register that runs in another place may still need. */
const UNDER_WAY_MS = [0, 1000, 2000] as const;

/**
 * Registers the TCU of a vehicle. The facade's register is not atomic (device in the asset library, then thing in
 * IoT, then the device's status) and refuses to run again for a device that exists, so a half-done one is
 * deleted and registered anew. A device that is complete is kept; if the given certificate is not (or no longer)
 * on its thing, it is attached with the device policy, as register would.
 */
export async function ensureDevice(
  deps: DeviceDeps,
  request: DeviceRequest,
  signal: AbortSignal,
): Promise<EnsureResult> {
  const { library } = deps;
  const { vin } = request;
  const before = await library.device(vin, signal);
  if (before === undefined) {
    await register(deps, request, signal);
    return 'created';
  }
  const complete = isComplete(before) ? before : await settled(library, vin, UNDER_WAY_MS, signal);
  if (complete !== undefined) {
    const link = await linkOf(deps.connection, vin, request.certificateId, signal);
    if (link === 'attached') return 'found';
    if (link === 'not-attached') {
      const { certificateId } = request;
      const policyName = deps.devicePolicy;
      await linkCertificate(deps.connection, { thingName: vin, certificateId, policyName }, signal);
      return 'repaired';
    }
    // The thing was deleted in IoT behind the asset library's back: the device is stale too.
  }
  await library.deleteDevice(vin, signal);
  await register(deps, request, signal);
  return 'repaired';
}

async function register(deps: DeviceDeps, request: DeviceRequest, signal: AbortSignal): Promise<void> {
  const { library, facade } = deps;
  const doing = `registering the device ${request.vin}`;
  for (let tries = 1; ; tries++) {
    const reply = await attempt(() => call(facade, request, signal));
    if (reply.ok) {
      bodyOf(registered, facade.rest, reply, doing);
      return;
    }
    // Lost answer, or 409 because somebody registers it right now: what can be seen decides.
    const open = reply.uncertain || reply.status === 409;
    if (open && (await settled(library, request.vin, waitsAfter(reply), signal)) !== undefined) return;
    const stale = await library.device(request.vin, signal);
    if (stale !== undefined && !isComplete(stale)) await library.deleteDevice(request.vin, signal);
    if (!open || tries === ATTEMPTS) throw refused(facade.rest, reply, doing);
  }
}

function call(facade: Facade, request: DeviceRequest, signal: AbortSignal): Promise<RestReply> {
  const { vin, supplier, certificateId, model, softwareVersion } = request;
  return facade.register(
    { externalId: supplier.externalId, deviceId: vin, certificateId, model, softwareVersion },
    signal,
  );
}

function settled(
  library: AssetLibrary,
  vin: string,
  waits: readonly number[],
  signal: AbortSignal,
): Promise<AssetDevice | undefined> {
  return lookRepeatedly(
    async () => {
      const device = await library.device(vin, signal);
      return device !== undefined && isComplete(device) ? device : undefined;
    },
    waits,
    signal,
  );
}

/** Register ends by setting the status and the ARN of the thing. */
export function isComplete(device: AssetDevice): boolean {
  return (device.awsIotThingArn ?? '') !== '' && device.attributes.status !== 'whitelisted';
}
