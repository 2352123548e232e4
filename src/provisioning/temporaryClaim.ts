import { CreateProvisioningClaimCommand } from '@aws-sdk/client-iot';
import { calling } from '../aws/calls.ts';
import { isCmsError } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { l10n } from '../core/message.ts';
import { keepPrivateKey } from '../core/secrets.ts';
import type { Work } from '../core/work.ts';
import type { ClaimProvisioner } from '../cms/contract/provisioner.ts';
import type { ErrorCode } from '../core/errorCodes.ts';
import { checkCsr } from './checkCsr.ts';
import type { Claim, ClaimDeps } from './claim.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { checkPair } from './pair.ts';

/** So ends the session of a claim that is out of service. */
const REFUSED: readonly ErrorCode[] = ['MQTT_CONNECT_REFUSED', 'MQTT_CONNECTION_LOST', 'CLAIM_TIMEOUT'];

/**
 * A claim for five minutes; for who may not ask for one, the claim that the CMS keeps, where it keeps one.
 */
export async function openTemporary(request: ProvisionRequest, deps: ClaimDeps, work: Work): Promise<Claim> {
  try {
    return await askForClaim(request, deps, work);
  } catch (error) {
    const { provisioner } = deps;
    if (!keepsClaim(provisioner) || !isCmsError(error) || error.code !== 'ACCESS_DENIED') throw error;
    checkCsr(request, 'shared', provisioner);
    const message = l10n.t('A temporary claim is not allowed: the claim that the CMS keeps is used');
    work.progress({ step: 'claim', level: 'info', message });
    return readKept(provisioner, work);
  }
}

type Keeper = ClaimProvisioner & Required<Pick<ClaimProvisioner, 'keptClaim'>>;

function keepsClaim(provisioner: ClaimProvisioner): provisioner is Keeper {
  return provisioner.keptClaim !== undefined;
}

async function readKept(provisioner: Keeper, work: Work): Promise<Claim> {
  const identity = await provisioner.keptClaim(work);
  keepPrivateKey(identity.privateKeyPem);
  const what = l10n.t('The claim certificate that the CMS keeps');
  const { certificateId } = checkPair(identity, { now: work.clock.now(), what });
  // Others use it, too: as good as a shared one.
  return { kind: 'shared', identity, certificateId, fresh: false, ours: false, kept: true };
}

/**
 * The claim that the CMS keeps now, after AWS IoT had none of the one that was read before: the CMS renews it from time to
 * time, and deletes the old one at once. Undefined where it is still the same, or the failure has another reason.
 */
export async function replacedClaim(
  { kept, certificateId }: Claim,
  error: unknown,
  { provisioner }: ClaimDeps,
  work: Work,
): Promise<Claim | undefined> {
  if (kept !== true || !keepsClaim(provisioner)) return undefined;
  if (!isCmsError(error) || !REFUSED.includes(error.code)) return undefined;
  const now = await readKept(provisioner, work);
  if (now.certificateId === certificateId) return undefined;
  const message = l10n.t('The CMS has replaced its claim meanwhile: the new one is used');
  work.progress({ step: 'claim', level: 'info', message });
  return now;
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
