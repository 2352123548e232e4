/** The partition that a region belongs to, as it stands in ARNs (AWS IAM User Guide, "Amazon Resource Names (ARNs)"). */
export function partitionOf(region: string): string {
  const [start = ''] = region.split('-', 1);
  if (start === 'cn') return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  const isolated = /^[a-z]+-(iso[a-z]?)-/.exec(region)?.[1];
  return isolated === undefined ? 'aws' : `aws-${isolated}`;
}

interface Scope {
  region: string;
  accountId: string;
}

/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. */
export function arnOf({ region, accountId }: Scope, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`;
}

/** The same of IAM, which has no regions. */
export function iamArn({ region, accountId }: Scope, resource: string): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:${resource}`;
}
