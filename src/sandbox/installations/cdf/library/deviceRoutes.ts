import { nothing, send } from '../rest/express.ts';
import type { Json } from '../../../kit/json.ts';
import { param } from '../../../protocols/apiGateway/routes.ts';
import { type LibraryCall, type LibraryHandler, many, one, profileOf, quietly } from './call.ts';
import type { DeviceReading } from './devices.ts';
import { relatedQuery } from './lists.ts';

/** A bug of the original: without groups AND without components nothing is filtered, and the groups are shown. */
function reading(query: URLSearchParams, expandedByDefault: boolean): DeviceReading {
  const expand = query.get('expandComponents');
  const expanded = expandedByDefault ? expand !== 'false' : expand === 'true';
  const attributes = query.get('attributes');
  return {
    attributes: attributes === null ? undefined : attributes === '' ? [] : attributes.split(','),
    withRelations: query.get('includeGroups') !== 'false' || !expanded,
  };
}

/** The four routes that change relations to groups, or those that change relations to devices. */
function relationRoutes(
  kind: 'groups' | 'devices',
  attach: (call: LibraryCall, direction: string) => void,
  detach: (call: LibraryCall, direction: string) => void,
): Record<string, LibraryHandler> {
  return {
    [`PUT /devices/{id}/{relation}/${kind}/{other}`]: quietly((call) => attach(call, 'out')),
    [`DELETE /devices/{id}/{relation}/${kind}/{other}`]: quietly((call) => detach(call, 'out')),
    [`PUT /devices/{id}/{relation}/{direction}/${kind}/{other}`]: quietly((call) =>
      attach(call, param(call, 'direction')),
    ),
    [`DELETE /devices/{id}/{relation}/{direction}/${kind}/{other}`]: quietly((call) =>
      detach(call, param(call, 'direction')),
    ),
  };
}

/** Device id, relation, direction and other end, in the order of the service's parameters. */
const ends = (call: LibraryCall, direction: string): [string, string, string, string] => [
  param(call, 'id'),
  param(call, 'relation'),
  direction,
  param(call, 'other'),
];

function bodiesOf(call: LibraryCall): Json[] {
  const bodies = call.body.devices as Json[] | undefined;
  if (bodies === undefined) throw new TypeError("Cannot read property 'forEach' of undefined");
  return bodies;
}

export const deviceRoutes: Record<string, LibraryHandler> = {
  'POST /devices': quietly((call) => call.library.devices.create(call.body, profileOf(call))),
  'GET /devices/{id}': (call) =>
    one(call.library.devices.get(param(call, 'id'), reading(call.query, true)), call.version),
  'PATCH /devices/{id}': quietly((call) =>
    call.library.devices.update(param(call, 'id'), call.body, profileOf(call)),
  ),
  'DELETE /devices/{id}': quietly((call) => call.library.devices.remove(param(call, 'id'))),

  ...relationRoutes(
    'groups',
    (call, direction) => call.library.devices.attachToGroup(...ends(call, direction)),
    (call, direction) => call.library.devices.detachFromGroup(...ends(call, direction)),
  ),
  ...relationRoutes(
    'devices',
    (call, direction) => call.library.devices.attachToDevice(...ends(call, direction)),
    (call, direction) => call.library.devices.detachFromDevice(...ends(call, direction)),
  ),
  'GET /devices/{id}/{relation}/groups': (call) => {
    const query = relatedQuery(call.query, 'group', { relation: param(call, 'relation') });
    return many(call.library.devices.related(param(call, 'id'), query), call.version);
  },
  'GET /devices/{id}/{relation}/devices': (call) => {
    const query = relatedQuery(call.query, 'device', { relation: param(call, 'relation') });
    return many(call.library.devices.related(param(call, 'id'), query), call.version);
  },

  'POST /bulkdevices': (call) => send(201, call.library.devices.createEach(bodiesOf(call), profileOf(call))),
  'PATCH /bulkdevices': (call) => {
    call.library.devices.updateEach(bodiesOf(call), profileOf(call));
    return nothing();
  },
  'GET /bulkdevices': (call) => {
    const ids = call.query.get('deviceIds');
    if (ids === null) throw new TypeError("Cannot read property 'split' of undefined");
    const results = call.library.devices.getEach([...new Set(ids.split(','))], reading(call.query, false));
    return many({ results }, call.version);
  },
};
