import type { MintedIdentity } from '../cms/contract/provisioner.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { poll } from '../core/retry.ts';
import { keepPrivateKey } from '../core/secrets.ts';
import type { Work } from '../core/work.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { inspectCertificate } from './inspect.ts';
import type { IssuedPair, Keeping } from './issuing.ts';
import { certificateIdOfPem } from './pair.ts';
import { retireUnsaved } from './unsaved.ts';
import { UNDER_WAY } from './untilKnown.ts';

/** A pair that the CMS handed out. AWS IoT may not know it everywhere yet. */
export async function keepMinted(
  pair: MintedIdentity,
  { vehicle }: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
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
    // A shared one can be fetched again, and others use it.
    if (deps.provisioner.kind === 'minted') await retireUnsaved(certificateId, vehicle, deps, work);
    throw error;
  }
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
