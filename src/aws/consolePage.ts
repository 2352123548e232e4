/** Where the console of a partition is (AWS Management Console, "Regional endpoints"); others have one nobody could try. */
const HOSTS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** What follows the host, by service and kind of the resource; `R` stands for the region. */
const PAGES: Readonly<Record<string, (name: string, arn: string) => string>> = {
  'cloudformation stack': (_name, arn) => `cloudformation/home?region=R#/stacks/stackinfo?stackId=${arn}`,
  'iot thing': (name) => `iot/home?region=R#/thing/${name}`,
  'iot cert': (name) => `iot/home?region=R#/certificate/${name}`,
  'iot cacert': (name) => `iot/home?region=R#/cacertificate/${name}`,
  'iot policy': (name) => `iot/home?region=R#/policy/${name}`,
  'iam role': (name) => `iam/home?region=R#/roles/details/${name.split('/').at(-1) ?? name}`,
  's3 ': (name) => `s3/buckets/${name}?region=R`,
};

/** The partition that a region is in; undefined for one whose console nobody could try. */
function partitionOf(region: string): string | undefined {
  if (/^eusc-|-iso[a-z]?-/.test(region)) return undefined;
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/**
 * The ARN of a bucket, which names neither its region nor its account; undefined where the partition isn't known.
 * @param beside ARN of something in the same account, which says the partition
 */
export function bucketArn(bucket: string, region: string, beside = ''): string | undefined {
  const partition = /^arn:([a-z-]+):/.exec(beside)?.[1] ?? partitionOf(region);
  return partition === undefined ? undefined : `arn:${partition}:s3:::${bucket}`;
}

/**
 * The page of the AWS Management Console about a resource; undefined for kinds that have none here.
 * @param region of the connection, for resources whose ARN names none
 */
export function consolePage(arn: string, region: string): string | undefined {
  // Nothing of it would need to be escaped, so that no browser or router can read something else into it.
  const [, partition = '', service = '', own = '', resource = ''] =
    /^arn:([a-z-]+):([a-z0-9-]+):([a-z0-9-]*):\d*:([\w+=,.@:/-]+)$/.exec(arn) ?? [];
  const host = HOSTS[partition];
  const [kind, name] = service === 's3' ? ['', resource] : cut(resource);
  const page = PAGES[`${service} ${kind}`];
  if (host === undefined || page === undefined || name === '') return undefined;
  const where = own === '' ? region : own;
  if (!/^[a-z0-9-]+$/.test(where)) return undefined;
  return `https://${where}.${host}/${page(name, arn).replace('=R', `=${where}`)}`;
}

/** `thing/LSH…` in two. */
function cut(resource: string): [kind: string, name: string] {
  const at = resource.indexOf('/');
  return at < 0 ? [resource, ''] : [resource.slice(0, at), resource.slice(at + 1)];
}
