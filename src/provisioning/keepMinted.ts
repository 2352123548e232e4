import { byOwnCa, type MintedIdentity, type OwnKey } from '../cms/contract/provisioner.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { poll } from '../core/retry.ts';
import { keepPrivateKey } from '../core/secrets.ts';
import type { Work } from '../core/work.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { createSigningRequest } from './csr.ts';
import { inspectCertificate } from './inspect.ts';
import type { IssuedPair, Keeping } from './issuing.ts';
import { certificateIdOfPem } from './pair.ts';
import { retireUnsaved } from './unsaved.ts';
import { UNDER_WAY } from './untilKnown.ts';

/**
 * A key that is born here, and the certificate that the CMS has AWS IoT make for it. The pair is on the disk before it
 * comes into service.
 */
export async function issueForOwnKey(
  ownKey: OwnKey,
  request: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { vehicle, keys } = request;
  const algorithm = keys === 'csr-rsa' ? 'rsa' : 'ec';
  const { csrPem, privateKeyPem } = await createSigningRequest(vehicle.thingName, algorithm);
  const certificatePem = await ownKey.sign(vehicle, csrPem, work);
  return keepMinted({ certificatePem, privateKeyPem }, request, deps, keeping, work, () =>
    ownKey.admit(vehicle, certificatePem, work),
  );
}

/** Takes a pair into service that an earlier run saved for a key of this machine: that run may have ended half way in it. */
export async function admitSaved(
  certificatePem: string,
  { vehicle, way }: Pick<ProvisionRequest, 'vehicle' | 'way'>,
  { provisioner }: Pick<ProvisionDeps, 'provisioner'>,
  work: Work,
): Promise<void> {
  if (provisioner.kind !== 'minted' || byOwnCa(way)) return;
  await provisioner.ownKey?.admit(vehicle, certificatePem, work);
}

/**
 * A pair that the CMS handed out. AWS IoT may not know it everywhere yet.
 * @param admit puts it into service, where it was made here
 */
export async function keepMinted(
  pair: MintedIdentity,
  { vehicle }: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
  admit?: () => Promise<void>,
): Promise<IssuedPair> {
  const { vin, thingName } = vehicle;
  keepPrivateKey(pair.privateKeyPem);
  const certificateId = certificateIdOfPem(pair.certificatePem);
  if (certificateId === undefined) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('What the CMS returned for {vin} is not a certificate.', { vin }),
      { step: 'create-certificate', remedy: l10n.t('Check the logs of the CMS, then run it again.') },
    );
  }
  try {
    await keeping.save(pair);
  } catch (error) {
    // One that is kept can be fetched again, and others may use it.
    const isKept =
      deps.provisioner.kind === 'shared' ||
      (deps.provisioner.kind === 'minted' && deps.provisioner.ownKey !== undefined && admit === undefined);
    if (!isKept) await retireUnsaved(certificateId, vehicle, deps, work);
    throw error;
  }
  await admit?.();
  let reason: Message | undefined;
  const cloud = await poll(work, UNDER_WAY, async () => {
    const found = await inspectCertificate(certificateId, thingName, deps, work.signal);
    if (found.usable) return found.cloud;
    reason = found.reason;
    return undefined;
  });
  if (cloud !== undefined) return { cloud, claim: undefined };
  await keeping.discard();
  throw new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('The certificate that the CMS gave to {vin} {reason}.', { vin, reason: reason ?? '' }),
    {
      step: 'create-certificate',
      remedy: l10n.t('Check the logs of the CMS, then run it again.'),
      details: { certificateId },
    },
  );
}
