import { nothing, send } from '../rest/express.ts';
import { param } from '../../../protocols/apiGateway/routes.ts';
import { type LibraryCall, type LibraryHandler, quietly } from './call.ts';
import { cut } from './lists.ts';
import type { Profile } from './profiles.ts';
import type { Relations } from './relations.ts';
import { undirected } from './relations.ts';
import { parseSort } from './sorting.ts';
import type { TemplateStatus } from './templates.ts';

/** Anything but `draft` means `published`. */
const statusOf = (query: URLSearchParams): TemplateStatus =>
  query.get('status') === 'draft' ? 'draft' : 'published';

function templateResource(call: LibraryCall, templateId: string, components: boolean) {
  const found = call.library.templates.get(templateId, param(call, 'category'), statusOf(call.query));
  if (!found) return undefined;
  const { template, definition } = found;
  return {
    templateId: template.templateId,
    category: template.category,
    properties: definition.properties,
    relations: definition.relations,
    required: definition.required,
    ...(components ? { components: definition.components } : {}),
  };
}

function profileResource(profile: Profile, version: string) {
  const groups = profile.groups as Relations | undefined;
  return { ...profile, ...(groups && version === '1.0' ? { groups: undirected(groups) } : {}) };
}

const ids = (call: LibraryCall): [string, string] => [param(call, 'id'), param(call, 'category')];

export const templateRoutes: Record<string, LibraryHandler> = {
  'GET /templates/{category}': (call) => {
    const listed = call.library.templates.list(param(call, 'category'), statusOf(call.query));
    if (parseSort(call.query.get('sort')).some((key) => key.field === 'templateId' && key.descending)) {
      listed.sort((a, b) => (a.templateId < b.templateId ? 1 : -1));
    } else if (call.query.has('sort')) {
      listed.sort((a, b) => (a.templateId < b.templateId ? -1 : 1));
    }
    const page = cut(listed, call.query);
    if (page.results.length === 0) return { status: 404, headers: {} };
    return send(200, {
      ...page,
      results: page.results.map(({ templateId }) => templateResource(call, templateId, false)),
    });
  },
  'GET /templates/{category}/{id}': (call) => {
    const template = templateResource(call, param(call, 'id'), true);
    return template ? send(200, template) : { status: 404, headers: {} };
  },
  'POST /templates/{category}/{id}': (call) => {
    const wrong = call.library.templates.create(...ids(call), call.body);
    return wrong ? send(400, { error: wrong }) : { status: 201, headers: {} };
  },
  'PATCH /templates/{category}/{id}': (call) => {
    const wrong = call.library.templates.update(...ids(call), call.body);
    return wrong ? send(404, { isValid: false, errors: wrong }) : nothing();
  },
  'PUT /templates/{category}/{id}/publish': quietly((call) => call.library.templates.publish(...ids(call))),
  'DELETE /templates/{category}/{id}': quietly((call) => call.library.templates.remove(...ids(call))),

  'POST /profiles/{category}/{templateId}': quietly((call) =>
    call.library.profiles.create(param(call, 'category'), param(call, 'templateId'), call.body),
  ),
  'GET /profiles/{category}/{templateId}': (call) => {
    const profiles = call.library.profiles.list(param(call, 'templateId'));
    if (profiles.length === 0) return { status: 404, headers: {} };
    return send(200, { results: profiles.map((profile) => profileResource(profile, call.version)) });
  },
  'GET /profiles/{category}/{templateId}/{id}': (call) => {
    const profile = call.library.profiles.get(param(call, 'templateId'), param(call, 'id'));
    return profile ? send(200, profileResource(profile, call.version)) : { status: 404, headers: {} };
  },
  'PATCH /profiles/{category}/{templateId}/{id}': quietly((call) =>
    call.library.profiles.update(
      param(call, 'category'),
      param(call, 'templateId'),
      param(call, 'id'),
      call.body,
    ),
  ),
  'DELETE /profiles/{category}/{templateId}/{id}': quietly((call) =>
    call.library.profiles.remove(param(call, 'templateId'), param(call, 'id')),
  ),
};
