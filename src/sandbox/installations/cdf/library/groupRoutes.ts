import { nothing, send } from '../rest/express.ts';
import type { Json } from '../../../kit/json.ts';
import { param } from '../../../protocols/apiGateway/routes.ts';
import { type LibraryHandler, many, one, profileOf, quietly } from './call.ts';
import { relatedQuery } from './lists.ts';
import { groupLocation } from './paths.ts';

const withRelations = (query: URLSearchParams): boolean => query.get('includeGroups') !== 'false';

export const groupRoutes: Record<string, LibraryHandler> = {
  'POST /groups': (call) => {
    const path = call.library.groups.create(call.body, profileOf(call));
    return nothing({ location: groupLocation(path), 'x-groupPath': path });
  },
  'GET /groups/{path}': (call) =>
    one(call.library.groups.get(param(call, 'path'), withRelations(call.query)), call.version),
  'PATCH /groups/{path}': quietly((call) =>
    call.library.groups.update(param(call, 'path'), call.body, profileOf(call)),
  ),
  'DELETE /groups/{path}': quietly((call) => call.library.groups.remove(param(call, 'path'))),

  'GET /groups/{path}/members/{category}': (call) => {
    // Anything but `groups` means devices.
    const kind = param(call, 'category').toLowerCase() === 'groups' ? 'group' : 'device';
    const query = relatedQuery(call.query, kind, { direction: 'in' });
    return many(call.library.groups.related(param(call, 'path'), query), call.version);
  },
  'GET /groups/{path}/memberships': (call) =>
    many({ results: call.library.groups.memberships(param(call, 'path')) }, call.version),
  'PUT /groups/{source}/{relation}/groups/{target}': quietly((call) =>
    call.library.groups.attach(param(call, 'source'), param(call, 'relation'), param(call, 'target')),
  ),
  'DELETE /groups/{source}/{relation}/groups/{target}': quietly((call) =>
    call.library.groups.detach(param(call, 'source'), param(call, 'relation'), param(call, 'target')),
  ),
  'GET /groups/{path}/{relation}/groups': (call) => {
    const query = relatedQuery(call.query, 'group', { relation: param(call, 'relation') });
    return many(call.library.groups.related(param(call, 'path'), query), call.version);
  },
  'GET /groups/{path}/{relation}/devices': (call) => {
    const query = relatedQuery(call.query, 'device', { relation: param(call, 'relation') });
    return many(call.library.groups.related(param(call, 'path'), query), call.version);
  },

  'POST /bulkgroups': (call) => {
    const bodies = call.body.groups as Json[] | undefined;
    if (bodies === undefined) throw new TypeError("Cannot read property 'forEach' of undefined");
    return send(201, call.library.groups.createEach(bodies, profileOf(call)));
  },
  'GET /bulkgroups': (call) => {
    const paths = call.query.get('groupPaths');
    if (paths === null) throw new TypeError("Cannot read property 'split' of undefined");
    const unique = [...new Set(paths.split(','))];
    return many({ results: call.library.groups.getEach(unique, withRelations(call.query)) }, call.version);
  },
};
