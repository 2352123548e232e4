import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { pattern } from '../../protocols/constraint.ts';
import { userType } from './adminUserOperations.ts';
import type { Directory } from './directory.ts';
import { members } from './input.ts';
import { pageOf } from './paging.ts';
import { type GroupRecord, type State, userKey } from './state.ts';

/** What a user can be in at most ("Quotas in Amazon Cognito": groups per user). */
const MOST_GROUPS = 100;

const GroupName = pattern('[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+', 1, 128);
const inPool = { UserPoolId: members.poolId };
const group = { ...inPool, GroupName };
const member = { ...group, Username: members.username };
const paging = { Limit: z.int().min(0).max(60).default(60), NextToken: z.string().min(1).optional() };

/** Groups of a user pool, and who is in them. */
export function groupOperations(state: State, directory: Directory, clock: Clock): Operations {
  function groupOf(poolId: string, name: string): GroupRecord {
    const found = state.groups.get(userKey(directory.poolOf(poolId).id, name));
    if (found === undefined) throw new AwsError('ResourceNotFoundException', 'Group not found.');
    return found;
  }
  const namesOf = (key: string): readonly string[] => state.memberships.get(key) ?? [];
  const page = <T>(list: string, all: T[], keyOf: (each: T) => string, input: Paging) =>
    pageOf(list, all, keyOf, { size: input.Limit === 0 ? 60 : input.Limit, token: input.NextToken });

  return {
    CreateGroup: operation(
      z.object({
        ...group,
        Description: z.string().max(2048).optional(),
        Precedence: z.int().min(0).optional(),
      }),
      ({ UserPoolId, GroupName: name, Description: description, Precedence: precedence }) => {
        const poolId = directory.poolOf(UserPoolId).id;
        const key = userKey(poolId, name);
        if (state.groups.has(key)) {
          throw new AwsError('GroupExistsException', 'A group with the name already exists.');
        }
        const now = clock.now();
        const made = {
          ...{ poolId, name, createdAt: now, modifiedAt: now },
          ...defined({ description, precedence }),
        };
        state.groups.set(key, made);
        return { Group: groupType(made) };
      },
    ),

    GetGroup: operation(z.object(group), ({ UserPoolId, GroupName: name }) => ({
      Group: groupType(groupOf(UserPoolId, name)),
    })),

    DeleteGroup: operation(z.object(group), ({ UserPoolId, GroupName: name }) => {
      const { poolId } = groupOf(UserPoolId, name);
      state.groups.delete(userKey(poolId, name));
      return undefined;
    }),

    ListGroups: operation(z.object({ ...inPool, ...paging }), (input) => {
      const { id } = directory.poolOf(input.UserPoolId);
      const groups = [...state.groups.values()].filter(({ poolId }) => poolId === id);
      const { items, next } = page('ListGroups', groups, ({ name }) => name, input);
      return { Groups: items.map(groupType), ...defined({ NextToken: next }) };
    }),

    AdminAddUserToGroup: operation(z.object(member), ({ UserPoolId, GroupName: name, Username }) => {
      const { poolId } = groupOf(UserPoolId, name);
      const user = directory.userOf(directory.poolOf(poolId), Username);
      const key = userKey(poolId, user.username);
      const before = namesOf(key);
      if (before.includes(name)) return {};
      if (before.length >= MOST_GROUPS) {
        throw new AwsError('LimitExceededException', `A user can be in ${MOST_GROUPS} groups at most.`);
      }
      state.memberships.set(key, [...before, name]);
      return {};
    }),

    AdminRemoveUserFromGroup: operation(z.object(member), ({ UserPoolId, GroupName: name, Username }) => {
      const { poolId } = groupOf(UserPoolId, name);
      const user = directory.userOf(directory.poolOf(poolId), Username);
      const key = userKey(poolId, user.username);
      state.memberships.set(
        key,
        namesOf(key).filter((each) => each !== name),
      );
      return {};
    }),

    AdminListGroupsForUser: operation(
      z.object({ ...inPool, Username: members.username, ...paging }),
      (input) => {
        const pool = directory.poolOf(input.UserPoolId);
        const names = directory.groupsOf(directory.userOf(pool, input.Username));
        const { items, next } = page('AdminListGroupsForUser', names, (name) => name, input);
        const groups = items.map((name) => groupType(groupOf(pool.id, name)));
        return { Groups: groups, ...defined({ NextToken: next }) };
      },
    ),

    ListUsersInGroup: operation(z.object({ ...group, ...paging }), (input) => {
      const { poolId, name } = groupOf(input.UserPoolId, input.GroupName);
      const users = directory
        .usersOf(poolId)
        .filter(({ username }) => namesOf(userKey(poolId, username)).includes(name));
      const { items, next } = page('ListUsersInGroup', users, ({ username }) => username, input);
      return { Users: items.map(userType), ...defined({ NextToken: next }) };
    }),
  };
}

interface Paging {
  Limit: number;
  NextToken?: string | undefined;
}

/** `GroupType`. Times are seconds. */
function groupType({ poolId, name, description, precedence, createdAt, modifiedAt }: GroupRecord): object {
  return {
    GroupName: name,
    UserPoolId: poolId,
    ...defined({ Description: description, Precedence: precedence }),
    LastModifiedDate: modifiedAt / 1000,
    CreationDate: createdAt / 1000,
  };
}
