import { nothing, send } from '../rest/express.ts';
import { param } from '../../../protocols/apiGateway/routes.ts';
import { type LibraryHandler, quietly } from './call.ts';
import { LibraryError } from './errors.ts';
import { cut } from './lists.ts';
import { groupId } from './graph.ts';
import { parseSearch } from './searchQuery.ts';
import { initialize } from './seed.ts';
import { resourceOf } from './shapes.ts';

export const policyRoutes: Record<string, LibraryHandler> = {
  'POST /policies': quietly((call) => call.library.policies.create(call.body)),
  'GET /policies': (call) =>
    send(200, cut(call.library.policies.list(call.query.get('type') ?? undefined), call.query)),
  'GET /policies/inherited': (call) => {
    const deviceId = call.query.get('deviceId');
    const paths = call.query.getAll('groupPath');
    const type = call.query.get('type') ?? undefined;
    if (!deviceId && paths.length === 0) return send(400, { results: [] });
    const results = deviceId
      ? call.library.policies.inheritedByDevice(deviceId, type)
      : call.library.policies.inheritedByGroups(paths, type);
    return results ? send(200, { results }) : send(404, { results: [] });
  },
  'GET /policies/{id}': (call) => {
    const policy = call.library.policies.get(param(call, 'id'));
    // An unknown policy is not an error: the framework turns undefined into 204.
    return policy ? send(200, policy) : nothing();
  },
  'PATCH /policies/{id}': quietly((call) => call.library.policies.update(param(call, 'id'), call.body)),
  'DELETE /policies/{id}': quietly((call) => call.library.policies.remove(param(call, 'id'))),
};

export const otherRoutes: Record<string, LibraryHandler> = {
  'GET /search': (call) => {
    const query = parseSearch(call.query);
    const { search } = call.library;
    if (query.summarize) return send(200, { results: [], total: search.total(query) });
    if (query.facet) return send(200, { results: search.facet(query) });
    const { results, pagination } = search.find(query);
    return send(200, { results: results.map((item) => resourceOf(item, call.version)), pagination });
  },
  'POST /48e876fe-8830-4996-baa0-9c0dd92bd6a2/init': quietly(({ library }) => {
    if (library.graph.node(groupId('/'))) throw new LibraryError(409, 'Already initialized');
    initialize(library);
  }),
};
