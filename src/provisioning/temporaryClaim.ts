import { CreateProvisioningClaimCommand } from '@aws-sdk/client-iot';
import { calling } from '../aws/calls.ts';
import { isCmsError } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { l10n } from '../core/message.ts';
import { keepPrivateKey } from '../core/secrets.ts';
import type { Work } from '../core/work.ts';
import type { Claim, ClaimDeps } from './claim.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { checkPair } from './pair.ts';

/**
 * A claim for five minutes; for who may not ask for one, the claim that the CMS keeps, where it keeps one.
 */
export async function openTemporary(request: ProvisionRequest, deps: ClaimDeps, work: Work): Promise<Claim> {
  try {
    return await askForClaim(request, deps, work);
  } catch (error) {
    const { provisioner } = deps;
    if (provisioner.keptClaim === undefined || !isCmsError(error) || error.code !== 'ACCESS_DENIED')
      throw error;
    const message = l10n.t('A temporary claim is not allowed: the claim that the CMS keeps is used');
    work.progress({ step: 'claim', level: 'info', message });
    const identity = await provisioner.keptClaim(work);
    keepPrivateKey(identity.privateKeyPem);
    const what = l10n.t('The claim certificate that the CMS keeps');
    const { certificateId } = checkPair(identity, { now: work.clock.now(), what });
    // Others use it, too: as good as a shared one.
    return { kind: 'shared', identity, certificateId, fresh: false, ours: false };
  }
}

async function askForClaim(
  { templateName }: ProvisionRequest,
  { connection }: ProvisionDeps,
  work: Work,
): Promise<Claim> {
  const iot = await connection.iot();
  const call = 'CreateProvisioningClaim';
  const made = await calling(l10n.t('asking for a temporary claim'), () =>
    iot.send(new CreateProvisioningClaimCommand({ templateName }), { abortSignal: work.signal }),
  );
  const privateKeyPem = expectField(expectField(made, 'keyPair', call), 'PrivateKey', call);
  keepPrivateKey(privateKeyPem);
  return {
    kind: 'temporary',
    identity: { certificatePem: expectField(made, 'certificatePem', call), privateKeyPem },
    certificateId: expectField(made, 'certificateId', call),
    fresh: true,
    ours: false,
  };
}
