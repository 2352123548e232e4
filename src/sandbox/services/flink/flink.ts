import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';
import { pageOf } from '../../protocols/page.ts';
import { defined } from '../../kit/defined.ts';

/** An application of an installation, by its name. */
export interface FlinkApplication {
  readonly name: string;
  /** READY has never been started, or was stopped. */
  readonly status: 'READY' | 'RUNNING';
}

/** The applications of one installation, and how they are started and stopped. */
export interface FlinkSource {
  list(): readonly FlinkApplication[];
  run(name: string, running: boolean): void;
}

export interface Flink {
  readonly service: HttpService;
  provide(source: FlinkSource): void;
}

const MOST_LISTED = 50;
const ApplicationName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z0-9_.-]+$/);

/** Amazon Managed Service for Apache Flink 2018-05-23: the applications that installations have. */
export function createFlink({ config }: Pick<Context, 'config'>): Flink {
  const sources: FlinkSource[] = [];
  const all = () =>
    sources.flatMap((source) => source.list().map((application) => ({ source, application })));

  function shown({ name, status }: FlinkApplication): object {
    return {
      ApplicationName: name,
      ApplicationARN: arnOf(config, 'kinesisanalytics', `application/${name}`),
      ApplicationStatus: status,
      ApplicationVersionId: 1,
      RuntimeEnvironment: 'FLINK-1_20',
    };
  }

  function find(name: string): ReturnType<typeof all>[number] {
    const found = all().find(({ application }) => application.name === name);
    if (found !== undefined) return found;
    throw new AwsError('ResourceNotFoundException', `Application ${name} not found`);
  }

  function run(name: string, running: boolean): object {
    const { source, application } = find(name);
    if ((application.status === 'RUNNING') === running) {
      throw new AwsError('ResourceInUseException', `Application ${name} is ${application.status}`);
    }
    source.run(name, running);
    return {};
  }

  return {
    provide: (source) => void sources.push(source),
    service: createAwsJsonService({
      name: 'kinesisanalytics',
      target: 'KinesisAnalytics_20180523',
      version: '1.1',
      invalid: 'InvalidParameterException',
      tooFast: 'ThrottlingException',
      operations: {
        ListApplications: operation(
          z.object({
            Limit: z.int().min(1).max(MOST_LISTED).default(MOST_LISTED),
            NextToken: z.string().min(1).optional(),
          }),
          ({ Limit, NextToken }) => {
            const list = {
              name: 'ListApplications',
              cursorOf: ({ name }: FlinkApplication) => name,
              invalid: () => new AwsError('InvalidRequestException', 'The NextToken is invalid.'),
            };
            const sorted = all()
              .map(({ application }) => application)
              .sort((a, b) => (a.name < b.name ? -1 : 1));
            const page = pageOf(sorted, list, { token: NextToken, size: Limit });
            return { ApplicationSummaries: page.items.map(shown), ...defined({ NextToken: page.next }) };
          },
        ),
        DescribeApplication: operation(z.object({ ApplicationName }), (input) => ({
          ApplicationDetail: shown(find(input.ApplicationName).application),
        })),
        StartApplication: operation(z.object({ ApplicationName }), (input) =>
          run(input.ApplicationName, true),
        ),
        StopApplication: operation(z.object({ ApplicationName, Force: z.boolean().optional() }), (input) =>
          run(input.ApplicationName, false),
        ),
      },
    }),
  };
}
