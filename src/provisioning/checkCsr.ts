import type { ClaimProvisioner } from '../cms/contract/provisioner.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { ClaimSource, ProvisionRequest } from './contract.ts';

/** Whether a claim may send a CSR is known before it is used. @throws CmsError REQUEST_INVALID */
export function checkCsr(
  { keys }: Pick<ProvisionRequest, 'keys'>,
  kind: ClaimSource['kind'],
  { csrClaims }: Pick<ClaimProvisioner, 'csrClaims'>,
): void {
  if (keys === 'keys' || csrClaims === undefined || csrClaims.includes(kind)) return;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The policy of the claim does not allow a CSR: with it only AWS IoT can make the key.'),
    {
      step: 'claim',
      remedy: l10n.t(
        'Leave out --keys, or use a temporary claim, which needs iot:CreateProvisioningClaim. Nothing was claimed yet.',
      ),
    },
  );
}

/** What to say of a claim whose connection ended when it sent a CSR, where that may be why. */
export function maybeNoCsr(
  error: unknown,
  { keys }: Pick<ProvisionRequest, 'keys'>,
  { csrClaims }: Pick<ClaimProvisioner, 'csrClaims'>,
): unknown {
  const isLost =
    isCmsError(error) &&
    ['MQTT_CONNECTION_LOST', 'MQTT_CONNECT_REFUSED', 'CLAIM_TIMEOUT', 'CLAIM_REJECTED'].includes(error.code);
  if (keys === 'keys' || csrClaims === undefined || !isLost) return error;
  return new CmsError(error.code, error.sentence, {
    ...{ step: error.step, details: error.details, cause: error },
    remedy: l10n.t(
      'A temporary claim may not be allowed to send a CSR in this account: leave out --keys, and AWS IoT makes the key.',
    ),
  });
}
