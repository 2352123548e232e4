import * as z from 'zod';
import type { Connection } from '../aws/connection.ts';
import { signedCall } from '../aws/signedCall.ts';
import { isCancelled } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n, type Message } from '../core/message.ts';
import { retainedOf } from './channelMessages.ts';
import type { EngineName } from './engines/engine.ts';
import { type Architecture, type Price, priceOf, PRICES, PROCESSORS, type RunSize, WORKER } from './price.ts';

/** What a run needs of an account, as Service Quotas has it; undefined for what it does not say. */
export interface Quotas {
  connectsPerSecond: number | undefined;
  publishesPerSecond: number | undefined;
  connections: number | undefined;
  fargateVcpus: number | undefined;
  retainedMessages: number | undefined;
}

/** What the compute environment of a setup lets run. */
export interface BatchCapacity {
  maxVcpus: number;
  architecture?: Architecture;
}

export interface Preflight {
  price: Price;
  quotas: Quotas;
  /** What all workers together open a second. */
  connectsPerSecond: number;
  notes: Message[];
  /** What would exceed a quota. */
  warnings: Message[];
}

const answerSchema = z.object({
  Quotas: z.array(z.object({ QuotaName: z.string(), Value: z.number() })).default([]),
  NextToken: z.string().optional(),
});
/** AWS has a few hundred quotas of a service, a hundred a page. */
const MOST_PAGES = 10;
/** Where Service Quotas says nothing: below the 500 that AWS IoT gave every account. */
const USUAL_CONNECTS = 400;
/** Where Service Quotas says nothing. */
const USUAL_CONNECTIONS = 500_000;
/** Retained messages of an account where Service Quotas does not say it, and in small regions. */
const USUAL_RETAINED = 5000;
const FEWEST_RETAINED = 500;
/** Others connect, too: vehicles that come back, people, programs. */
const SHARE = 0.8;
/** How long a run without an end is taken to last, for its price. */
const HOUR = 3600;

/** What lets too few workers run at a time, and so keeps a run from its start. */
function tooFewWorkers(
  shards: number,
  { fargateVcpus }: Quotas,
  capacity: BatchCapacity | undefined,
): Message[] {
  const vcpus = shards * WORKER.vcpus;
  return [
    ...(fargateVcpus !== undefined && vcpus > fargateVcpus
      ? [
          l10n.t(
            '{needed} vCPUs exceed the quota of {quota} of Fargate (L-3032A538): raise it first, or use fewer shards.',
            { needed: vcpus, quota: fargateVcpus },
          ),
        ]
      : []),
    ...(capacity !== undefined && vcpus > capacity.maxVcpus
      ? [
          l10n.t(
            'The compute environment runs {most} workers at a time: raise it with {command}, or use fewer shards.',
            {
              most: Math.floor(capacity.maxVcpus / WORKER.vcpus),
              command: `cms-enablement scale setup --max-workers ${shards}`,
            },
          ),
        ]
      : []),
  ];
}

