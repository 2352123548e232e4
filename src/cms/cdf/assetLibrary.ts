import * as z from 'zod';
import { l10n, type Message } from '../../core/message.ts';
import type { Rest, RestReply } from '../kit/rest.ts';
import { attempt } from './certainty.ts';
import { segment } from './paths.ts';
import { bodyOf, refused } from './replies.ts';

export const ASSET_LIBRARY_MEDIA_TYPE = 'application/vnd.aws-cdf-v1.0+json';

const relations = z.record(z.string(), z.array(z.string())).optional();
const attributes = z.record(z.string(), z.unknown()).default({});

/** A group as read in version 1.0 of the API: `groups` merges relations of both directions. */
const groupSchema = z.looseObject({
  name: z.string(),
  groupPath: z.string(),
  templateId: z.string().optional(),
  attributes,
  groups: relations,
});
export type Group = z.infer<typeof groupSchema>;

const deviceSchema = z.looseObject({
  deviceId: z.string(),
  templateId: z.string().optional(),
  state: z.string().optional(),
  awsIotThingArn: z.string().optional(),
  attributes,
  groups: relations,
});
export type AssetDevice = z.infer<typeof deviceSchema>;

const groupList = z.looseObject({ results: z.array(groupSchema) });

export interface NewGroup {
  parentPath: string;
  templateId: string;
  name: string;
  attributes: Record<string, unknown>;
}

/** The CDF Asset Library (1.0.5, full mode), as far as CMS needs it. Paths are plain group paths. */
export interface AssetLibrary {
  readonly rest: Rest;
  group(path: string, signal: AbortSignal): Promise<Group | undefined>;
  /** Several groups with their relations; those that do not exist are left out. */
  groups(paths: readonly string[], signal: AbortSignal): Promise<Group[]>;
  /** Rows of one template below a group, by name; rows carry no relations. */
  members(
    path: string,
    template: string,
    page: { offset: number; count: number },
    signal: AbortSignal,
  ): Promise<Group[]>;
  /** Groups at the other end of a relation: one row an edge. */
  related(path: string, relation: string, direction: 'in' | 'out', signal: AbortSignal): Promise<Group[]>;
  createGroup(group: NewGroup, signal: AbortSignal): Promise<RestReply>;
  /**
   * Changes these attributes only; the change event carries nothing else either. Takes no null: CDF 1.0.5 would
   * remove that attribute and lose every value after it.
   */
  patchGroup(path: string, changes: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  /** Edges go with it; what was related stays. Returns whether it was there. */
  deleteGroup(path: string, signal: AbortSignal): Promise<boolean>;
  /** Adds one more edge each time it is called; after a lost answer it may or may not have: look. */
  attach(from: string, relation: string, to: string, signal: AbortSignal): Promise<void>;
  /** Removes every such edge. */
  detach(from: string, relation: string, to: string, signal: AbortSignal): Promise<void>;
  device(id: string, signal: AbortSignal): Promise<AssetDevice | undefined>;
  deviceGroups(id: string, relation: string, signal: AbortSignal): Promise<Group[]>;
  deleteDevice(id: string, signal: AbortSignal): Promise<void>;
  /** Whether it answers without a token. */
  isOpen(signal: AbortSignal): Promise<boolean>;
}

export function createAssetLibrary(rest: Rest): AssetLibrary {
  const groupUrl = (path: string) => `/groups/${segment(path)}`;
  const deviceUrl = (id: string) => `/devices/${segment(id)}`;

  function expectOk(reply: RestReply, doing: Message): void {
    if (!reply.ok) throw refused(rest, reply, doing);
  }
  async function list(path: string, query: Record<string, string>, doing: Message, signal: AbortSignal) {
    const reply = await rest.send({ method: 'GET', path, query, signal });
    return bodyOf(groupList, rest, reply, doing).results;
  }

  return {
    rest,

    async group(path, signal) {
      const reply = await rest.send({ method: 'GET', path: groupUrl(path), signal });
      // Unknown groups give a 404 without a body.
      return reply.status === 404
        ? undefined
        : bodyOf(groupSchema, rest, reply, l10n.t('reading {path}', { path }));
    },

    async groups(paths, signal) {
      if (paths.length === 0) return [];
      const query = { groupPaths: paths.join(','), includeGroups: 'true' };
      const reply = await rest.send({ method: 'GET', path: '/bulkgroups', query, signal });
      return bodyOf(groupList, rest, reply, l10n.t('reading several groups')).results;
    },

    members(path, template, { offset, count }, signal) {
      // Paging works only when both are sent; without sort the order is undefined.
      const query = { template, offset: String(offset), count: String(count), sort: 'name:asc' };
      return list(`${groupUrl(path)}/members/groups`, query, l10n.t('listing {path}', { path }), signal);
    },

    related(path, relation, direction, signal) {
      const url = `${groupUrl(path)}/${segment(relation)}/groups`;
      return list(
        url,
        { direction },
        l10n.t('reading relation "{relation}" of {path}', { relation, path }),
        signal,
      );
    },

    createGroup: (group, signal) => rest.send({ method: 'POST', path: '/groups', body: group, signal }),

    async patchGroup(path, changes, signal) {
      const body = { attributes: changes };
      const reply = await rest.send({ method: 'PATCH', path: groupUrl(path), body, signal });
      expectOk(reply, l10n.t('changing {path}', { path }));
    },

    async deleteGroup(path, signal) {
      const url = groupUrl(path);
      const there = await rest.send({ method: 'GET', path: url, query: { includeGroups: 'false' }, signal });
      if (there.status === 404) return false;
      const reply = await rest.send({ method: 'DELETE', path: url, signal });
      // A repeat after a lost answer finds it gone.
      if (reply.status !== 404) expectOk(reply, l10n.t('deleting {path}', { path }));
      return true;
    },

    async attach(from, relation, to, signal) {
      const path = `${groupUrl(from)}/${segment(relation)}/groups/${segment(to)}`;
      const reply = await attempt(() => rest.send({ method: 'PUT', path, repeatable: false, signal }));
      if (!reply.uncertain) expectOk(reply, l10n.t('relating {from} to {to}', { from, to }));
    },

    async detach(from, relation, to, signal) {
      const path = `${groupUrl(from)}/${segment(relation)}/groups/${segment(to)}`;
      expectOk(
        await rest.send({ method: 'DELETE', path, signal }),
        l10n.t('separating {from} from {to}', { from, to }),
      );
    },

    async device(id, signal) {
      const reply = await rest.send({ method: 'GET', path: deviceUrl(id), signal });
      return reply.status === 404
        ? undefined
        : bodyOf(deviceSchema, rest, reply, l10n.t('reading the device {id}', { id }));
    },

    deviceGroups(id, relation, signal) {
      const url = `${deviceUrl(id)}/${segment(relation)}/groups`;
      return list(
        url,
        { direction: 'out' },
        l10n.t('reading relation "{relation}" of device {id}', { relation, id }),
        signal,
      );
    },

    async deleteDevice(id, signal) {
      expectOk(
        await rest.send({ method: 'DELETE', path: deviceUrl(id), signal }),
        l10n.t('deleting the device {id}', { id }),
      );
    },

    async isOpen(signal) {
      const path = groupUrl('/auto');
      const reply = await rest.send({ method: 'GET', path, anonymous: true, signal });
      if (reply.status === 401 || reply.status === 403) return false;
      if (reply.ok || reply.status === 404) return true;
      throw refused(rest, reply, l10n.t('asking the asset library without a token'));
    },
  };
}
