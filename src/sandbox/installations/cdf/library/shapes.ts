import type { Json } from '../../../kit/json.ts';
import { present } from '../../../kit/present.ts';
import { type Edge, type Graph, type GraphNode } from './graph.ts';
import { type ItemRelations, type Relations, undirected } from './relations.ts';

/** The version requested by the Accept header. It only affects the shape of relations. */
export type ApiVersion = '1.0' | '2.0';

const groupMembers = ['name', 'groupPath', 'parentPath', 'description'];
const deviceMembers = ['deviceId', 'awsIotThingArn', 'description', 'imageUrl', 'connected', 'state'];

export const isDevice = (node: GraphNode): boolean => node.labels[0] === 'device';
export const templateOf = (node: GraphNode): string => present(node.labels.at(-1), 'The template of an item');

/** A group or device in the asset library's internal shape: relations by direction. */
export function itemOf(node: GraphNode, relations: ItemRelations = {}, only?: string[]): Json {
  const device = isDevice(node);
  const members = device ? deviceMembers : groupMembers;
  const attributes: Json = {};
  const fixed: Json = {};
  for (const [key, value] of Object.entries(node.properties)) {
    if (only && key !== 'deviceId' && key !== 'state' && !only.includes(key)) continue;
    (members.includes(key) ? fixed : attributes)[key] = value;
  }
  return {
    attributes,
    ...(relations.groups ? { groups: relations.groups } : {}),
    ...(relations.devices ? { devices: relations.devices } : {}),
    category: device ? 'device' : 'group',
    templateId: templateOf(node),
    ...(device || 'name' in fixed ? {} : { name: fixed.groupPath }),
    ...fixed,
  };
}

/** The item as a reply shows it. */
export function resourceOf(item: Json, version: ApiVersion): Json {
  if (version === '2.0') return item;
  const result = { ...item };
  for (const kind of ['groups', 'devices'] as const) {
    const relations = item[kind];
    if (relations !== undefined) result[kind] = undirected(relations as Relations);
  }
  return result;
}

/** The relations that a node's edges describe. For groups, `parent` edges are omitted; they are part of the path. */
export function relationsOf(graph: Graph, node: GraphNode): ItemRelations {
  const device = isDevice(node);
  const result: { groups: Relations; devices: Relations } = { groups: {}, devices: {} };
  const add = (edge: Edge, direction: 'in' | 'out'): void => {
    if (!device && edge.relation === 'parent') return;
    const other = graph.node(direction === 'in' ? edge.from : edge.to);
    if (!other || (!device && isDevice(other)) || other.labels.length < 2) return;
    const map = (result[isDevice(other) ? 'devices' : 'groups'][direction] ??= {});
    const name = other.properties[isDevice(other) ? 'deviceId' : 'groupPath'];
    (map[edge.relation] ??= []).push(String(name));
  };
  for (const edge of graph.in(node.id)) add(edge, 'in');
  for (const edge of graph.out(node.id)) add(edge, 'out');
  return {
    ...(result.groups.in || result.groups.out ? { groups: result.groups } : {}),
    ...(result.devices.in || result.devices.out ? { devices: result.devices } : {}),
  };
}
