import * as z from 'zod';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { pageOf } from '../../protocols/page.ts';
import { createRestJsonService, operation } from '../../protocols/restJson.ts';

/** A cluster of an installation, and the names of its topics. */
export interface KafkaCluster {
  readonly arn: string;
  readonly topics: readonly string[];
}

export interface Kafka {
  readonly service: HttpService;
  provide(source: () => KafkaCluster): void;
}

const MOST_LISTED = 100;
const BROKERS = 2;

/** Amazon MSK 2018-11-14: the topics of the clusters that installations have. There is no Kafka behind them. */
export function createKafka(): Kafka {
  const sources: (() => KafkaCluster)[] = [];
  const list = {
    name: 'ListTopics',
    cursorOf: (name: string) => name,
    invalid: () => new AwsError('BadRequestException', 'Invalid token.', 400),
  };
  return {
    provide: (source) => void sources.push(source),
    service: createRestJsonService({
      name: 'kafka',
      invalid: 'BadRequestException',
      tooFast: { code: 'TooManyRequestsException', message: 'Too Many Requests', status: 429 },
      operations: [
        operation(
          'ListTopics',
          'GET',
          '/v1/clusters/:clusterArn/topics',
          {
            uri: { clusterArn: z.string().min(1) },
            query: {
              maxResults: z.coerce.number().int().min(1).max(MOST_LISTED).default(MOST_LISTED),
              nextToken: z.string().min(1).optional(),
              topicNameFilter: z.string().default(''),
            },
          },
          ({ clusterArn, maxResults, nextToken, topicNameFilter }) => {
            const cluster = sources.map((source) => source()).find(({ arn }) => arn === clusterArn);
            if (cluster === undefined) {
              throw new AwsError('NotFoundException', 'The requested resource doesn’t exist.', 404);
            }
            const fitting = cluster.topics.filter((name) => name.startsWith(topicNameFilter)).sort();
            const page = pageOf(fitting, list, { token: nextToken, size: maxResults });
            const topics = page.items.map((topicName) => ({
              topicArn: `${clusterArn.replace(':cluster/', ':topic/')}/${topicName}`,
              topicName,
              ...{ partitionCount: 1, replicationFactor: BROKERS, outOfSyncReplicaCount: 0 },
            }));
            return { topics, ...defined({ nextToken: page.next }) };
          },
        ),
      ],
    }),
  };
}
