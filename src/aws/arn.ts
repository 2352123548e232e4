/** Which account and region the ARNs of resources name. */
export interface Scope {
  /** `aws`, `aws-cn`, … */
  partition: string;
  region: string;
  accountId: string;
}

/** The scope of a caller's ARN. */
export function scopeOf(caller: { accountId: string; arn: string }, region: string): Scope {
  return { partition: caller.arn.split(':')[1] ?? 'aws', region, accountId: caller.accountId };
}

/** Where the resource of an ARN is; undefined for a text that names no account and region. */
export function placeOf(arn: string): Pick<Scope, 'region' | 'accountId'> | undefined {
  const [, region, accountId] = /^arn:[\w-]+:[\w-]+:([\w-]+):(\d{12}):/.exec(arn) ?? [];
  return region === undefined || accountId === undefined ? undefined : { region, accountId };
}

export function iotArn({ partition, region, accountId }: Scope, resource: string): string {
  return `arn:${partition}:iot:${region}:${accountId}:${resource}`;
}

/** Whether this is the ARN of a managed policy of IAM, AWS's own or an account's. */
export function isPolicyArn(text: string): boolean {
  return /^arn:[\w-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/.test(text);
}
