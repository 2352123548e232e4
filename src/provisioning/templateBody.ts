export interface TemplateWish {
  templateName: string;
  type: 'FLEET_PROVISIONING' | 'JITP';
  roleArn: string;
  /** Its parameter that names the thing. */
  thingParameter: string;
  /** IoT policy that production certificates get. */
  devicePolicy: string;
  thingType: string;
}

/** What AWS IoT fills in from the subject of a certificate. Source: "Just-in-time provisioning", parameters. */
export const COMMON_NAME = 'AWS::IoT::Certificate::CommonName';

/** The provisioning template's body: certificate, policy and thing of one vehicle. */
export function templateBody({ thingParameter, devicePolicy, thingType }: TemplateWish): string {
  return JSON.stringify({
    Parameters: { [thingParameter]: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
    Resources: {
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
      },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: devicePolicy } },
      thing: {
        Type: 'AWS::IoT::Thing',
        OverrideSettings: { AttributePayload: 'MERGE', ThingGroups: 'DO_NOTHING', ThingTypeName: 'REPLACE' },
        Properties: { ThingGroups: [], ThingName: { Ref: thingParameter }, ThingTypeName: thingType },
      },
    },
  });
}
