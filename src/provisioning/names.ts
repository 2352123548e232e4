/** The names CMS v1's users know from its ancestor's scripts; they are shared by all vehicles of an account. */
export const roleName = 'IotCMSRole';
export const claimPolicyName = 'fleetProvisioningPolicy';
export const defaultTemplateName = 'CMSFleetProvisioningTemplate';

/** A claim certificate's MQTT client id begins so: it can never push a vehicle (client id = thing) off. */
export const claimClientPrefix = 'claim-';

/** A template of another name has a claim policy of its own: one policy cannot grow with every template. */
export function claimPolicyNameOf(templateName: string): string {
  return templateName === defaultTemplateName ? claimPolicyName : `${claimPolicyName}-${templateName}`;
}

/** Which account and region resources are named in. */
export interface Scope {
  /** `aws`, `aws-cn`, … */
  partition: string;
  region: string;
  accountId: string;
}

/** The scope of a caller's ARN. */
export function scopeOf(caller: { accountId: string; arn: string }, region: string): Scope {
  return { partition: caller.arn.split(':')[1] ?? 'aws', region, accountId: caller.accountId };
}

export function iotArn({ partition, region, accountId }: Scope, resource: string): string {
  return `arn:${partition}:iot:${region}:${accountId}:${resource}`;
}
