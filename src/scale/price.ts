/** Of a worker's processor, as Fargate names them. */
export type Architecture = 'ARM64' | 'X86_64';
export const PROCESSORS: Record<Architecture, string> = { ARM64: 'ARM', X86_64: 'x86' };

const HOUR = 3600;

/**
 * What AWS publishes, for us-east-1, in US dollars. Sources: aws.amazon.com/iot-core/pricing (messages, connection
 * minutes), aws.amazon.com/fargate/pricing (Linux), both as of the date below. Other regions differ.
 */
export const PRICES = {
  asOf: '2026-09-20',
  /** Each message of up to 5 KB, up to a billion a month, then beyond. */
  message: { first: 1.0 / 1e6, upTo: 1e9, then: 0.8 / 1e6 },
  connectionMinute: 0.08 / 1e6,
  fargate: {
    ARM64: { vcpuSecond: 0.032_38 / HOUR, gigabyteSecond: 0.003_56 / HOUR },
    X86_64: { vcpuSecond: 0.040_48 / HOUR, gigabyteSecond: 0.004_445 / HOUR },
  },
} as const;

/** One worker on AWS Batch. */
export const WORKER = { vcpus: 1, gigabytes: 2 } as const;

export interface RunSize {
  vehicles: number;
  shards: number;
  /** Samples a second. */
  rate: number;
  seconds: number;
  /** Of the workers on Fargate; ARM unless it is said. */
  architecture?: Architecture | undefined;
}

export interface Price {
  messages: number;
  connections: number;
  /** Of the workers, on Fargate. */
  compute: number;
}

/** Without what the rules of a CMS do with the data, and without trips and events, which are few. */
export function priceOf({ vehicles, shards, rate, seconds, architecture = 'ARM64' }: RunSize): Price {
  const count = vehicles * rate * seconds;
  const { first, upTo, then } = PRICES.message;
  const { vcpuSecond, gigabyteSecond } = PRICES.fargate[architecture];
  return {
    messages: Math.min(count, upTo) * first + Math.max(0, count - upTo) * then,
    connections: ((vehicles * seconds) / 60) * PRICES.connectionMinute,
    compute: shards * seconds * (WORKER.vcpus * vcpuSecond + WORKER.gigabytes * gigabyteSecond),
  };
}
