const ref = (name: string) => ({ Ref: name });

/**
 * The template CDF Provisioning keeps as `provisioning/templates/tcu.json`: the thing (type `tcu`), the
 * existing certificate, and the device policy. The answer lists ARNs by the names of the resources.
 */
export const tcuProvisioningTemplate = JSON.stringify({
  Parameters: {
    ThingName: { Type: 'String' },
    CertificateId: { Type: 'String' },
    Status: { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      OverrideSettings: { AttributePayload: 'MERGE', ThingTypeName: 'REPLACE', ThingGroups: 'DO_NOTHING' },
      Properties: {
        ThingName: ref('ThingName'),
        ThingTypeName: 'tcu',
        AttributePayload: {},
        ThingGroups: [],
      },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      OverrideSettings: { Status: 'REPLACE' },
      Properties: { CertificateId: ref('CertificateId'), Status: ref('Status') },
    },
    policy: {
      Type: 'AWS::IoT::Policy',
      Properties: { PolicyName: 'CvraTcuDevicePolicy' },
    },
  },
});
