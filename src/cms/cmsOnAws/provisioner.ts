import { l10n } from '../../core/message.ts';
import type { ClaimProvisioner } from '../contract/provisioner.ts';
import { beforeClaim } from './claimGuard.ts';
import { readClaimSecret } from './claimSecret.ts';
import { codec } from './codec/codec.ts';
import { greetingOf } from './greeting.ts';
import type { Sources } from './sources.ts';

/**
 * AWS IoT asks a hook for templates of fleet provisioning only (AWS IoT Developer Guide, "Pre-provisioning hooks"), and
 * without the hook CMS has no row of the vehicle.
 */
export const NO_OWN_CA = l10n.t('its hook, which registers vehicles, is asked only about claims');

/** Certificates by the template of the stack, whose hook decides. */
export function createProvisioner(sources: Sources): ClaimProvisioner {
  const { connection, names, store } = sources;
  return {
    kind: 'claim',
    deployment: { generation: 'cms-on-aws', name: names.appId },
    clientId: (vehicle) => codec.clientId(vehicle),
    // AWS names the template's policy after its content.
    devicePolicy: undefined,
    renewal: {
      oldEnds: 'before',
      words: l10n.t(
        'CMS switches the old certificate off before it registers the new one, and deletes it soon after: the vehicle is disconnected for a moment, and the two never work side by side.',
      ),
    },
    templateName: names.template,
    claims: ['temporary', 'shared'],
    keys: ['keys', 'csr-ec', 'csr-rsa'],
    // The policy of the claim that the stack keeps has no topics for a CSR: AWS IoT ends the connection.
    csrClaims: ['temporary'],
    parameters: ({ vin }) => ({ vin }),
    claimPolicyNameOf: () => names.claimPolicy,
    noOwnCa: NO_OWN_CA,
    hello: ({ vin }, certificateId, { signal }) => greetingOf({ vin, certificateId }, store, signal),
    keptClaim: ({ signal }) => readClaimSecret(connection, names, signal),
    beforeClaim: (vehicle, work) => beforeClaim(vehicle, sources, work),
  };
}
