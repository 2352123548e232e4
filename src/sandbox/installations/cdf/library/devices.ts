import { requireFields, requireItems, requireText } from '../rest/arguments.ts';
import type { Json } from '../../../kit/json.ts';
import { defined } from '../../../kit/defined.ts';
import { failedValidation, invalidRelation, itemExists, itemNotFound } from './errors.ts';
import { deviceNodeId, type GraphNode, groupId } from './graph.ts';
import { changed, properties } from './groups.ts';
import { type BulkResult, type LibraryParts, makeEach } from './parts.ts';
import { printable } from './paths.ts';
import { type ItemList, listRelated, type RelatedQuery } from './related.ts';
import { lowerRelations, readRelations, type Relations } from './relations.ts';
import { itemOf, relationsOf, templateOf } from './shapes.ts';

const members = ['deviceId', 'awsIotThingArn', 'description', 'imageUrl', 'connected', 'state'];
/** The parent of a device created without relations. */
const defaultParent = '/unprovisioned';

export interface DeviceReading {
  /** Attributes to show; undefined means all. `state` and `deviceId` are always shown. */
  attributes?: string[] | undefined;
  withRelations?: boolean;
}

export interface Devices {
  get(deviceId: string, reading?: DeviceReading): Json | undefined;
  getEach(deviceIds: string[], reading: DeviceReading): Json[];
  create(body: Json, profileId?: string): void;
  createEach(bodies: Json[], profileId?: string): BulkResult;
  update(deviceId: string, body: Json, profileId?: string): void;
  updateEach(bodies: Json[], profileId?: string): BulkResult;
  /** Deleting a device that does not exist is not an error. */
  remove(deviceId: string): void;
  /** Idempotent. Direction as seen from the device; anything but `out` means `in`. */
  attachToGroup(deviceId: string, relation: string, direction: string, path: string): void;
  detachFromGroup(deviceId: string, relation: string, direction: string, path: string): void;
  attachToDevice(deviceId: string, relation: string, direction: string, other: string): void;
  detachFromDevice(deviceId: string, relation: string, direction: string, other: string): void;
  related(deviceId: string, query: RelatedQuery): ItemList;
}

