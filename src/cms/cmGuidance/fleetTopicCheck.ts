import * as z from 'zod';
import { isAwsError } from '../../aws/errors.ts';
import { signedGet } from '../../aws/signedJson.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import { type Check, checksOf, ok, skip, warn } from '../contract/checks.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { unlessDenied } from '../kit/denied.ts';
import { outputOf } from './recognize.ts';
import type { Sources } from './sources.ts';

const topics = z.object({
  topics: z.array(z.object({ topicName: z.string() })),
  nextToken: z.string().nullish(),
});
/**
 * How Amazon MSK refuses what is not for the caller, and what the cluster is too old or not made for; the last is what
 * its front answers to a path that a region doesn't have yet.
 */
const NOT_SHOWN = [
  'ForbiddenException',
  'BadRequestException',
  'NotFoundException',
  'MissingAuthenticationTokenException',
];

/**
 * Whether Kafka has the topic that the stream hands the telemetry of a vehicle's fleet to. Nothing in the source of the
 * solution makes it: a cluster may make topics by itself, with the first message.
 */
export function fleetTopicCheck(
  { connection, names, store }: Pick<Sources, 'connection' | 'names' | 'store'>,
  { parts }: Pick<FoundDeployment, 'parts'>,
): Check {
  /** The topics of fleets, as they were a minute ago. Undefined where they may not be seen. */
  async function topicsOf(cluster: string, signal: AbortSignal): Promise<Set<string> | undefined> {
    const doing = l10n.t('calling {operation}', { operation: 'kafka:ListTopics' });
    async function* pages(): AsyncGenerator<z.infer<typeof topics>> {
      let next: string | null | undefined;
      do {
        const query = { topicNameFilter: 'cms-fleet-', ...(next ? { nextToken: next } : {}) };
        const operation = { host: 'kafka', path: ['v1', 'clusters', cluster, 'topics'], query };
        const page = await signedGet(connection, operation, { output: topics, doing }, signal);
        yield page;
        next = page.nextToken;
      } while (next);
    }
    const look = ({ topics: items, nextToken }: z.infer<typeof topics>) => ({
      ...{ next: nextToken ?? undefined, items },
    });
    const found = new Set<string>();
    try {
      for await (const page of endingPages(pages(), doing, look)) {
        for (const { topicName } of page.topics) found.add(topicName);
      }
    } catch (error) {
      if (isAwsError(error, ...NOT_SHOWN)) return undefined;
      throw error;
    }
    return found;
  }

  return checksOf()({
    id: 'fleet-topic',
    title: l10n.t('Kafka topic of its fleet'),
    stage: 'vehicle',
    needs: ['vehicle'],
    async run({ vehicle: { id } }, { signal }) {
      const cluster = parts.msk && outputOf(parts.msk, 'MSKClusterArn');
      if (cluster === undefined) return skip(l10n.t('The stack msk does not say which cluster it has.'));
      const fleets = await unlessDenied(store.fleetsOf(id, signal));
      if (fleets === undefined) return skip(l10n.t('The table of enrollments may not be read.'));
      if (fleets.length === 0) return skip(l10n.t('It is in no fleet.'));
      const there = await unlessDenied(topicsOf(cluster, signal));
      if (there === undefined) {
        return skip(
          l10n.t(
            'The topics of {cluster} may not be listed with these credentials, or it does not tell them.',
            {
              cluster,
            },
          ),
        );
      }
      const wanted = fleets.map((fleet) => names.fleetTopic(fleet));
      const missing = wanted.filter((topic) => !there.has(topic));
      if (missing.length === 0) return ok(l10n.t('{topic} is there.', { topic: wanted.join(', ') }));
      return warn(
        l10n.t(
          'Kafka does not have {topic}: there is no live view of the fleet, and {app}, which sends to it, may fail.',
          { topic: missing.join(', '), app: `${names.prefix}-flink-event-driven-telemetry-processor` },
        ),
        l10n.t(
          'If this still says so two minutes after telemetry was sent, create the topic in the cluster of the stack msk.',
        ),
      );
    },
  });
}
