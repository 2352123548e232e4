import { derived } from '../../services/cloudformation/stack.ts';
import { stackName } from './spec.ts';

/** The names that one deployment has in AWS, by its app id. */
export interface Names {
  readonly template: string;
  readonly claimSecret: string;
  readonly claimPolicy: string;
  readonly authorised: string;
  readonly provisioned: string;
  readonly bucket: string;
  readonly notifications: string;
  readonly role: string;
  readonly functions: {
    readonly preProvisioning: string;
    readonly postProvisioning: string;
    readonly initialConnection: string;
    readonly rotateSecret: string;
    readonly vehicleAlarm: string;
  };
  readonly rules: {
    readonly postProvisioning: string;
    readonly initialConnection: string;
    readonly saveToS3: string;
    readonly sendToKinesis: string;
    readonly sendToAlarm: string;
  };
}

/** Logical ids come from paths of constructs, so they are the same in each deployment. */
export const LOGICAL = {
  authorised: 'cmsprovisioningprovisioningdatabaseconstructauthorizedvehiclestable87F60C78',
  provisioned: 'cmsprovisioningprovisioningdatabaseconstructprovisionedvehiclestable22CC62F9',
  template: 'cmsprovisioningiotprovisioningtemplateconstructfleetprovisioningtemplate1BF147E7',
  claimCertificate: 'cmsprovisioningiotprovisioningcertificateconstructclaimcertificateBD81514F',
  hook: 'cmsprovisioningpreprovisioningconstructlambdafunction778D60D6',
} as const;

export function namesOf(app: string, accountId: string, region: string): Names {
  const underscored = app.replaceAll('-', '_');
  const rule = (name: string): string => `${underscored}_${name}`;
  const provisioning = (name: string): string => `${app}-provisioning-${name}`;
  /** The name that CloudFormation gives to a table. */
  const table = (logicalId: string): string =>
    `${stackName(app, 'provisioning')}-${logicalId}-${derived(`${accountId}/${app}/${logicalId}`, 12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
  return {
    template: `${app}--provisioning-template`,
    claimSecret: `solution/${app}/provisioning/provisioning-credentials`,
    claimPolicy: provisioning('claim-cert-provisioning-policy'),
    authorised: table(LOGICAL.authorised),
    provisioned: table(LOGICAL.provisioned),
    notifications: `${stackName(app, 'alerts')}-cmsalertsnotificationstable-${derived(`${accountId}/${app}/notifications`, 12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`,
    bucket: `${app}-app--cms-connect-store-${derived(`${accountId}/${region}/${app}/bucket`, 24)}`,
    role: provisioning('template-role'),
    functions: {
      preProvisioning: provisioning('pre-provisioning'),
      postProvisioning: provisioning('post-provisioning'),
      initialConnection: provisioning('initial-connection'),
      rotateSecret: provisioning('rotate-secret'),
      vehicleAlarm: `${app}-connect-store-vehicle-alarm`,
    },
    rules: {
      postProvisioning: rule('provisioning_iot_post_provisioning'),
      initialConnection: rule('provisioning_iot_initial_connection'),
      saveToS3: rule('connect_store_iot_save_to_s3_json'),
      sendToKinesis: rule('connect_store_iot_send_to_kinesis'),
      sendToAlarm: rule('connect_store_iot_send_to_alarm_lambda'),
    },
  };
}