export function createDevices({ graph, templates, profiles, allowed, fire }: LibraryParts): Devices {
  const find = (deviceId: string): GraphNode | undefined => graph.node(deviceNodeId(deviceId.toLowerCase()));

  function get(deviceId: string, { attributes, withRelations = true }: DeviceReading = {}): Json | undefined {
    requireText(deviceId, 'deviceId');
    const node = find(deviceId);
    return node && itemOf(node, withRelations ? relationsOf(graph, node) : {}, attributes);
  }

  function read(body: Json): Json {
    const { groups, devices, ...rest } = body;
    return { groups: {}, devices: {}, attributes: {}, ...rest, ...readRelations({ groups, devices }) };
  }

  /** Lower-cases ids. Relation names keep their case. */
  function lower(item: Json): Json {
    return {
      ...item,
      deviceId: (item.deviceId as string).toLowerCase(),
      ...defined({ templateId: (item.templateId as string | undefined)?.toLowerCase() }),
      groups: lowerRelations(item.groups ?? {}, false),
      devices: lowerRelations(item.devices ?? {}, false),
    };
  }

  const none = (relations: unknown): boolean => {
    const { in: into, out } = (relations ?? {}) as Relations;
    return into === undefined && out === undefined;
  };

  function create(body: Json, profileId?: string): void {
    let item = read(body);
    requireText(item.templateId);
    requireText(item.deviceId);
    if (profileId !== undefined) item = profiles.apply(item, profileId);
    item = lower({ ...item, deviceId: printable(item.deviceId as string) });
    if (none(item.groups) && none(item.devices)) item.groups = { out: { parent: [defaultParent] } };
    item.state ??= 'unprovisioned';
    const templateId = item.templateId as string;
    const deviceId = item.deviceId as string;
    if (!templates.fits(templateId, 'device', item, 'create')) throw failedValidation();
    if (!allowed(templateId, item.groups as Relations)) throw invalidRelation();
    if (find(deviceId)) throw itemExists();
    item = { ...item, category: 'device' };
    const id = deviceNodeId(deviceId);
    graph.put({ id, labels: ['device', templateId], properties: properties(item, members) });
    relate(id, item.groups as Relations, groupId);
    relate(id, item.devices as Relations, deviceNodeId);
    fire({ objectId: deviceId, type: 'devices', event: 'create', item });
  }

  function relate(id: string, relations: Relations, nodeId: (end: string) => string): void {
    for (const [relation, ends] of Object.entries(relations.in ?? {})) {
      for (const end of ends) graph.connect(nodeId(end), relation, id);
    }
    for (const [relation, ends] of Object.entries(relations.out ?? {})) {
      for (const end of ends) graph.connect(id, relation, nodeId(end));
    }
  }

  function update(deviceId: string, body: Json, profileId?: string): void {
    let item = read({ ...body, deviceId });
    requireFields(item);
    requireText(item.deviceId);
    if (profileId !== undefined) {
      const existing = get(deviceId);
      if (!existing) throw itemNotFound();
      item = profiles.apply({ ...existing, ...item }, profileId);
    }
    item = lower(item);
    const node = find(deviceId);
    if (!node) throw itemNotFound();
    const templateId = templateOf(node);
    if (!templates.fits(templateId, 'device', item, 'update')) throw failedValidation();
    item = { ...item, category: 'device', templateId };
    graph.put({ ...node, properties: changed(node.properties, properties(item, members)) });
    fire({ objectId: item.deviceId as string, type: 'devices', event: 'modify', item });
  }

  /** Checks the arguments; returns them in lower case, with the edge they describe. */
  function ends(deviceId: string, relation: string, direction: string, other: string, otherLabel: string) {
    requireText(deviceId, 'deviceId');
    requireText(relation, 'relationship');
    requireText(direction, 'direction');
    requireText(other, otherLabel);
    const names = {
      deviceId: deviceId.toLowerCase(),
      relation: relation.toLowerCase(),
      other: other.toLowerCase(),
    };
    const device = deviceNodeId(names.deviceId);
    const far = otherLabel === 'groupPath' ? groupId(names.other) : deviceNodeId(names.other);
    return { ...names, edge: direction === 'out' ? ([device, far] as const) : ([far, device] as const) };
  }

  function isConnected(from: string, relation: string, to: string): boolean {
    for (const edge of graph.out(from)) if (edge.relation === relation && edge.to === to) return true;
    return false;
  }

  function fireModified(deviceId: string, member: string, other: string, relation: string): void {
    fire({
      objectId: deviceId,
      type: 'devices',
      event: 'modify',
      attributes: { deviceId, [member]: other, relationship: relation },
    });
  }

  return {
    get,
    create,
    update,
    getEach(deviceIds, reading) {
      requireItems(deviceIds, 'deviceIds');
      return deviceIds.map((deviceId) => get(deviceId, reading)).filter((item) => item !== undefined);
    },
    createEach(bodies, profileId) {
      requireItems(bodies);
      return makeEach(
        bodies,
        (body) => String(body.deviceId),
        (body) => create(body, profileId),
      );
    },
    updateEach(bodies, profileId) {
      requireItems(bodies);
      return makeEach(
        bodies,
        (body) => String(body.deviceId),
        (body) => update(body.deviceId as string, body, profileId),
      );
    },
    remove(deviceId) {
      const item = get(deviceId);
      const id = deviceId.toLowerCase();
      graph.drop(deviceNodeId(id));
      fire({ objectId: id, type: 'devices', event: 'delete', item });
    },

    attachToGroup(givenId, givenRelation, direction, path) {
      const { deviceId, relation, other, edge } = ends(givenId, givenRelation, direction, path, 'groupPath');
      const device = find(deviceId);
      if (!device || !graph.node(groupId(other))) throw itemNotFound();
      if (isConnected(edge[0], relation, edge[1])) return;
      const wanted = { [direction === 'out' ? 'out' : 'in']: { [relation]: [other] } };
      if (!allowed(templateOf(device), wanted)) throw failedValidation();
      graph.connect(edge[0], relation, edge[1]);
      fireModified(deviceId, 'attachedToGroup', other, relation);
    },
    detachFromGroup(givenId, givenRelation, direction, path) {
      const { deviceId, relation, other, edge } = ends(givenId, givenRelation, direction, path, 'groupPath');
      graph.disconnect(edge[0], relation, edge[1]);
      fireModified(deviceId, 'detachedFromGroup', other, relation);
    },

    // The template's rules do not apply to relations between devices.
    attachToDevice(givenId, givenRelation, direction, otherId) {
      const { deviceId, relation, other, edge } = ends(
        givenId,
        givenRelation,
        direction,
        otherId,
        'otherDeviceId',
      );
      if (!find(deviceId) || !find(other)) throw itemNotFound();
      if (isConnected(edge[0], relation, edge[1])) return;
      graph.connect(edge[0], relation, edge[1]);
      fireModified(deviceId, 'attachedToDevice', other, relation);
    },
    detachFromDevice(givenId, givenRelation, direction, otherId) {
      const { deviceId, relation, other, edge } = ends(
        givenId,
        givenRelation,
        direction,
        otherId,
        'otherDeviceId',
      );
      graph.disconnect(edge[0], relation, edge[1]);
      fireModified(deviceId, 'detachedFromDevice', other, relation);
    },

    related(deviceId, query) {
      requireText(deviceId, 'deviceId');
      return listRelated(graph, deviceNodeId(deviceId.toLowerCase()), query);
    },
  };
}
