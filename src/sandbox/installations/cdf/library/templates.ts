import type { Clock } from '../../../kernel/clock.ts';
import type { Store } from '../../../kernel/store.ts';
import { requireText } from '../rest/arguments.ts';
import { type Json, isObject } from '../../../kit/json.ts';
import { LibraryError, itemExists, itemNotFound, templateNotFound } from './errors.ts';
import type { FireEvent } from './events.ts';
import type { Graph } from './graph.ts';
import { printable } from './paths.ts';
import type { Relations } from './relations.ts';
import { type Category, itemSchema, templateSchema } from './schemas.ts';
import { type Check, lazyCheck } from './validation.ts';

/** How long a running Lambda keeps using the old version after a template was published again. */
const CACHE_MS = 10_000;

export interface TemplateDefinition {
  properties?: Json;
  required?: string[];
  relations?: Relations;
  components?: string[];
}

interface TemplateVersion {
  version: number;
  definition: TemplateDefinition;
}

export interface Template {
  templateId: string;
  category: Category;
  draft?: TemplateVersion;
  published?: TemplateVersion;
}

export type TemplateStatus = 'draft' | 'published';
export type Operation = 'create' | 'update';

export interface Templates {
  get(
    templateId: string,
    category: string,
    status?: TemplateStatus,
  ): { template: Template; definition: TemplateDefinition } | undefined;
  list(category: string, status: TemplateStatus): Template[];
  /** Returns error messages by path when the definition is invalid. */
  create(templateId: string, category: string, definition: unknown): Record<string, string> | undefined;
  update(templateId: string, category: string, definition: unknown): Record<string, string> | undefined;
  publish(templateId: string, category: string): void;
  remove(templateId: string, category: string): void;
  /** Whether an item is valid by its template. Throws TEMPLATE_NOT_FOUND when none is published. */
  fits(templateId: string, category: Category, item: unknown, operation: Operation): boolean;
  /** The relations that a template's items may have, whichever template declares them. */
  edges(templateId: string): { name: string; from: string; to: string }[];
  reload(): void;
}

const checkDefinition = lazyCheck(templateSchema);

