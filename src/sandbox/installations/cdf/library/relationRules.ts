import { type Graph, groupId } from './graph.ts';
import type { Relations } from './relations.ts';
import type { Templates } from './templates.ts';

export type RelationRule = (templateId: string, relations: Relations | undefined) => boolean;

/**
 * Whether items of a template may be related to these groups. The template must have a relation with that name, in
 * either direction, and the group's template must be its other end. An unknown group is never allowed.
 */
export function createRelationRule(graph: Graph, templates: Templates): RelationRule {
  return (templateId, relations) => {
    if (!relations || (relations.in === undefined && relations.out === undefined)) return true;
    const edges = templates.edges(templateId);
    return (['in', 'out'] as const).every((direction) =>
      Object.entries(relations[direction] ?? {}).every(([name, paths]) => {
        const allowed = edges.filter((edge) => edge.name === name.toLowerCase());
        if (allowed.length === 0) return false;
        return paths.every((path) => {
          const template = graph.node(groupId(path.toLowerCase()))?.labels.at(-1);
          return allowed.some((edge) => (direction === 'in' ? edge.from : edge.to) === template);
        });
      }),
    );
  };
}
