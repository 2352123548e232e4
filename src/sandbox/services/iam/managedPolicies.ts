import { AwsError } from '../../kernel/http.ts';
import type { Context } from '../../kernel/context.ts';
import { partitionOf } from '../../kit/partition.ts';

/**
 * AWS managed policies that can be attached here, with their ids and when AWS made them; the ARN of any other does not
 * exist.
 */
const OF_AWS: readonly (readonly [name: string, id: string, createdAt: string])[] = [
  ['AWSIoTConfigAccess', 'ANPAIWWGD4LM4EMXNRL7I', '2015-10-27T21:52:07Z'],
  ['AWSIoTFullAccess', 'ANPAJU2FPGG6PQWN72V2G', '2015-10-08T15:19:49Z'],
  ['service-role/AWSIoTLogging', 'ANPAI6R6Z2FHHGS454W7W', '2015-10-08T15:17:25Z'],
  ['service-role/AWSIoTRuleActions', 'ANPAJEZ6FS7BUZVUHMOKY', '2015-10-08T15:14:51Z'],
  ['service-role/AWSIoTThingsRegistration', 'ANPAI3YQXTC5XAEVTJNEU', '2017-12-01T20:21:52Z'],
  ['AdministratorAccess', 'ANPAIWMBCKSKIEE64ZLYK', '2015-02-06T18:39:46Z'],
  ['ReadOnlyAccess', 'ANPAILL3HVNFSB6DCOWYQ', '2015-02-06T18:39:48Z'],
];

/** `arnType` of IAM's model. */
const SHORTEST_ARN = 20;
const LONGEST_ARN = 2048;

/** What is told of any policy. */
export interface NamedPolicy {
  name: string;
  path: string;
  id: string;
  arn: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** A policy of the account; it has one version, v1. */
export interface Policy extends NamedPolicy {
  description: string | undefined;
  /** JSON, as received. */
  document: string;
  tags: Record<string, string>;
}

export interface ManagedPolicies {
  /** Those of the account, in the order of their names. */
  all(): Policy[];
  /** Those of AWS. */
  ofAws(): NamedPolicy[];
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
  const ofAws = new Map<string, NamedPolicy>(
    OF_AWS.map(([full, id, createdAt]) => {
      const arn = `arn:${partition}:iam::aws:policy/${full}`;
      const name = full.slice(full.lastIndexOf('/') + 1);
      const path = `/${full.slice(0, -name.length)}`;
      return [arn, { name, path, id, arn, createdAt: Date.parse(createdAt) }];
    }),
  );
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
    ofAws: () => [...ofAws.values()],
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