/** What a run costs and what it needs, before it starts. Throws CANCELLED only: without quotas it says so. */
export async function preflight(
  connection: Connection,
  size: Omit<RunSize, 'seconds'> & { seconds: number | undefined },
  engine: EngineName,
  signal: AbortSignal,
  capacity?: BatchCapacity,
): Promise<Preflight> {
  const warnings: Message[] = [];
  let quotas: Quotas = {
    connectsPerSecond: undefined,
    publishesPerSecond: undefined,
    connections: undefined,
    fargateVcpus: undefined,
    retainedMessages: undefined,
  };
  try {
    const iot = await quotasOf(connection, 'iotcore', signal);
    quotas = {
      connectsPerSecond: find(iot, /^connect requests per second per account/i),
      publishesPerSecond: find(iot, /^inbound publish requests per second per account/i),
      connections: find(iot, /^maximum concurrent client connections per account/i),
      retainedMessages: find(iot, /^(number of )?retained messages per (aws )?account/i),
      fargateVcpus:
        engine === 'batch'
          ? find(await quotasOf(connection, 'fargate', signal), /^fargate on-demand vcpu/i)
          : undefined,
    };
  } catch (error) {
    if (isCancelled(error)) throw error;
    warnings.push(l10n.t('The quotas of the account could not be read; the usual ones are assumed.'));
  }
  const { vehicles, shards, rate, seconds = HOUR } = size;
  const architecture = capacity?.architecture ?? 'ARM64';
  const price = priceOf({ vehicles, shards, rate, seconds, architecture });
  const publishes = vehicles * rate;
  const { publishesPerSecond = 20_000 } = quotas;
  if (publishes > publishesPerSecond) {
    warnings.push(
      l10n.t('{needed} messages a second exceed the quota of {quota} publishes a second: raise it first.', {
        ...{ needed: Math.ceil(publishes), quota: publishesPerSecond },
      }),
    );
  }
  // Workers and controllers have one, too.
  const connections = vehicles + shards + 1;
  if (connections > (quotas.connections ?? USUAL_CONNECTIONS)) {
    warnings.push(
      l10n.t('{needed} connections exceed the quota of {quota} of AWS IoT: raise it first.', {
        ...{ needed: connections, quota: quotas.connections ?? USUAL_CONNECTIONS },
      }),
    );
  }
  const retained = retainedOf(shards);
  const { retainedMessages } = quotas;
  if (retainedMessages !== undefined && retained > retainedMessages) {
    warnings.push(
      l10n.t('{needed} retained messages exceed the quota of {quota} of AWS IoT: use fewer shards.', {
        ...{ needed: retained, quota: retainedMessages },
      }),
    );
  } else if (retainedMessages === undefined && retained > FEWEST_RETAINED) {
    warnings.push(
      l10n.t(
        'The run keeps {needed} retained messages in AWS IoT. An account may have {most}, in small regions {fewest}.',
        { needed: retained, most: USUAL_RETAINED, fewest: FEWEST_RETAINED },
      ),
    );
  }
  warnings.push(...tooFewWorkers(shards, quotas, capacity));
  const connectsPerSecond = Math.max(1, (quotas.connectsPerSecond ?? USUAL_CONNECTS / SHARE) * SHARE);
  return {
    price,
    quotas,
    connectsPerSecond,
    warnings,
    notes: notesOf({ ...size, architecture }, price, engine, connectsPerSecond),
  };
}

function notesOf(
  {
    vehicles,
    seconds,
    architecture,
  }: { vehicles: number; seconds: number | undefined; architecture: Architecture },
  { messages, connections, compute }: Price,
  engine: EngineName,
  connects: number,
): Message[] {
  const usd = (amount: number) => amount.toFixed(2);
  const iot = usd(messages + connections);
  const minutes = Math.ceil(vehicles / connects / 6) / 10;
  return [
    seconds === undefined
      ? l10n.t('AWS IoT takes about ${amount} an hour for messages and connections (us-east-1, {date}).', {
          ...{ amount: iot, date: PRICES.asOf },
        })
      : l10n.t('AWS IoT takes about ${amount} for messages and connections (us-east-1, {date}).', {
          ...{ amount: iot, date: PRICES.asOf },
        }),
    ...(engine === 'batch'
      ? [
          l10n.t('Fargate takes about ${amount} for the workers ({processor}).', {
            ...{ amount: usd(compute), processor: PROCESSORS[architecture] },
          }),
        ]
      : []),
    l10n.plural(
      minutes,
      l10n.t('All vehicles are connected after about 1 minute, {rate} a second.', {
        rate: Math.floor(connects),
      }),
      l10n.t('All vehicles are connected after about {minutes} minutes, {rate} a second.', {
        ...{ minutes: String(minutes), rate: Math.floor(connects) },
      }),
    ),
  ];
}

type Quota = z.infer<typeof answerSchema>['Quotas'][number];

function find(quotas: readonly Quota[], name: RegExp): number | undefined {
  return quotas.find(({ QuotaName }) => name.test(QuotaName))?.Value;
}

async function quotasOf(connection: Connection, code: string, signal: AbortSignal): Promise<Quota[]> {
  const all: Quota[] = [];
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const text = await signedCall(
      connection,
      {
        ...{ service: 'servicequotas', path: '/', target: 'ServiceQuotasV20190624.ListServiceQuotas' },
        body: { ServiceCode: code, MaxResults: 100, ...(token === undefined ? {} : { NextToken: token }) },
        doing: l10n.t('reading the quotas of {service}', { service: code }),
      },
      signal,
    );
    const read = parseJson(answerSchema, text);
    if (!read.ok) return all;
    all.push(...read.value.Quotas);
    token = read.value.NextToken;
    if (token === undefined) break;
  }
  return all;
}
