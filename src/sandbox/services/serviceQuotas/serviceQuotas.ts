import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { arnOf } from '../../kit/partition.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';
import { pageOf } from '../../protocols/page.ts';

export interface ServiceQuotas {
  readonly service: HttpService;
  /** Gives a quota another value, as an account has it. False for one that is not there. */
  change(name: string, value: number): boolean;
}

interface Quota {
  service: string;
  name: string;
  /** Where it is known. */
  code?: string;
  /** Of an account that asked for nothing else. */
  usual: number;
}

/**
 * What simulations of many vehicles need. Sources: "AWS IoT Core endpoints and quotas"; "AWS Fargate service quotas", where
 * new accounts have little.
 */
const QUOTAS: readonly Quota[] = [
  { service: 'iotcore', name: 'Connect requests per second per account', usual: 3000 },
  { service: 'iotcore', name: 'Inbound publish requests per second per account', usual: 20_000 },
  { service: 'iotcore', name: 'Maximum concurrent client connections per account', usual: 500_000 },
  { service: 'iotcore', name: 'Retained messages per account', usual: 5000 },
  { service: 'fargate', name: 'Fargate On-Demand vCPU resource count', code: 'L-3032A538', usual: 6 },
];
const SERVICES: Readonly<Record<string, string>> = { iotcore: 'AWS IoT Core', fargate: 'AWS Fargate' };

/** Service Quotas 2019-06-24, read-only. */
export function createServiceQuotas({ store, config }: Context): ServiceQuotas {
  const values = store.table<number>('servicequotas.values');

  const shown = ({ service, name, code, usual }: Quota) => ({
    ...{ ServiceCode: service, ServiceName: SERVICES[service], QuotaName: name },
    ...defined({ QuotaCode: code }),
    ...(code === undefined ? {} : { QuotaArn: arnOf(config, 'servicequotas', `${service}/${code}`) }),
    ...{ Value: values.get(name) ?? usual, Unit: 'None', Adjustable: true, GlobalQuota: false },
  });
  const ofService = (code: string): Quota[] => {
    if (code in SERVICES) return QUOTAS.filter(({ service }) => service === code);
    throw new AwsError(
      'NoSuchResourceException',
      'The request failed because the specified service does not exist.',
    );
  };

  const service = createAwsJsonService({
    name: 'servicequotas',
    target: 'ServiceQuotasV20190624',
    version: '1.1',
    invalid: 'ValidationException',
    tooFast: 'TooManyRequestsException',
    operations: {
      ListServiceQuotas: operation(
        z.object({
          ServiceCode: z.string().min(1),
          MaxResults: z.int().min(1).max(100).default(100),
          NextToken: z.string().optional(),
        }),
        ({ ServiceCode, MaxResults, NextToken }) => {
          const page = pageOf(
            ofService(ServiceCode),
            {
              name: `ListServiceQuotas ${ServiceCode}`,
              cursorOf: ({ name }) => name,
              invalid: () => new AwsError('InvalidPaginationTokenException', 'Invalid token was provided.'),
            },
            { token: NextToken, size: MaxResults },
          );
          return { Quotas: page.items.map(shown), ...defined({ NextToken: page.next }) };
        },
      ),
      GetServiceQuota: operation(
        z.object({ ServiceCode: z.string().min(1), QuotaCode: z.string().min(1) }),
        ({ ServiceCode, QuotaCode }) => {
          const found = ofService(ServiceCode).find(({ code }) => code === QuotaCode);
          if (found !== undefined) return { Quota: shown(found) };
          throw new AwsError(
            'NoSuchResourceException',
            'The request failed because the specified quota does not exist.',
          );
        },
      ),
    },
  });

  return {
    service,
    change(name, value) {
      if (!QUOTAS.some((quota) => quota.name === name)) return false;
      values.set(name, value);
      return true;
    },
  };
}
