import { defined } from '../core/defined.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { brokerOf, type PublishRequest } from './device.ts';
import { tell } from './untilKnown.ts';

/** Connects once with a certificate as its vehicle, says what it is given, and leaves again. */
export async function connectAs(
  identity: DeviceIdentity,
  { vehicle, timeoutMs }: Pick<ProvisionRequest, 'vehicle' | 'timeoutMs'>,
  { connection, provisioner, device }: ProvisionDeps,
  work: Work,
  messages: PublishRequest['messages'] = [],
): Promise<void> {
  const broker = await brokerOf(connection, work.signal);
  const clientId = provisioner.clientId(vehicle);
  tell(work, 'verify-connection', l10n.t('Connecting as {clientId} with the new certificate', { clientId }));
  await device.publish(defined({ broker, identity, clientId, messages, timeoutMs }), work);
}
