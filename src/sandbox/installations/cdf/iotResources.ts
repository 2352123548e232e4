import { arnOf } from '../../kit/partition.ts';
import type { Certificates } from '../../services/iot/registry/certificates.ts';
import type { Policies } from '../../services/iot/registry/policies.ts';
import type { IotState } from '../../services/iot/registry/state.ts';
import type { ThingTypes } from '../../services/iot/registry/thingTypes.ts';

const DEVICE_POLICY = 'CvraTcuDevicePolicy';
const THING_TYPE = 'tcu';

/**
 * Creates what the stack "CMS - Pre Deployment Infrastructure Configuration" creates in AWS IoT: the thing type and
 * the device policy of vehicles, and the certificate that all vehicles simulated by CMS share. Done only once per
 * state, so that what a user deletes stays deleted.
 */
export async function seedRegistry(
  state: IotState,
  parts: { thingTypes: ThingTypes; policies: Policies; certificates: Certificates },
): Promise<void> {
  if (state.account().simulationCertificateId !== undefined) return;
  if (!state.thingTypes.has(THING_TYPE)) parts.thingTypes.create(THING_TYPE, { thingTypeDescription: '' });
  if (!state.policies.has(DEVICE_POLICY)) parts.policies.create(DEVICE_POLICY, devicePolicy(state));
  const { record } = await parts.certificates.createKeys('ACTIVE');
  parts.policies.attach(DEVICE_POLICY, state.arn('cert', record.certificateId));
  state.setAccount({ simulationCertificateId: record.certificateId });
}

/**
 * CvraTcuDevicePolicy as CMS ships it, bugs included: `+` is literal text in a policy, and Subscribe on a `topic`
 * resource allows nothing.
 */
function devicePolicy(state: IotState): string {
  const arn = (resource: string): string => arnOf(state.context.config, 'iot', resource);
  const attached = (value: string | string[]): object => ({
    Bool: { 'iot:Connection.Thing.IsAttached': value },
  });
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['iot:Connect'], Resource: ['*'], Condition: attached(['true']) },
        {
          Effect: 'Allow',
          Action: ['iot:Publish', 'iot:Receive'],
          Resource: [
            arn('topic/cdf/commands/+/${iot:ClientId}/*'),
            arn('topic/$aws/things/${iot:ClientId}/*'),
            arn('topic/dt/cvra/${iot:ClientId}/*'),
          ],
        },
        {
          Effect: 'Allow',
          Action: ['iot:Subscribe'],
          Resource: [
            arn('topicfilter/cdf/commands/+/${iot:ClientId}/*'),
            arn('topicfilter/$aws/things/${iot:ClientId}/*'),
            arn('topic/dt/cvra/${iot:ClientId}/*'),
          ],
        },
        {
          Effect: 'Allow',
          Action: 'iot:AssumeRoleWithCertificate',
          Resource: arn('rolealias/s3-device-access-role-alias'),
          Condition: attached('true'),
        },
      ],
    },
    undefined,
    2,
  );
}
