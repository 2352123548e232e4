import type { Context } from '../../../kernel/context.ts';
import { createDevices, type Devices } from './devices.ts';
import { createEvents, type LibraryEvent } from './events.ts';
import { createGraph, type Graph } from './graph.ts';
import { createGroups, type Groups } from './groups.ts';
import { createPolicies, type Policies } from './policies.ts';
import { createProfiles, type Profiles } from './profiles.ts';
import { createRelationRule } from './relationRules.ts';
import { createSearch, type Search } from './search.ts';
import { createTemplates, type Templates } from './templates.ts';

/** The asset library of one CDF core stack, without its REST API. Throws LibraryError and ArgumentError. */
export interface Library {
  readonly graph: Graph;
  readonly groups: Groups;
  readonly devices: Devices;
  readonly templates: Templates;
  readonly policies: Policies;
  readonly profiles: Profiles;
  readonly search: Search;
  /** Rebuilds what is derived from the tables (after a reset). */
  reload(): void;
}

export interface LibraryOptions {
  publish: (topic: string, payload: string) => void;
  /** Receives every event, as the topic rules of CMS do. */
  onEvent: (event: LibraryEvent) => void;
}

export function createLibrary(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  core: string,
  { publish, onEvent }: LibraryOptions,
): Library {
  const fire = createEvents(clock, publish, onEvent);
  const graph = createGraph(store, core);
  const templates = createTemplates(store, core, clock, graph, fire);
  const allowed = createRelationRule(graph, templates);
  const profiles = createProfiles(store, core, templates, allowed, fire);
  const parts = { graph, templates, profiles, allowed, fire };
  return {
    graph,
    templates,
    profiles,
    groups: createGroups(parts),
    devices: createDevices(parts),
    policies: createPolicies(store, core, graph, fire),
    search: createSearch(graph),
    reload() {
      graph.reload();
      templates.reload();
    },
  };
}
