import { AwsError } from '../../kernel/http.ts';
import type { Context } from '../../kernel/context.ts';
import { partitionOf } from '../../kit/partition.ts';

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

/** A policy of the account; it has one version, v1. */
export interface Policy {
  name: string;
  path: string;
  id: string;
  arn: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  description: string | undefined;
  /** JSON, as received. */
  document: string;
  tags: Record<string, string>;
}

export interface ManagedPolicies {
  /** In the order of their names. */
  all(): Policy[];
  /** The policy of the account. Throws for one of AWS, of which no more is known than that it exists. */
  find(arn: string): Policy;
  /** The one with this name, whatever its case and path. */
  named(name: string): Policy | undefined;
  save(policy: Policy): void;
  delete(policy: Policy): void;
  /** Throws unless this policy can be attached to a role. */
  checkAttachable(arn: string): void;
  /** Throws unless this policy can be the permissions boundary of a role. */
  checkBoundary(arn: string): void;
}

export function createManagedPolicies(context: Context): ManagedPolicies {
  const partition = partitionOf(context.config.region);
  const ofAws = new Set(NAMES.map((name) => `arn:${partition}:iam::aws:policy/${name}`));
  // Names are unique regardless of case and path.
  const policies = context.store.table<Policy>('iam.policies');

  function ofAccount(arn: string): Policy | undefined {
    const policy = named(arn.slice(arn.lastIndexOf('/') + 1));
    return policy?.arn === arn ? policy : undefined;
  }

  function named(name: string): Policy | undefined {
    return policies.get(name.toLowerCase());
  }

  function exists(arn: string): boolean {
    return ofAws.has(arn) || ofAccount(arn) !== undefined;
  }

  return {
    all: () => [...policies.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    find(arn) {
      checkPolicyArn(arn, 'policyArn', partition);
      const policy = ofAccount(arn);
      if (policy !== undefined) return policy;
      if (ofAws.has(arn)) {
        throw new AwsError(
          'NotImplemented',
          `The sandbox does not know what is in ${arn}; it can be attached.`,
          501,
        );
      }
      throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
    },
    named,
    save: (policy) => policies.set(policy.name.toLowerCase(), policy),
    delete: (policy) => void policies.delete(policy.name.toLowerCase()),
    checkAttachable(arn) {
      checkPolicyArn(arn, 'policyArn', partition);
      if (!exists(arn)) {
        throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
      }
    },
    checkBoundary(arn) {
      checkPolicyArn(arn, 'permissionsBoundary', partition);
      if (!exists(arn)) {
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
