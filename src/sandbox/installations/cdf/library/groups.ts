import { requireFields, requireItems, requireText } from '../rest/arguments.ts';
import type { Json } from '../../../kit/json.ts';
import { failedValidation, invalidParent, invalidRelation, itemExists, itemNotFound } from './errors.ts';
import { type GraphNode, groupId } from './graph.ts';
import { type BulkResult, type LibraryParts, makeEach } from './parts.ts';
import { childPath, printable } from './paths.ts';
import { type ItemList, listRelated, type RelatedQuery } from './related.ts';
import { lowerRelations, readRelations, type Relations } from './relations.ts';
import { itemOf, relationsOf, templateOf } from './shapes.ts';

export interface Groups {
  get(path: string, withRelations?: boolean): Json | undefined;
  getEach(paths: string[], withRelations: boolean): Json[];
  /** Returns the path of the new group. */
  create(body: Json, profileId?: string): string;
  createEach(bodies: Json[], profileId?: string): BulkResult;
  update(path: string, body: Json, profileId?: string): void;
  remove(path: string): void;
  /** Not idempotent: each call makes one more edge. */
  attach(source: string, relation: string, target: string): void;
  detach(source: string, relation: string, target: string): void;
  related(path: string, query: RelatedQuery): ItemList;
  /** The group and the groups above it, up to the root. */
  memberships(path: string): Json[];
}