export function createTemplates(
  store: Store,
  core: string,
  clock: Clock,
  graph: Graph,
  fire: FireEvent,
): Templates {
  const table = store.table<Template>(`cms/library/${core}/templates`);
  const cache = new Map<string, { until: number; version: number; checks: Record<Operation, Check> }>();

  function get(templateId: string, category: string, status: TemplateStatus = 'published') {
    requireText(templateId, 'templateId');
    const template = table.get(templateId.toLowerCase());
    const version = template?.[status];
    if (!template || !version || template.category !== category) return undefined;
    return { template, definition: { ...version.definition, relations: relationsOf(template, status) } };
  }

  /** The relations shown on reading: the template's own, and those of other templates to it. */
  function relationsOf(template: Template, status: TemplateStatus): Relations {
    const result: Relations = {};
    for (const edge of edgesOf(template.templateId, status)) {
      const [direction, other] =
        edge.from === template.templateId ? (['out', edge.to] as const) : (['in', edge.from] as const);
      const map = (result[direction] ??= {});
      map[edge.name] = [...(map[edge.name] ?? []), other];
    }
    return result;
  }

  function edgesOf(templateId: string, status: TemplateStatus = 'published') {
    const edges: { name: string; from: string; to: string }[] = [];
    for (const template of table.values()) {
      const own = template.templateId === templateId;
      const declared = template[own ? status : 'published']?.definition.relations;
      for (const [name, ends] of Object.entries(declared?.out ?? {})) {
        for (const to of ends) edges.push({ name, from: template.templateId, to });
      }
      for (const [name, ends] of Object.entries(declared?.in ?? {})) {
        for (const from of ends) edges.push({ name, from, to: template.templateId });
      }
    }
    return edges.filter((edge) => edge.from === templateId || edge.to === templateId);
  }

  function checksOf(templateId: string, category: Category): Record<Operation, Check> {
    const key = `${category}:${templateId}`;
    const cached = cache.get(key);
    if (cached && cached.until > clock.now()) return cached.checks;
    const definition = get(templateId, category)?.definition;
    const version = table.get(templateId)?.published?.version;
    if (!definition || version === undefined) throw templateNotFound();
    const checks =
      cached?.version === version
        ? cached.checks
        : {
            create: lazyCheck(itemSchema(category, definition, false)),
            update: lazyCheck(itemSchema(category, definition, true)),
          };
    cache.set(key, { until: clock.now() + CACHE_MS, version, checks });
    return checks;
  }

  /** Lower-cases relation names and template ids; they are stored that way. */
  function normalize(definition: TemplateDefinition): TemplateDefinition {
    const { relations, ...rest } = definition;
    if (!relations) return rest;
    const lowered: Relations = {};
    for (const direction of ['in', 'out'] as const) {
      const map = relations[direction];
      if (!map) continue;
      lowered[direction] = Object.fromEntries(
        Object.entries(map).map(([name, ends]) => [
          name.toLowerCase(),
          ends.map((end) => end.toLowerCase()).sort(),
        ]),
      );
    }
    return { ...rest, relations: lowered };
  }

  function problems(definition: unknown): Record<string, string> | undefined {
    const wrong = checkDefinition(definition);
    if (wrong) return wrong;
    const { relations } = definition as TemplateDefinition;
    const ends = [relations?.in, relations?.out].flatMap((map) => Object.values(map ?? {}).flat());
    const allExist = ends.every((end) => table.has(end.toLowerCase()));
    return allExist ? undefined : { relations: 'Invalid relation types' };
  }

  function requireCategory(category: string): asserts category is Category {
    if (category !== 'group' && category !== 'device') throw new LibraryError(500, 'Invalid category');
  }

  const typeOf = (category: Category) => (category === 'group' ? 'groupTemplates' : 'deviceTemplates');

  return {
    get,
    list: (category, status) =>
      [...table.values()].filter((template) => template.category === category && template[status]),

    create(givenId, category, definition) {
      requireText(givenId, 'templateId');
      const templateId = printable(givenId.toLowerCase());
      requireCategory(category);
      const wrong = problems(definition);
      if (wrong) return wrong;
      if (table.has(templateId)) throw itemExists();
      const draft = { version: 1, definition: normalize(definition as TemplateDefinition) };
      table.set(templateId, { templateId, category, draft });
      cache.delete(`${category}:${templateId}`);
      fire({
        objectId: templateId,
        type: typeOf(category),
        event: 'create',
        item: draftModel(templateId, category, draft),
      });
      return undefined;
    },

    update(givenId, category, definition) {
      requireText(givenId, 'templateId');
      const templateId = givenId.toLowerCase();
      requireCategory(category);
      const wrong = problems(definition);
      if (wrong) return wrong;
      const template = table.get(templateId);
      if (template?.category !== category) {
        throw new LibraryError(500, `Type ${templateId} ${category} does not exist`);
      }
      const version = template.draft?.version ?? (template.published?.version ?? 0) + 1;
      const draft = { version, definition: normalize(definition as TemplateDefinition) };
      table.set(templateId, { ...template, draft });
      fire({
        objectId: templateId,
        type: typeOf(category),
        event: 'modify',
        item: draftModel(templateId, category, draft),
        attributes: { status: 'draft' },
      });
      return undefined;
    },

    publish(givenId, category) {
      requireText(givenId, 'templateId');
      const templateId = givenId.toLowerCase();
      requireCategory(category);
      const template = table.get(templateId);
      if (!template?.draft || template.category !== category) throw itemNotFound();
      const { draft, ...rest } = template;
      table.set(templateId, { ...rest, published: draft });
      fire({
        objectId: templateId,
        type: typeOf(category),
        event: 'modify',
        attributes: { status: 'published' },
      });
    },

    remove(givenId, category) {
      requireText(givenId, 'templateId');
      const templateId = givenId.toLowerCase();
      requireCategory(category);
      if (graph.count(templateId) > 0) throw itemExists();
      const item = table.get(templateId);
      table.delete(templateId);
      fire({ objectId: templateId, type: typeOf(category), event: 'delete', item });
    },

    fits(templateId, category, item, operation) {
      requireText(templateId, 'templateId');
      return isObject(item) && checksOf(templateId.toLowerCase(), category)[operation](item) === undefined;
    },

    edges: (templateId) => edgesOf(templateId.toLowerCase()),
    reload: () => cache.clear(),
  };
}

function draftModel(templateId: string, category: Category, { version, definition }: TemplateVersion): Json {
  const { relations, ...rest } = definition;
  return { templateId, category, schema: { status: 'draft', version, definition: rest, relations } };
}
