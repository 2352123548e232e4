import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { attachCertificate, certificateIdOf } from '../../aws/iot/certificates.ts';
import { principalsOf } from '../../aws/iot/things.ts';
import { l10n } from '../../core/message.ts';
import { poll, waits, type RetryPolicy, type Retrying } from '../../core/retry.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { RestReply } from '../kit/rest.ts';
import type { Supplier } from './api.ts';
import type { AssetDevice, AssetLibrary } from './assetLibrary.ts';
import { lookingAfter, untilSettled } from './certainty.ts';
import type { Facade } from './facade.ts';
import { bodyOf } from './replies.ts';

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
/** How long a register that runs in another place may still need. */
const UNDER_WAY: RetryPolicy = { attempts: 3, backoff: waits(1000, 2000) };

/**
 * Registers the TCU of a vehicle. The facade's register is not atomic (device in the asset library, then thing in
 * IoT, then the device's status) and refuses to run again for a device that exists, so a half-done one is
 * deleted and registered again. A device that is complete is kept; if the given certificate is not (or no longer)
 * on its thing, it is attached with the device policy, as register would.
 */
export async function ensureDevice(
  deps: DeviceDeps,
  request: DeviceRequest,
  work: Retrying,
): Promise<EnsureResult> {
  const { library } = deps;
  const { vin } = request;
  const { signal } = work;
  const before = await library.device(vin, signal);
  if (before === undefined) {
    await register(deps, request, work);
    return 'created';
  }
  const complete = isComplete(before) ? before : await settled(library, vin, UNDER_WAY, work);
  if (complete !== undefined) {
    const { certificateId } = request;
    const principals = await principalsOf(deps.connection, vin, signal);
    if (principals?.some((arn) => certificateIdOf(arn) === certificateId)) return 'found';
    if (principals !== undefined) {
      const link = { certificateId, thingName: vin, policyName: deps.devicePolicy };
      await attachCertificate(deps.connection, link, signal);
      return 'repaired';
    }
    // The thing was deleted in IoT behind the asset library's back: the device is stale too.
  }
  await library.deleteDevice(vin, signal);
  await register(deps, request, work);
  return 'repaired';
}

async function register(deps: DeviceDeps, request: DeviceRequest, work: Retrying): Promise<void> {
  const { library, facade } = deps;
  const { vin } = request;
  const { signal } = work;
  const doing = l10n.t('registering the device {vin}', { vin });
  // A lost answer, or 409 because somebody registers it right now: what can be seen decides.
  const unknown = (reply: RestReply) => reply.uncertain || reply.status === 409;
  await untilSettled(work, facade.rest, {
    doing,
    send: () => call(facade, request, signal),
    unknown,
    async settled(reply) {
      if (reply.ok) return bodyOf(registered, facade.rest, reply, doing);
      const device = unknown(reply) ? await settled(library, vin, lookingAfter(reply), work) : undefined;
      if (device !== undefined) return device;
      const stale = await library.device(vin, signal);
      if (stale !== undefined && !isComplete(stale)) await library.deleteDevice(vin, signal);
      return undefined;
    },
  });
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
  policy: RetryPolicy,
  work: Retrying,
): Promise<AssetDevice | undefined> {
  return poll(work, policy, async () => {
    const device = await library.device(vin, work.signal);
    return device !== undefined && isComplete(device) ? device : undefined;
  });
}

/** Register ends by setting the status and the ARN of the thing. */
export function isComplete(device: AssetDevice): boolean {
  return Boolean(device.awsIotThingArn) && device.attributes.status !== 'whitelisted';
}
