import { X509Certificate } from 'node:crypto';
import { byOwnCa } from '../../cms/contract/provisioner.ts';
import type { CloudCertificate } from '../../aws/iot/certificates.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { StoredIdentity } from '../certificates.ts';
import type { ProvisionDeps, ProvisionRequest } from '../contract.ts';
import { isSignedBy } from './ownCa.ts';

/** Whether a pair of one's own CA waits for its first connect, or for what follows it. */
export async function mayComeIn(
  { way, replace }: Pick<ProvisionRequest, 'way' | 'replace'>,
  { ca }: Pick<ProvisionDeps, 'ca'>,
  { identity }: StoredIdentity,
  cloud: CloudCertificate | undefined,
): Promise<boolean> {
  if (!byOwnCa(way) || ca === undefined || replace === true) return false;
  return isYetToCome(cloud) && isSignedBy(await ca(), identity.certificatePem);
}

/**
 * Refuses to put a pair away that a CA of somebody's own made, in a factory, and whose vehicle has not come in yet: it
 * looks like one that AWS IoT does not know, and its key may be in the vehicle already.
 * @throws CmsError CERTIFICATE_EXISTS
 */
export async function keepFactoryPair(
  { vehicle: { vin }, way, replace }: ProvisionRequest,
  { provisioner, connection }: Pick<ProvisionDeps, 'provisioner' | 'connection'>,
  { identity, certificateId }: StoredIdentity,
  cloud: CloudCertificate | undefined,
): Promise<void> {
  if (replace === true || provisioner.ownCa === undefined || !isYetToCome(cloud)) return;
  const issuer = otherIssuer(identity.certificatePem, await connection.rootCa());
  if (issuer === undefined) return;
  throw new CmsError(
    'CERTIFICATE_EXISTS',
    l10n.t('{vin} has a certificate on disk that {issuer} made and AWS IoT has not let in yet.', {
      vin,
      issuer,
    }),
    {
      step: 'check-certificate',
      remedy: byOwnCa(way)
        ? l10n.t(
            'Specify the folder of that CA (--ca-folder). Only if the pair is not needed, provision the vehicle with "replace" (--replace).',
          )
        : l10n.t(
            'Let it in with the provisioner jitp or jitr (--provisioner). Only if the pair is not needed, provision the vehicle with "replace" (--replace).',
          ),
      details: { certificateId },
    },
  );
}

function isYetToCome(cloud: CloudCertificate | undefined): boolean {
  return cloud === undefined || cloud.status === 'PENDING_ACTIVATION';
}

/** Who signed a certificate, on one line; undefined if that was AWS IoT, or whoever stands in for it. */
function otherIssuer(certificatePem: string, rootPem: string): string | undefined {
  const { issuer } = new X509Certificate(certificatePem);
  // AWS IoT signs with a CA of its own, which its roots did not make (AWS IoT Developer Guide, "X.509 client certificates").
  if (issuer.includes('Amazon Web Services')) return undefined;
  try {
    if (issuer === new X509Certificate(rootPem).subject) return undefined;
  } catch {
    // A damaged root says nothing of a certificate.
  }
  return issuer.replaceAll('\n', ', ');
}
