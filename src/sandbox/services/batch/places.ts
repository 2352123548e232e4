import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';

/** A job definition, as far as children are processes here. */
export interface JobDefinition {
  name: string;
  revision: number;
  image: string;
  /** What the calls of its children are allowed by; undefined for none. */
  roleArn: string | undefined;
  /** Where what its children print goes; undefined for nowhere. */
  logGroup: string | undefined;
}

/** Queues and job definitions, which stacks make. */
export interface Places {
  putQueue(name: string): string;
  removeQueue(arn: string): void;
  /** A further revision, as AWS registers one. */
  register(definition: Omit<JobDefinition, 'revision'>): string;
  /** All revisions of the name are gone with the one. */
  deregister(arn: string): void;
  /** By name or ARN. @throws AwsError ClientException */
  queue(named: string): string;
  /** By name, name and revision, or ARN; the newest revision unless one is named. @throws AwsError ClientException */
  definition(named: string): JobDefinition;
}

export function createPlaces({ store, config }: Context): Places {
  const queues = store.table<{ arn: string }>('batch.queues');
  const definitions = store.table<JobDefinition>('batch.definitions');
  /** What an ARN names after its kind; a name stays as it is. */
  const named = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

  return {
    putQueue(name) {
      const arn = arnOf(config, 'batch', `job-queue/${name}`);
      queues.set(name, { arn });
      return arn;
    },
    removeQueue: (arn) => void queues.delete(named(arn)),
    register(definition) {
      const { name } = definition;
      const revision = 1 + Math.max(0, ...revisionsOf(name).map((each) => each.revision));
      definitions.set(`${name}:${revision}`, { ...definition, revision });
      return arnOf(config, 'batch', `job-definition/${name}:${revision}`);
    },
    deregister(arn) {
      const [name = ''] = named(arn).split(':');
      for (const { revision } of revisionsOf(name)) definitions.delete(`${name}:${revision}`);
    },
    queue(text) {
      const name = named(text);
      if (queues.has(name)) return name;
      throw new AwsError('ClientException', `JobQueue ${text} not found.`);
    },
    definition(text) {
      const [name = '', revision] = named(text).split(':');
      const all = revisionsOf(name);
      const found =
        revision === undefined ? all.at(-1) : all.find((each) => each.revision === Number(revision));
      if (found !== undefined) return found;
      throw new AwsError('ClientException', `JobDefinition ${text} not found.`);
    },
  };

  function revisionsOf(name: string): JobDefinition[] {
    return [...definitions.values()]
      .filter((each) => each.name === name)
      .sort((a, b) => a.revision - b.revision);
  }
}
