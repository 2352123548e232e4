import { byOwnCa } from '../cms/contract/provisioner.ts';
import type { Work } from '../core/work.ts';
import type { StoredIdentity } from './certificates.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { issueByCa } from './ca/issueByCa.ts';
import { connectAs } from './connectAs.ts';
import { issueByClaim } from './issueByClaim.ts';
import type { IssuedPair, Keeping } from './issuing.ts';
import { issueForOwnKey, keepMinted } from './keepMinted.ts';
import { refusedForNow, untilKnown } from './untilKnown.ts';

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
  if (byOwnCa(request.way)) {
    return issueByCa({ ...request, way: request.way }, deps, keeping, work);
  }
  switch (provisioner.kind) {
    case 'claim':
      return issueByClaim(request, { ...deps, provisioner }, keeping, work);
    case 'minted': {
      const { ownKey } = provisioner;
      if (ownKey !== undefined && (keeping.renews === true || request.keys !== 'keys')) {
        return issueForOwnKey(ownKey, request, deps, keeping, work);
      }
      return keepMinted(await provisioner.mint(request.vehicle, work), request, deps, keeping, work);
    }
    case 'shared':
      return keepMinted(await provisioner.fetch(request.vehicle, work), request, deps, keeping, work);
  }
}

/**
 * Connects with a production certificate as its vehicle, says hello where its CMS wants that, and leaves again; AWS may
 * need some seconds to know it.
 */
export async function verifyConnection(
  { identity, certificateId }: Pick<StoredIdentity, 'identity' | 'certificateId'>,
  request: Pick<ProvisionRequest, 'vehicle' | 'timeoutMs'>,
  deps: ProvisionDeps,
  work: Work,
): Promise<void> {
  const messages = (await deps.provisioner.hello?.(request.vehicle, certificateId, work)) ?? [];
  return untilKnown(work, refusedForNow, () => connectAs(identity, request, deps, work, messages));
}
