import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { defined } from '../../kit/defined.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { schemaOf } from './attributes.ts';
import type { Directory } from './directory.ts';
import { members } from './input.ts';
import { pageOf } from './paging.ts';
import { completePoolSettings, poolSettingsInput } from './poolSettings.ts';
import type { PoolRecord, State } from './state.ts';

/** DescribeUserPool, ListUserPools and UpdateUserPool. */
export function poolOperations(state: State, directory: Directory, clock: Clock): Operations {
  return {
    DescribeUserPool: operation(z.object({ UserPoolId: members.poolId }), ({ UserPoolId }) => {
      const pool = directory.poolOf(UserPoolId);
      return { UserPool: describePool(pool, directory.usersOf(pool.id).length) };
    }),

    ListUserPools: operation(
      z.object({ MaxResults: z.int().min(1).max(60), NextToken: z.string().min(1).optional() }),
      ({ MaxResults, NextToken }) => {
        const page = pageOf('ListUserPools', [...state.pools.values()], (pool) => pool.id, {
          size: MaxResults,
          token: NextToken,
        });
        return {
          UserPools: page.items.map((pool) => ({
            Id: pool.id,
            Name: pool.name,
            LambdaConfig: pool.settings.LambdaConfig ?? {},
            LastModifiedDate: pool.modifiedAt / 1000,
            CreationDate: pool.createdAt / 1000,
          })),
          ...defined({ NextToken: page.next }),
        };
      },
    ),

    UpdateUserPool: operation(
      z.object({
        UserPoolId: members.poolId,
        PoolName: z.string().min(1).max(128).optional(),
        ...poolSettingsInput.shape,
      }),
      ({ UserPoolId, PoolName, ...input }) => {
        const pool = directory.poolOf(UserPoolId);
        state.pools.set(pool.id, {
          ...pool,
          name: PoolName ?? pool.name,
          settings: completePoolSettings(input, pool.settings.Policies.PasswordPolicy),
          modifiedAt: clock.now(),
        });
        return {};
      },
    ),
  };
}

function describePool(pool: PoolRecord, users: number): unknown {
  return {
    Id: pool.id,
    Name: pool.name,
    ...pool.settings,
    LastModifiedDate: pool.modifiedAt / 1000,
    CreationDate: pool.createdAt / 1000,
    SchemaAttributes: schemaOf(pool),
    AliasAttributes: pool.aliasAttributes,
    EstimatedNumberOfUsers: users,
    Arn: pool.arn,
  };
}
