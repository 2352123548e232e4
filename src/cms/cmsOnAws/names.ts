/**
 * Names that the stacks of Connected Mobility Solution on AWS (SO0241, 2.x and 3.0.0) give, by the app id.
 * Source: the templates and handlers of v3.0.0.
 */
export interface Names {
  readonly appId: string;
  readonly template: string;
  readonly claimPolicy: string;
  /** The Lambda function that decides which vehicles the template registers. */
  readonly hookFunction: string;
  /** Secret with the claim certificate; no leading slash. */
  readonly claimSecret: string;
  /** The SSM parameters of the app stand below it. */
  readonly registry: string;
  /** Of the topic rules that store telemetry. */
  readonly storageRules: readonly string[];
}

export function namesOf(appId: string): Names {
  // A rule's name has no hyphens.
  const inRules = appId.replaceAll('-', '_');
  return {
    appId,
    template: `${appId}--provisioning-template`,
    claimPolicy: `${appId}-provisioning-claim-cert-provisioning-policy`,
    hookFunction: `${appId}-provisioning-pre-provisioning`,
    claimSecret: `solution/${appId}/provisioning/provisioning-credentials`,
    registry: `/solution/${appId}`,
    storageRules: [
      `${inRules}_connect_store_iot_save_to_s3_json`,
      `${inRules}_connect_store_iot_send_to_kinesis`,
    ],
  };
}

/** Attribute of the things that the template makes. */
export const TEMPLATE_ATTRIBUTE = 'provisioned_by_template';

/** The tables of the `cms-provisioning` stack, by how their logical ids begin; eight hex digits follow. */
export const TABLES = {
  authorized: 'cmsprovisioningprovisioningdatabaseconstructauthorizedvehiclestable',
  provisioned: 'cmsprovisioningprovisioningdatabaseconstructprovisionedvehiclestable',
} as const;
