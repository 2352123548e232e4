import { pipeline, Readable, Transform } from 'node:stream';
import type { getDefaultRoleAssumer } from '@aws-sdk/client-sts';
import { LimitError, tooLarge } from '../core/bounded.ts';
import { l10n } from '../core/message.ts';
import { patiently, type Awaited } from '../core/patience.ts';
import { keepPlace } from '../network/place.ts';
import type { Target } from '../network/proxySettings.ts';
import type { ProxyTo } from './connection.ts';

/** The largest answer of the services used here is a page of stacks, a megabyte. */
const MOST_BYTES = 16 * 2 ** 20;
/** From the headers to the end: the SDK itself only bounds how long nothing comes. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Of a client of any service. */
export type Answers = NonNullable<Parameters<typeof getDefaultRoleAssumer>[1]>[number];

/**
 * For a client of the SDK: the body of each answer has an end, in bytes and in time; waiting for it is told; and an error
 * is kept with where the request went.
 */
export function boundedAnswers(proxyTo: ProxyTo): Answers {
  return {
    applyToStack(stack): void {
      stack.add(
        (next) => async (args) => {
          const { host, attempt } = awaited(args.request);
          try {
            const result = await patiently({ host, attempt }, () => next(args));
            const response = result.response as { body?: unknown } | undefined;
            if (response !== undefined) response.body = boundedBody(response.body);
            return result;
          } catch (error) {
            keepPlace(error, { host, proxy: proxyTo(targetOf(args.request)) });
            throw error;
          }
        },
        // After the handler, before what reads the body.
        { step: 'deserialize', priority: 'low', name: 'boundedAnswers' },
      );
    },
  };
}

/** Where a request of the SDK goes. */
export function targetOf(request: unknown): Target {
  const {
    hostname = '',
    protocol,
    port,
  } = request as { hostname?: string; protocol?: string; port?: number };
  const secure = protocol !== 'http:';
  return { secure, host: hostname, port: port ?? (secure ? 443 : 80) };
}

/** Whom a request of the SDK goes to, with a port of its own, and which attempt it is, as its retry strategy says in a header of the request. */
export function awaited(request: unknown): Awaited {
  const {
    hostname = '',
    port,
    headers = {},
  } = request as { hostname?: string; port?: number; headers?: Record<string, string> };
  const [, number, of] = /^attempt=(\d+); max=(\d+)$/.exec(headers['amz-sdk-request'] ?? '') ?? [];
  return {
    host: port === undefined ? hostname : `${hostname}:${port}`,
    attempt: of === undefined ? undefined : { number: Number(number), of: Number(of) },
  };
}

/** The body of an answer; anything but a stream as it is. */
export function boundedBody<T>(body: T): T | Readable {
  return body instanceof Readable ? bounded(body) : body;
}

function bounded(body: Readable): Readable {
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > MOST_BYTES ? tooLarge(MOST_BYTES) : null, chunk);
    },
  });
  const timer = setTimeout(() => {
    body.destroy(new LimitError(l10n.t('it did not end in time')));
  }, ANSWER_TIMEOUT_MS);
  pipeline(body, counted, () => clearTimeout(timer));
  return counted;
}
