import type { IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '../http.ts';
import type { Target } from './target.ts';

/** API Gateway's payload limit, the largest of the services served here. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** The request cannot be read; `status` says how to answer. */
export class UnreadableRequest extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What can be known before the body is read. The path stays percent-encoded: routing comes before decoding. */
export function readHead(
  message: IncomingMessage,
  { target, trusted }: { target: Target; trusted: boolean },
  defaultRegion: string,
): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const query = new URLSearchParams(target.query);
  const authorization = headers.authorization;
  const scope =
    /Credential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization ?? '') ??
    /^[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(query.get('X-Amz-Credential') ?? '');
  return {
    method: (message.method ?? 'GET').toUpperCase(),
    path: target.path,
    query,
    headers,
    body: Buffer.alloc(0),
    requestId: randomUUID(),
    region: scope?.[1] ?? defaultRegion,
    signed: isSigned(authorization) || query.has('X-Amz-Signature'),
    trusted,
  };
}

/** The whole body, at most `limit` bytes. `expected` is called when it may come, for a client that asked first. */
export async function readBody(
  message: IncomingMessage,
  expected: () => void = () => undefined,
  limit = MAX_BODY_BYTES,
): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > limit) throw tooLarge();
  expected();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): UnreadableRequest {
  return new UnreadableRequest(413, 'Request Too Long');
}

/** Signature Version 4 in the header; the signature itself is not verified. */
function isSigned(authorization: string | undefined): boolean {
  return (
    authorization !== undefined &&
    authorization.startsWith('AWS4-HMAC-SHA256 ') &&
    ['Credential=', 'SignedHeaders=', 'Signature='].every((part) => authorization.includes(part))
  );
}