export function createGroups({ graph, templates, profiles, allowed, fire }: LibraryParts): Groups {
  const find = (path: string): GraphNode | undefined => graph.node(groupId(path.toLowerCase()));

  function get(path: string, withRelations = true): Json | undefined {
    requireText(path, 'groupPath');
    const node = find(path);
    return node && itemOf(node, withRelations ? relationsOf(graph, node) : {});
  }

  /** The item of a body, in the shape that events carry. */
  function read(body: Json): Json {
    const { groups, ...members } = body;
    const relations = readRelations({ groups }).groups;
    return { groups: relations ?? {}, attributes: {}, ...members };
  }

  function lower(item: Json): Json {
    const result: Json = { ...item };
    for (const key of ['groupPath', 'templateId', 'parentPath']) {
      if (result[key]) result[key] = (result[key] as string).toLowerCase();
    }
    result.groups = lowerRelations(item.groups ?? {}, true);
    return result;
  }

  function create(body: Json, profileId?: string): string {
    let item = read(body);
    requireText(item.templateId);
    requireText(item.name);
    if (profileId !== undefined) item = profiles.apply(item, profileId);
    const name = printable(item.name as string);
    item = lower({ ...item, name });
    const templateId = item.templateId as string;
    const groups = item.groups as Relations;
    if (!templates.fits(templateId, 'group', item, 'create')) throw failedValidation();
    if (!allowed(templateId, groups)) throw invalidRelation();
    const parentPath = item.parentPath as string;
    if (get(parentPath, false) === undefined) throw invalidParent();
    const groupPath = childPath(parentPath, name);
    if (find(groupPath)) throw itemExists();
    item = { ...item, groupPath, category: 'group' };
    graph.put({
      id: groupId(groupPath),
      labels: ['group', templateId],
      properties: properties(item, ['name', 'groupPath', 'parentPath', 'description']),
    });
    graph.connect(groupId(groupPath), 'parent', groupId(parentPath));
    for (const [relation, paths] of Object.entries(groups.in ?? {})) {
      for (const path of paths) graph.connect(groupId(path), relation, groupId(groupPath));
    }
    for (const [relation, paths] of Object.entries(groups.out ?? {})) {
      for (const path of paths) graph.connect(groupId(groupPath), relation, groupId(path));
    }
    fire({ objectId: groupPath, type: 'groups', event: 'create', item });
    return groupPath;
  }

  return {
    get,
    create,
    getEach(paths, withRelations) {
      requireItems(paths);
      const found = paths.map((path) => get(path, withRelations)).filter((item) => item !== undefined);
      if (found.length === 0) throw new TypeError('nodes is not iterable');
      return found;
    },
    createEach(bodies, profileId) {
      requireItems(bodies);
      return makeEach(
        bodies,
        (body) => `${String(body.parentPath)}/${String(body.name)}`,
        (body) => create(body, profileId),
      );
    },

    update(path, body, profileId) {
      let item = read({ ...body, groupPath: path });
      requireFields(item);
      requireText(item.groupPath);
      if (profileId !== undefined) {
        const existing = get(path);
        if (!existing) throw itemNotFound();
        item = profiles.apply({ ...existing, ...item }, profileId);
      }
      item = lower(item);
      const groupPath = item.groupPath as string;
      const node = find(groupPath);
      if (!node) throw itemNotFound();
      const templateId = templateOf(node);
      if (!templates.fits(templateId, 'group', item, 'update')) throw failedValidation();
      item = { ...item, category: 'group', templateId };
      graph.put({
        ...node,
        properties: changed(node.properties, properties(item, ['name', 'parentPath', 'description'])),
      });
      fire({ objectId: groupPath, type: 'groups', event: 'modify', item });
    },

    remove(path) {
      const item = get(path, false);
      if (!item) throw itemNotFound();
      const groupPath = path.toLowerCase();
      graph.drop(groupId(groupPath));
      fire({ objectId: groupPath, type: 'groups', event: 'delete', item });
    },

    attach(source, relation, target) {
      requireText(source, 'sourceGroupPath');
      requireText(relation, 'relationship');
      requireText(target, 'targetGroupPath');
      const [from, name, to] = [source.toLowerCase(), relation.toLowerCase(), target.toLowerCase()];
      const node = find(from);
      // The original does not check for a missing group: it fails with this message and a 500.
      if (!node) throw new TypeError("Cannot read property 'templateId' of undefined");
      if (!allowed(templateOf(node), { out: { [name]: [to] } })) throw failedValidation();
      graph.connect(groupId(from), name, groupId(to));
      fire({
        objectId: from,
        type: 'groups',
        event: 'modify',
        attributes: { sourceGroupPath: from, attachedToGroup: to, relationship: name },
      });
    },

    detach(source, relation, target) {
      requireText(source, 'sourceGroupPath');
      requireText(relation, 'relationship');
      requireText(target, 'targetGroupPath');
      const [from, name, to] = [source.toLowerCase(), relation.toLowerCase(), target.toLowerCase()];
      graph.disconnect(groupId(from), name, groupId(to));
      fire({
        objectId: from,
        type: 'groups',
        event: 'modify',
        attributes: { sourceGroupPath: from, detachedFromGroup: to, relationship: name },
      });
    },

    related(path, query) {
      requireText(path, 'groupPath');
      return listRelated(graph, groupId(path.toLowerCase()), query);
    },

    memberships(path) {
      requireText(path, 'groupPath');
      const items: Json[] = [];
      const seen = new Set<string>();
      const queue = [groupId(path.toLowerCase())];
      for (const id of queue) {
        const node = graph.node(id);
        if (!node || seen.has(id)) continue;
        seen.add(id);
        items.push(itemOf(node));
        for (const edge of graph.out(id)) if (edge.relation === 'parent') queue.push(edge.to);
      }
      return items;
    },
  };
}

/** Fixed members and attributes side by side, without undefined values. */
export function properties(item: Json, fixed: string[]): Json {
  const all = {
    ...Object.fromEntries(fixed.map((key) => [key, item[key]])),
    ...(item.attributes as Json),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * The properties after a change. Null removes a property, and nothing that stands after it is written: in 1.0.5
 * the removal ends the traversal of the graph that makes the change (issue 64 of the product).
 */
export function changed(before: Json, change: Json): Json {
  const entries = Object.entries(change);
  const end = entries.findIndex(([, value]) => value === null);
  const removed = entries[end]?.[0];
  const written = Object.fromEntries(end < 0 ? entries : entries.slice(0, end));
  return Object.fromEntries(Object.entries({ ...before, ...written }).filter(([key]) => key !== removed));
}
