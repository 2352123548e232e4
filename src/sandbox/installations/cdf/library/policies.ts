import type { Store } from '../../../kernel/store.ts';
import { requireFields, requireItems, requireText } from '../rest/arguments.ts';
import type { Json } from '../../../kit/json.ts';
import { defined } from '../../../kit/defined.ts';
import { failedValidation, itemExists } from './errors.ts';
import type { FireEvent } from './events.ts';
import { deviceNodeId, type Graph, groupId } from './graph.ts';
import { printable } from './paths.ts';
import { policySchema } from './schemas.ts';
import { lazyCheck } from './validation.ts';

export interface Policy {
  policyId: string;
  type: string;
  description?: string;
  /** Group paths. */
  appliesTo: string[];
  /** JSON, by convention. */
  document: string;
}

export interface Policies {
  get(policyId: string): Policy | undefined;
  list(type: string | undefined): Policy[];
  create(body: Json): void;
  update(policyId: string, body: Json): void;
  remove(policyId: string): void;
  /** Policies of the groups the device is related to and of their ancestors; undefined when there are none. */
  inheritedByDevice(deviceId: string, type: unknown): Policy[] | undefined;
  inheritedByGroups(paths: string[], type: string | undefined): Policy[] | undefined;
}

const checkPolicy = lazyCheck(policySchema);

export function createPolicies(store: Store, core: string, graph: Graph, fire: FireEvent): Policies {
  const table = store.table<Policy>(`cms/library/${core}/policies`);

  /** Omits groups that have been deleted. */
  const current = (policy: Policy): Policy => ({
    ...policy,
    appliesTo: policy.appliesTo.filter((path) => graph.node(groupId(path))),
  });

  function lower(body: Json): Json {
    return {
      ...body,
      policyId: (body.policyId as string).toLowerCase(),
      ...(body.type ? { type: (body.type as string).toLowerCase() } : {}),
      ...(body.appliesTo
        ? { appliesTo: (body.appliesTo as string[]).map((path) => path.toLowerCase()) }
        : {}),
    };
  }

  /** Ids of the nodes and all their ancestors. */
  function withParents(ids: Iterable<string>): Set<string> {
    const all = new Set<string>();
    const queue = [...ids];
    for (const id of queue) {
      if (all.has(id)) continue;
      all.add(id);
      for (const edge of graph.out(id)) if (edge.relation === 'parent') queue.push(edge.to);
    }
    return all;
  }

  /**
   * Policies for which each of their groups can be paired with a different group of `groups`, itself or a descendant.
   */
  function covered(policies: Policy[], groups: string[]): Policy[] {
    return policies.filter((policy) => {
      const free = [...groups].sort();
      return [...policy.appliesTo]
        .sort()
        .reverse()
        .every((path) => {
          const index = free.findLastIndex((group) => group.startsWith(groupId(path)));
          if (index < 0) return false;
          free.splice(index, 1);
          return true;
        });
    });
  }

  function attachedTo(ids: Set<string>, type: string | undefined): Policy[] {
    return [...table.values()]
      .map(current)
      .filter(
        (policy) =>
          (type === undefined || policy.type === type) &&
          policy.appliesTo.some((path) => ids.has(groupId(path))),
      );
  }

  const orNone = (policies: Policy[]): Policy[] | undefined => (policies.length > 0 ? policies : undefined);

  return {
    get(policyId) {
      requireText(policyId, 'policyId');
      const policy = table.get(policyId.toLowerCase());
      return policy && current(policy);
    },
    list: (type) =>
      [...table.values()]
        .map(current)
        .filter((policy) => type === undefined || policy.type === type.toLowerCase()),

    create(body) {
      requireFields(body);
      requireText(body.policyId);
      requireText(body.type);
      requireText(body.document);
      requireItems(body.appliesTo);
      const policy = lower({ ...body, policyId: printable(body.policyId) });
      if (checkPolicy(policy)) throw failedValidation();
      const { policyId, type, description, appliesTo, document } = policy as unknown as Policy;
      if (table.has(policyId)) throw itemExists();
      table.set(policyId, {
        policyId,
        type,
        ...defined({ description }),
        appliesTo,
        document,
      });
      fire({ objectId: policyId, type: 'policies', event: 'create', item: policy });
    },

    update(givenId, body) {
      requireText(givenId);
      const change = lower({ ...body, policyId: givenId });
      const existing = table.get(change.policyId as string);
      if (!existing) throw new TypeError("Cannot read property 'policyId' of undefined");
      table.set(existing.policyId, {
        ...existing,
        ...(change.type ? { type: change.type as string } : {}),
        ...(change.description ? { description: change.description as string } : {}),
        ...(change.document ? { document: change.document as string } : {}),
        ...(change.appliesTo ? { appliesTo: change.appliesTo as string[] } : {}),
      });
      fire({ objectId: existing.policyId, type: 'policies', event: 'modify', item: change });
    },

    remove(givenId) {
      requireText(givenId, 'policyId');
      const policyId = givenId.toLowerCase();
      const policy = table.get(policyId);
      table.delete(policyId);
      fire({ objectId: policyId, type: 'policies', event: 'delete', item: policy });
    },

    inheritedByDevice(deviceId, type) {
      requireText(deviceId, 'deviceId');
      requireText(type, 'type');
      const ends = [...graph.out(deviceNodeId(deviceId.toLowerCase()))].map((edge) => edge.to);
      const groups = ends.filter((id) => graph.node(id)?.labels[0] === 'group');
      return orNone(covered(attachedTo(withParents(ends), type.toLowerCase()), groups));
    },

    inheritedByGroups(paths, type) {
      const found = new Map<string, Policy>();
      for (const path of paths) {
        const id = groupId(path.toLowerCase());
        if (!graph.node(id)) continue;
        for (const policy of covered(attachedTo(withParents([id]), type?.toLowerCase()), [id])) {
          found.set(policy.policyId, policy);
        }
      }
      return orNone([...found.values()]);
    },
  };
}
