import type { Context } from '../../kernel/context.ts';
import { iamArn } from '../../kit/partition.ts';
import { createQueryService, type QueryService } from '../../protocols/query.ts';

/** STS 2011-06-15: GetCallerIdentity. Every caller is the administrator of the sandbox's account. */
export function createSts({ config }: Context): { service: QueryService } {
  const service = createQueryService({
    name: 'sts',
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity: () => ({
        Arn: iamArn(config, 'user/sandbox'),
        UserId: 'AIDASANDBOXADMIN00000',
        Account: config.accountId,
      }),
    },
  });
  return { service };
}
