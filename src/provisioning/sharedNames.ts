/** What all vehicles of an account share, by the names that CMS v1's users know from its ancestor's scripts. */
export const roleName = 'IotCMSRole';
export const claimPolicyName = 'fleetProvisioningPolicy';
export const defaultTemplateName = 'CMSFleetProvisioningTemplate';

/** A template of another name has a claim policy of its own: one policy cannot grow with every template. */
export function claimPolicyNameOf(templateName: string): string {
  return templateName === defaultTemplateName ? claimPolicyName : `${claimPolicyName}-${templateName}`;
}
