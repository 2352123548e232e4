import type { Context } from '../../kernel/context.ts';
import { arnOf, iamArn } from '../../kit/partition.ts';
import type { Aws } from '../../services/services.ts';
import type { Names } from './names.ts';
import type { CmsOnAwsSpec } from './spec.ts';

/** How often the claim certificate is rotated. */
const ROTATION_DAYS = 90;

export type NeededAws = Pick<Aws, 'iam' | 'iot' | 'secretsManager'>;

/** What `cms-provisioning` makes in AWS IoT. Resolves with the id of the claim certificate. */
export async function makeProvisioning(context: Context, aws: NeededAws, names: Names): Promise<string> {
  const { parts } = aws.iot;
  aws.iam.ensureRole(names.role, 'iot.amazonaws.com');
  parts.policies.create(names.claimPolicy, claimPolicy(context, names));
  parts.templates.create({
    templateName: names.template,
    description: 'Template used to provision new vehicle',
    body: templateBody(context, names),
    enabled: true,
    provisioningRoleArn: iamArn(context.config, `role/${names.role}`),
    type: 'FLEET_PROVISIONING',
    preProvisioningHook: {
      targetArn: arnOf(context.config, 'lambda', `function:${names.functions.preProvisioning}`),
    },
  });
  parts.events.update({ THING: true });
  const claim = await makeClaim(aws, names);
  aws.secretsManager.secrets.ensure({
    name: names.claimSecret,
    value: claim.secret,
    rotationDays: ROTATION_DAYS,
  });
  return claim.certificateId;
}

/** A new claim certificate, ACTIVE and with its policy, and what the secret says of it. */
async function makeClaim(
  { iot }: NeededAws,
  names: Names,
): Promise<{ certificateId: string; secret: string }> {
  const { certificates, policies, state } = iot.parts;
  // A certificate that is rotated in is not active before it may do what it is for.
  const { record, keys } = await certificates.createKeys('INACTIVE');
  const { certificateId, certificatePem } = record;
  const certificateArn = state.arn('cert', certificateId);
  state.certificates.set(certificateId, { ...record, mode: 'SNI_ONLY' });
  policies.attach(names.claimPolicy, certificateArn);
  certificates.setStatus(certificateId, 'ACTIVE');
  const secret = JSON.stringify({
    ResponseMetadata: { HTTPStatusCode: 200, RetryAttempts: 0 },
    certificateArn,
    certificateId,
    certificatePem,
    keyPair: { PublicKey: keys.publicKeyPem, PrivateKey: keys.privateKeyPem },
  });
  return { certificateId, secret };
}

/** The function behind the rotation: the old claim works until the new one is the current one, and then no more. */
export async function rotateClaim(aws: NeededAws, names: Names): Promise<void> {
  const { certificates, policies, state } = aws.iot.parts;
  const { secrets } = aws.secretsManager;
  const before = secrets
    .find(names.claimSecret)
    ?.versions.find(({ stages }) => stages.includes('AWSCURRENT'));
  const { secret } = await makeClaim(aws, names);
  secrets.put(names.claimSecret, secret);
  const old = before && (JSON.parse(before.value) as { certificateId: string });
  if (old === undefined || !state.certificates.has(old.certificateId)) return;
  certificates.setStatus(old.certificateId, 'INACTIVE');
  const arn = state.arn('cert', old.certificateId);
  for (const { policyName } of policies.attachedTo(arn)) policies.detach(policyName, arn);
  certificates.remove(old.certificateId, true);
}

/** Any client id; the topics of keys made by AWS and of this template, and no topic for a CSR. */
function claimPolicy({ config }: Context, { template }: Names): string {
  const topics = ['$aws/certificates/create/*', `$aws/provisioning-templates/${template}/provision/*`];
  const arns = (kind: string): string[] => topics.map((topic) => arnOf(config, 'iot', `${kind}/${topic}`));
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
      { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: arns('topic') },
      { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arns('topicfilter') },
    ],
  });
}

/** Its policy has no name, so it is named after its hash and shared by all vehicles. */
function templateBody(context: Context, { template }: Names): string {
  return JSON.stringify({
    Parameters: { vin: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
    Mappings: {},
    DeviceConfiguration: {},
    Resources: {
      thing: {
        Type: 'AWS::IoT::Thing',
        Properties: {
          ThingName: { 'Fn::Join': ['', ['Vehicle_', { Ref: 'vin' }]] },
          AttributePayload: {
            vin: { Ref: 'vin' },
            certificate_id: { Ref: 'AWS::IoT::Certificate::Id' },
            provisioned_by_template: template,
          },
        },
        OverrideSettings: {
          AttributePayload: 'MERGE',
          ThingTypeName: 'REPLACE',
          ThingGroups: 'DO_NOTHING',
        },
      },
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
        OverrideSettings: { Status: 'REPLACE' },
      },
      policy: {
        Type: 'AWS::IoT::Policy',
        Properties: { PolicyDocument: devicePolicy(context) },
      },
    },
  });
}

/** What a vehicle may do: hear everything, and publish on two topics, none of which is stored. */
function devicePolicy({ config }: Context): object {
  const arn = (resource: string): string => arnOf(config, 'iot', resource);
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['iot:Subscribe', 'iot:Receive'], Resource: [arn('*')] },
      {
        Effect: 'Allow',
        Action: ['iot:Publish'],
        Resource: [arn('topic/vehicle/*'), arn('topic/vehicleactive/*')],
      },
      {
        Effect: 'Allow',
        Action: ['iot:Connect'],
        Resource: [arn('client/${iot:Connection.Thing.ThingName}')],
      },
    ],
  };
}

/** The topic rules of the modules that are there. */
export function makeRules(
  { config }: Context,
  { iot }: Pick<Aws, 'iot'>,
  { app, modules }: CmsOnAwsSpec,
  names: Names,
): void {
  const { rules } = iot.parts;
  const lambda = (name: string): object => ({
    lambda: { functionArn: arnOf(config, 'lambda', `function:${name}`) },
  });
  const roleArn = iamArn(config, `role/${app}-connect-store-iot-rule`);
  const make = (ruleName: string, topicPattern: string, action: object): void =>
    rules.ensure({ ruleName, sql: `SELECT * FROM '${topicPattern}'`, topicPattern, actions: [action] });

  if (modules.includes('provisioning')) {
    make(names.rules.postProvisioning, '$aws/events/thing/+/+', lambda(names.functions.postProvisioning));
    make(names.rules.initialConnection, 'vehicleactive/#', lambda(names.functions.initialConnection));
  }
  if (modules.includes('connect-store')) {
    make(names.rules.saveToS3, 'cms/data/#', {
      s3: { bucketName: names.bucket, key: '${topic()}/${timestamp()}', roleArn },
    });
    make(names.rules.sendToKinesis, 'cms/data/#', {
      firehose: { deliveryStreamName: `${app}-connect-store-iot-to-s3-with-partitioning`, roleArn },
    });
    make(names.rules.sendToAlarm, 'cms/notification/#', lambda(names.functions.vehicleAlarm));
  }
}
