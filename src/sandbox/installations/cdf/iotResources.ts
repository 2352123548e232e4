import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';
import type { Iot } from '../../services/iot/iot.ts';

const DEVICE_POLICY = 'CvraTcuDevicePolicy';
const THING_TYPE = 'tcu';

/** What CMS has in AWS IoT: names are fixed, so there is one of each, however many CMS are installed. */
export interface IotResources {
  /**
   * Creates what the stack "CMS - Pre Deployment Infrastructure Configuration" creates in AWS IoT: the thing type and
   * the device policy of vehicles, and the certificate that all vehicles simulated by CMS share. Done only once per
   * state, so that what a user deletes stays deleted.
   */
  seed(): Promise<void>;
  /** Id of the certificate that all vehicles simulated by CMS share. Throws before the first `seed`. */
  simulationCertificateId(): string;
}

export function createIotResources(context: Context, { parts }: Pick<Iot, 'parts'>): IotResources {
  const { state, thingTypes, policies, certificates } = parts;
  return {
    async seed() {
      if (state.account().simulationCertificateId !== undefined) return;
      if (!state.thingTypes.has(THING_TYPE)) thingTypes.create(THING_TYPE, { thingTypeDescription: '' });
      if (!state.policies.has(DEVICE_POLICY)) policies.create(DEVICE_POLICY, devicePolicy(context));
      const { record } = await certificates.createKeys('ACTIVE');
      policies.attach(DEVICE_POLICY, state.arn('cert', record.certificateId));
      state.setAccount({ simulationCertificateId: record.certificateId });
    },
    simulationCertificateId() {
      const { simulationCertificateId } = state.account();
      if (simulationCertificateId === undefined) throw new Error('CMS has not been installed in AWS IoT.');
      return simulationCertificateId;
    },
  };
}

/**
 * CvraTcuDevicePolicy as CMS ships it, bugs included: `+` is literal text in a policy, and Subscribe on a `topic`
 * resource allows nothing.
 */
function devicePolicy({ config }: Context): string {
  const arn = (resource: string): string => arnOf(config, 'iot', resource);
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
