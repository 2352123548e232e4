import { l10n } from '../../core/message.ts';
import type { ClaimProvisioner } from '../contract/provisioner.ts';
import { beforeClaim } from './claimGuard.ts';
import { readClaimSecret } from './claimSecret.ts';
import { codec } from './codec/codec.ts';
import { greetingOf } from './greeting.ts';
import type { Sources } from './sources.ts';

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
    // The claim of the stack may not send a CSR.
    keys: ['keys'],
    parameters: ({ vin }) => ({ vin }),
    claimPolicyNameOf: () => names.claimPolicy,
    hello: ({ vin }, certificateId, { signal }) => greetingOf({ vin, certificateId }, store, signal),
    keptClaim: ({ signal }) => readClaimSecret(connection, names, signal),
    beforeClaim: (vehicle, work) => beforeClaim(vehicle, sources, work),
  };
}
