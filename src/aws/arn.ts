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

export function iotArn({ partition, region, accountId }: Scope, resource: string): string {
  return `arn:${partition}:iot:${region}:${accountId}:${resource}`;
}

/** Whether this is the ARN of a managed policy of IAM, AWS's own or an account's. */
export function isPolicyArn(text: string): boolean {
  return /^arn:[\w-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/.test(text);
}
