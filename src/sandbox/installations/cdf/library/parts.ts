import type { FireEvent } from './events.ts';
import type { Graph } from './graph.ts';
import type { Profiles } from './profiles.ts';
import type { RelationRule } from './relationRules.ts';
import type { Templates } from './templates.ts';

/** What groups and devices depend on. */
export interface LibraryParts {
  graph: Graph;
  templates: Templates;
  profiles: Profiles;
  allowed: RelationRule;
  fire: FireEvent;
}

export interface BulkResult {
  success: number;
  failed: number;
  total: number;
  /** Each error is an empty object, because the original serializes an Error to JSON. */
  errors: Record<string, Record<string, never>>;
}

/** Processes items one by one. A failure is counted and does not stop the rest. */
export function makeEach<T>(items: T[], keyOf: (item: T) => string, make: (item: T) => unknown): BulkResult {
  const result: BulkResult = { success: 0, failed: 0, total: items.length, errors: {} };
  for (const item of items) {
    try {
      make(item);
      result.success++;
    } catch {
      result.failed++;
      result.errors[keyOf(item)] = {};
    }
  }
  return result;
}
