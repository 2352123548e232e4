/** What the names of AWS's hosts end in, and those of their dual-stack forms, in the regions of a partition. */
interface Partition {
  regions: RegExp;
  ending: string;
  dualstack: string;
}

/**
 * The partitions of AWS, as the endpoint rules of its SDK have them, which are not exported; a test compares both. What
 * no other takes is `aws`.
 */
const PARTITIONS: readonly Partition[] = [
  { regions: /^cn-/, ending: 'amazonaws.com.cn', dualstack: 'api.amazonwebservices.com.cn' },
  { regions: /^eusc-/, ending: 'amazonaws.eu', dualstack: 'api.amazonwebservices.eu' },
  { regions: /^us-iso-/, ending: 'c2s.ic.gov', dualstack: 'api.aws.ic.gov' },
  { regions: /^us-isob-/, ending: 'sc2s.sgov.gov', dualstack: 'api.aws.scloud' },
  { regions: /^eu-isoe-/, ending: 'cloud.adc-e.uk', dualstack: 'api.cloud-aws.adc-e.uk' },
  { regions: /^us-isof-/, ending: 'csp.hci.ic.gov', dualstack: 'api.aws.hci.ic.gov' },
];
const AWS: Partition = { regions: /^/, ending: 'amazonaws.com', dualstack: 'api.aws' };

const ENDINGS = [AWS, ...PARTITIONS].flatMap(({ ending, dualstack }) => [ending, dualstack]);

/** What the names of AWS's hosts in a region end in: `amazonaws.com`. */
export function endingIn(region: string): string {
  return (PARTITIONS.find(({ regions }) => regions.test(region)) ?? AWS).ending;
}

/** What is in front of the ending of AWS's: `iot.us-west-2` of `iot.us-west-2.amazonaws.com`; undefined for other hosts. */
export function awsNameOf(host: string): string | undefined {
  const name = host.toLowerCase();
  const ending = ENDINGS.find((each) => name.endsWith(`.${each}`));
  return ending === undefined ? undefined : name.slice(0, -ending.length - 1);
}

/** Whether a host is AWS's own, whose certificates lead to Amazon. */
export function isAwsHost(host: string): boolean {
  return awsNameOf(host) !== undefined;
}
