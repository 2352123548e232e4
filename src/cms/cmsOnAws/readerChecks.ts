import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { enableTopicRule } from '../../aws/iot/topicRules.ts';
import { l10n, type Message } from '../../core/message.ts';
import { poll, waits } from '../../core/retry.ts';
import type { Work } from '../../core/work.ts';
import { type Check, checksOf, fail, type Fix, type Found, ok, skip, warn } from '../contract/checks.ts';
import { isDenied } from '../kit/denied.ts';
import { deleteStored, findBreakingObjects } from './breakingObjects.ts';
import type { TelemetryQuery } from './graphql/telemetryQuery.ts';
import { currentRow } from './rows.ts';
import type { Sources } from './sources.ts';
import { marksOf } from './things.ts';

const check = checksOf<Found>();
/** Athena reads what was stored some seconds ago. */
const FINDS = { attempts: Infinity, withinMs: 15_000, backoff: waits(1000) };

export interface Readers {
  /** Undefined where the module cms-api is not deployed. */
  readonly query: TelemetryQuery | undefined;
  readonly bucket: string | undefined;
}

/** Whose certificate is where, and whether what is stored can be read by queries. */
export function readerChecks(sources: Sources, { query, bucket }: Readers): readonly Check[] {
  const { connection, store, lastSeen } = sources;
  return [
    check({
      id: 'canonical-vin',
      title: l10n.t('VIN as CMS writes it'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ request, vehicle }, { signal }) {
        const { vin } = vehicle;
        const said = request.vin.trim();
        if (said === vin) return ok(l10n.t('It is {vin}.', { vin }));
        const others = (await store.provisioned(said, signal)).filter(({ status }) => status !== 'DELETED');
        if (others.length === 0) return ok(l10n.t('{said} is {vin} for CMS.', { said, vin }));
        return warn(
          l10n.t('A vehicle was provisioned as {said}, which CMS never connects with {vin}.', { said, vin }),
          l10n.t('Provision it as {vin}; what it was given as {said} can be deleted in AWS IoT.', {
            said,
            vin,
          }),
        );
      },
    }),
    check({
      id: 'certificate-here',
      title: l10n.t('Certificate on this machine is the one in service'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ vehicle, tools }, { signal }) {
        const { vin, thingName } = vehicle;
        const here = await tools.certificateHere(vehicle);
        if (here === undefined) return skip(l10n.t('There is no certificate of {vin} here.', { vin }));
        const row = currentRow(await store.provisioned(vin, signal));
        if (row?.status !== 'ACTIVE') return skip(l10n.t('CMS has none in service.'));
        const elsewhere = l10n.t(
          'Take the files from where it was provisioned last, or run rotate: that ends the certificate there.',
        );
        if (row.certificateId !== here) {
          return fail(
            l10n.t(
              'Here is certificate {here}, and CMS has {other} in service: somebody provisioned {vin} again.',
              {
                ...{ here, other: row.certificateId, vin },
              },
            ),
            elsewhere,
          );
        }
        const marked = (await marksOf(connection, thingName, signal))?.certificateId;
        if (marked === undefined || marked === here) return ok(l10n.t('It is.'));
        return warn(
          l10n.t('Thing {thing} was registered last with certificate {other}, and here is {here}.', {
            ...{ thing: thingName, other: marked, here },
          }),
          elsewhere,
        );
      },
    }),
    check({
      id: 'graphql',
      title: l10n.t('GraphQL finds the telemetry'),
      stage: 'telemetry',
      needs: ['vehicle'],
      async run({ vehicle }, work) {
        const { vin } = vehicle;
        if (query === undefined)
          return skip(l10n.t('The module cms-api is not deployed: there is no GraphQL.'));
        try {
          const stored = await lastSeen?.newest(vehicle, work.signal);
          if (stored === undefined) return skip(l10n.t('Nothing of {vin} is stored.', { vin }));
        } catch (error) {
          // Whether it has to find anything is not known then, and it is asked all the same.
          if (!isDenied(error)) throw error;
        }
        try {
          const answer = await poll(work, FINDS, async () => {
            const said = await query.knows(vin, work);
            return said.kind === 'unknown' ? undefined : said;
          });
          if (answer?.kind === 'found') return ok(l10n.t('It finds {vin}.', { vin }));
          if (answer?.kind === 'broken') return await broken(connection, bucket, work);
        } catch (error) {
          if (isDenied(error)) return skip(l10n.t('The secrets of the identity provider may not be read.'));
          throw error;
        }
        return fail(
          l10n.t('GraphQL does not find {vin}, of which telemetry is stored.', { vin }),
          l10n.t(
            'Look at the location of the Glue table, and at the log of the function athena-data-source.',
          ),
        );
      },
    }),
  ];
}

/** Every query over the store fails: says for which messages. */
async function broken(connection: Connection, bucket: string | undefined, work: Work) {
  const sentence = l10n.t('Every query over the stored telemetry fails: a stored message is malformed.');
  const inGlue = l10n.t(
    'Look at the failed query in Athena, in the workgroup of the module cms-api, and delete the message it stumbles on.',
  );
  if (bucket === undefined) return fail(sentence, inGlue);
  const { found, looked, isAll } = await findBreakingObjects(connection, bucket, work.signal).catch(
    (error: unknown) => {
      if (isDenied(error)) return { found: [], looked: 0, isAll: false };
      throw error;
    },
  );
  const [first] = found;
  if (first === undefined) {
    const searched = isAll
      ? l10n.t('None of the {count} stored messages is malformed.', { count: looked })
      : l10n.t('It is not among the {count} newest.', { count: looked });
    return fail(l10n.list([sentence, searched], 'sentences'), inGlue);
  }
  const keys = found.map(({ key }) => key);
  const named = l10n.list(
    found.map(({ key, problem }): Message => l10n.t('{key} ({problem})', { key, problem })),
    'comma',
  );
  return fail(
    l10n.t('Stored messages make every query over the telemetry fail: {which}.', { which: named }),
    l10n.t('Delete them from the telemetry bucket, which keeps versions, and fix what sent them.'),
    {},
    deletingFix(connection, bucket, keys),
  );
}

export function deletingFix(connection: Connection, bucket: string, keys: readonly string[]): Fix {
  return {
    title: l10n.plural(
      keys.length,
      l10n.t('Delete the stored message {key}', { key: keys[0] ?? '' }),
      l10n.t('Delete {count} stored messages: {keys}', {
        ...{ count: keys.length, keys: l10n.list([...keys], 'comma') },
      }),
    ),
    run: (work) => deleteStored(connection, bucket, keys, work.signal),
  };
}

/** Enables topic rules that somebody switched off. */
export function enablingFix(connection: Connection, rules: readonly string[]): Fix {
  return {
    title: l10n.t('Enable the topic rules {rules}', { rules: rules.join(', ') }),
    async run({ signal }) {
      for (const ruleName of rules) await enableTopicRule(connection, ruleName, signal);
    },
  };
}

/** Has Secrets Manager make a claim certificate in the place of the one there is. */
export function rotatingFix(connection: Connection, secret: string): Fix {
  return {
    title: l10n.t('Have the secret {secret} rotated', { secret }),
    async run({ signal }) {
      const client = await connection.secretsManager();
      await calling(l10n.t('rotating the secret {name}', { name: secret }), () =>
        client.send(new RotateSecretCommand({ SecretId: secret }), { abortSignal: signal }),
      );
    },
  };
}
