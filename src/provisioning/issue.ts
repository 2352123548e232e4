import { defined } from '../core/defined.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { brokerOf } from './device.ts';
import { issueByClaim } from './issueByClaim.ts';
import type { IssuedPair, Keeping } from './issuing.ts';
import { keepMinted } from './keepMinted.ts';
import { refusedForNow, tell, untilKnown } from './untilKnown.ts';

/**
 * Gets a new production certificate the way the CMS has for it. The pair is saved before anything uses it. Rejects with
 * CLAIM_REJECTED, CERTIFICATE_UNUSABLE, or what the device process and AWS calls throw.
 */
export async function issueCertificate(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { connection, certificates, provisioner } = deps;
  await certificates.saveRootCa(await connection.rootCa());
  switch (provisioner.kind) {
    case 'claim':
      return issueByClaim(request, { ...deps, provisioner }, keeping, work);
    case 'minted':
      return keepMinted(await provisioner.mint(request.vehicle, work), request, deps, keeping, work);
    case 'shared':
      return keepMinted(await provisioner.fetch(request.vehicle, work), request, deps, keeping, work);
  }
}

/** Connects with a production certificate as its vehicle and leaves again; AWS may need some seconds to know it. */
export async function verifyConnection(
  identity: DeviceIdentity,
  { vehicle, timeoutMs }: Pick<ProvisionRequest, 'vehicle' | 'timeoutMs'>,
  { connection, provisioner, device }: ProvisionDeps,
  work: Work,
): Promise<void> {
  const broker = await brokerOf(connection, work.signal);
  const clientId = provisioner.clientId(vehicle);
  tell(work, 'verify-connection', l10n.t('Connecting as {clientId} with the new certificate', { clientId }));
  const request = defined({ broker, identity, clientId, messages: [], timeoutMs });
  await untilKnown(work, refusedForNow, () => device.publish(request, work));
}
