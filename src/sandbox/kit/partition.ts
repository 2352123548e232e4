/** The partition that a region belongs to, as it stands in ARNs (AWS IAM User Guide, "Amazon Resource Names (ARNs)"). */
export function partitionOf(region: string): string {
  const [start = ''] = region.split('-', 1);
  if (start === 'cn') return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  const [isolated, letter] = /^[a-z]+-iso([a-z]?)-/.exec(region) ?? [];
  return isolated === undefined ? 'aws' : letter === '' ? 'aws-iso' : `aws-iso-${letter}`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
};

/** What the names of AWS's hosts in a region end in (AWS General Reference, "Service endpoints"). */
export function hostEndingOf(region: string): string {
  return ENDINGS[partitionOf(region)] ?? 'amazonaws.com';
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
