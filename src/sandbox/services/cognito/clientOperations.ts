import { randomInt } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { defined } from '../../kit/defined.ts';
import { pattern } from '../../protocols/constraint.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { completeClientSettings } from './clientSettings.ts';
import { clientSettingsInput } from './clientShape.ts';
import type { Directory } from './directory.ts';
import { members } from './input.ts';
import { pageOf } from './paging.ts';
import type { ClientRecord, State } from './state.ts';

const clientName = pattern('[\\w\\s+=,.@\\-]+', 1, 128);
const ids = { UserPoolId: members.poolId, ClientId: members.clientId };

/** Operations on app clients. */
export function clientOperations(state: State, directory: Directory, clock: Clock): Operations {
  return {
    DescribeUserPoolClient: operation(z.object(ids), ({ UserPoolId, ClientId }) => {
      const { client } = directory.clientOfPool(UserPoolId, ClientId);
      return { UserPoolClient: describeClient(client) };
    }),

    ListUserPoolClients: operation(
      z.object({
        UserPoolId: members.poolId,
        MaxResults: z.int().min(1).max(60).default(60),
        NextToken: z.string().min(1).optional(),
      }),
      ({ UserPoolId, MaxResults, NextToken }) => {
        const pool = directory.poolOf(UserPoolId);
        const clients = [...state.clients.values()].filter((client) => client.poolId === pool.id);
        const page = pageOf('ListUserPoolClients', clients, (client) => client.clientId, {
          size: MaxResults,
          token: NextToken,
        });
        return {
          UserPoolClients: page.items.map((client) => ({
            ClientId: client.clientId,
            UserPoolId: client.poolId,
            ClientName: client.name,
          })),
          ...defined({ NextToken: page.next }),
        };
      },
    ),

    CreateUserPoolClient: operation(
      z.object({
        UserPoolId: members.poolId,
        ClientName: clientName,
        GenerateSecret: z.boolean().default(false),
        ...clientSettingsInput.shape,
      }),
      ({ UserPoolId, ClientName, GenerateSecret, ...input }) => {
        const pool = directory.poolOf(UserPoolId);
        const now = clock.now();
        const client: ClientRecord = {
          poolId: pool.id,
          clientId: randomText(26),
          ...(GenerateSecret ? { clientSecret: randomText(51) } : {}),
          name: ClientName,
          settings: completeClientSettings(pool, input, 'creating'),
          createdAt: now,
          modifiedAt: now,
        };
        state.clients.set(client.clientId, client);
        return { UserPoolClient: describeClient(client) };
      },
    ),

    UpdateUserPoolClient: operation(
      z.object({ ...ids, ClientName: clientName.optional(), ...clientSettingsInput.shape }),
      ({ UserPoolId, ClientId, ClientName, ...input }) => {
        const { client, pool } = directory.clientOfPool(UserPoolId, ClientId);
        const updated: ClientRecord = {
          ...client,
          name: ClientName ?? client.name,
          settings: completeClientSettings(pool, input, 'updating'),
          modifiedAt: clock.now(),
        };
        state.clients.set(ClientId, updated);
        return { UserPoolClient: describeClient(updated) };
      },
    ),

    DeleteUserPoolClient: operation(z.object(ids), ({ UserPoolId, ClientId }) => {
      directory.clientOfPool(UserPoolId, ClientId);
      state.clients.delete(ClientId);
      return undefined;
    }),
  };
}

function describeClient(client: ClientRecord): unknown {
  return {
    UserPoolId: client.poolId,
    ClientName: client.name,
    ClientId: client.clientId,
    ...defined({ ClientSecret: client.clientSecret }),
    LastModifiedDate: client.modifiedAt / 1000,
    CreationDate: client.createdAt / 1000,
    ...client.settings,
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function randomText(length: number): string {
  return Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join('');
}
