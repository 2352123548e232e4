import { AwsError } from '../../kernel/http.ts';

/** AWS managed policies that can be attached here; the ARN of any other does not exist. */
const NAMES = [
  'service-role/AWSIoTThingsRegistration',
  'service-role/AWSIoTLogging',
  'service-role/AWSIoTRuleActions',
  'AWSIoTFullAccess',
  'AWSIoTConfigAccess',
  'AdministratorAccess',
  'ReadOnlyAccess',
];

/** `arnType` of IAM's model. */
const SHORTEST_ARN = 20;
const LONGEST_ARN = 2048;

export interface ManagedPolicies {
  /** Throws unless this policy can be attached to a role. */
  checkAttachable(arn: string): void;
  /** Throws unless this policy can be the permissions boundary of a role. */
  checkBoundary(arn: string): void;
}

export function createManagedPolicies(partition: string): ManagedPolicies {
  const existing = new Set(NAMES.map((name) => `arn:${partition}:iam::aws:policy/${name}`));

  return {
    checkAttachable(arn) {
      checkPolicyArn(arn, 'policyArn', partition);
      if (!existing.has(arn)) {
        throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
      }
    },
    checkBoundary(arn) {
      checkPolicyArn(arn, 'permissionsBoundary', partition);
      if (!existing.has(arn)) {
        throw new AwsError('NoSuchEntity', `Scope ARN: ${arn} does not exist or is not attachable.`, 404);
      }
    },
  };
}

/** IAM looks closely at ARNs since the end of 2024: form, partition, service, empty region, kind of resource. */
function checkPolicyArn(arn: string, member: string, partition: string): void {
  const rule =
    arn.length < SHORTEST_ARN
      ? `greater than or equal to ${SHORTEST_ARN}`
      : arn.length > LONGEST_ARN
        ? `less than or equal to ${LONGEST_ARN}`
        : undefined;
  if (rule !== undefined) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length ${rule}`,
    );
  }
  const [scheme, named, service, region, account, ...resource] = arn.split(':');
  if (scheme !== 'arn' || account === undefined || resource.length === 0) {
    throw new AwsError('ValidationError', 'Invalid ARN:  Could not be parsed!');
  }
  if (named !== partition) throw new AwsError('ValidationError', 'Invalid ARN partition');
  const isPolicy = /^policy\/[^ ]+$/.test(resource.join(':'));
  if (service !== 'iam' || region !== '' || !/^(aws|\d{12})$/.test(account) || !isPolicy) {
    throw new AwsError('InvalidInput', `ARN ${arn} is not valid.`);
  }
}
