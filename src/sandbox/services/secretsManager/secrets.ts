import { createHash, randomUUID } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';

export interface SecretVersion {
  id: string;
  value: string;
  stages: string[];
  /** Milliseconds since 1970. */
  createdAt: number;
}

export interface Secret {
  name: string;
  description: string | undefined;
  versions: SecretVersion[];
  rotationDays: number | undefined;
  createdAt: number;
  changedAt: number;
  rotatedAt: number | undefined;
}

export interface Secrets {
  /** Makes a secret, unless it is there. */
  ensure(secret: { name: string; value: string; description?: string; rotationDays?: number }): void;
  /** Gives it a new value, which is the current one from then on. */
  put(name: string, value: string): void;
  /** Marks a rotation as done. */
  rotated(name: string): void;
  remove(name: string): void;
  find(name: string): Secret | undefined;
  /** By name, or by ARN with or without its last six characters. Throws ResourceNotFoundException. */
  lookUp(reference: string): Secret;
  arnOf(name: string): string;
  all(): Secret[];
}

export function createSecrets({ store, clock, config }: Context): Secrets {
  const table = store.table<Secret>('secretsmanager.secrets');
  const prefix = arnOf(config, 'secretsmanager', 'secret:');

  /** AWS adds a hyphen and six random characters; here they follow from the name. */
  const suffixed = (name: string): string =>
    `${name}-${createHash('sha256').update(`${config.accountId}/${name}`).digest('hex').slice(0, 6)}`;

  const version = (value: string): SecretVersion => ({
    id: randomUUID(),
    value,
    stages: ['AWSCURRENT'],
    createdAt: clock.now(),
  });

  function present(name: string): Secret {
    const found = table.get(name);
    if (found === undefined) throw notFound();
    return found;
  }

  return {
    ensure({ name, value, description, rotationDays }) {
      if (table.has(name)) return;
      const now = clock.now();
      table.set(name, {
        name,
        description,
        rotationDays,
        versions: [version(value)],
        createdAt: now,
        changedAt: now,
        rotatedAt: undefined,
      });
    },
    put(name, value) {
      const secret = present(name);
      const before = secret.versions.map((each) => ({
        ...each,
        stages: each.stages.includes('AWSCURRENT') ? ['AWSPREVIOUS'] : [],
      }));
      table.set(name, {
        ...secret,
        // Versions without a stage are forgotten.
        versions: [...before.filter(({ stages }) => stages.length > 0), version(value)],
        changedAt: clock.now(),
      });
    },
    rotated(name) {
      table.set(name, { ...present(name), rotatedAt: clock.now() });
    },
    remove(name) {
      table.delete(name);
    },
    find: (name) => table.get(name),
    lookUp(reference) {
      if (!reference.startsWith('arn:')) return present(reference);
      const local = reference.startsWith(prefix) ? reference.slice(prefix.length) : '';
      const found = [...table.values()].find(({ name }) => name === local || suffixed(name) === local);
      if (found === undefined) throw notFound();
      return found;
    },
    arnOf: (name) => prefix + suffixed(name),
    all: () => [...table.values()],
  };
}

export function notFound(what = "Secrets Manager can't find the specified secret."): AwsError {
  return new AwsError('ResourceNotFoundException', what);
}
