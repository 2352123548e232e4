import { l10n } from '../../core/message.ts';
import type { ClaimProvisioner } from '../contract/provisioner.ts';
import { codec } from './codec/codec.ts';

/** Fixed by the CMS v1 templates: one CMS an account and region. */
export const DEVICE_POLICY = 'CvraTcuDevicePolicy';
const THING_TYPE = 'tcu';
/** What all vehicles of an account share, by the names that CMS v1's users know from its ancestor's scripts. */
export const ROLE = 'IotCMSRole';
export const CLAIM_POLICY = 'fleetProvisioningPolicy';
export const TEMPLATE = 'CMSFleetProvisioningTemplate';
export const JITP_TEMPLATE = 'CMSJustInTimeTemplate';
const THING_PARAMETER = 'SerialNumber';

/** CMS v1 has no provisioning of its own: role, claim policy and template are made here. */
export function createProvisioner(stack: string): ClaimProvisioner {
  return {
    kind: 'claim',
    deployment: { generation: 'cdf', name: stack },
    clientId: (vehicle) => codec.clientId(vehicle),
    devicePolicy: DEVICE_POLICY,
    renewal: {
      oldEnds: 'after',
      words: l10n.t(
        'A new production certificate is created and tested with a connection. Then the old one is deactivated in AWS IoT; its files are moved aside, not deleted.',
      ),
    },
    templateName: TEMPLATE,
    claims: ['per-vehicle', 'temporary', 'shared'],
    keys: ['keys', 'csr-ec', 'csr-rsa'],
    parameters: ({ thingName }) => ({ [THING_PARAMETER]: thingName }),
    claimPolicyNameOf,
    ownCa: {
      roleName: ROLE,
      templateName: JITP_TEMPLATE,
      devicePolicy: DEVICE_POLICY,
      thingType: THING_TYPE,
    },
    setup: {
      roleName: ROLE,
      thingParameter: THING_PARAMETER,
      devicePolicy: DEVICE_POLICY,
      thingType: THING_TYPE,
    },
  };
}

/** A template of another name has a claim policy of its own: one policy cannot grow with every template. */
export function claimPolicyNameOf(templateName: string): string {
  return templateName === TEMPLATE ? CLAIM_POLICY : `${CLAIM_POLICY}-${templateName}`;
}
