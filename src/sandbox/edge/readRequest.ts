import type { IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '../contracts/kernel.ts';

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
export function readHead(message: IncomingMessage, defaultRegion: string): HttpRequest {
  const target = splitTarget(message.url ?? '');
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
  };
}

/** The whole body, at most `limit` bytes. */
export async function readBody(message: IncomingMessage, limit = MAX_BODY_BYTES): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > limit) throw tooLarge();
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

/** Origin form (`/path?query`), or the absolute form that a client behind a proxy setting sends. */
function splitTarget(url: string): { path: string; query: string } {
  const target = /^https?:\/\/[^/?]*(.*)$/i.exec(url)?.[1] ?? url;
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  if (path !== '' && !path.startsWith('/')) throw new UnreadableRequest(400, 'Bad Request');
  return { path: path === '' ? '/' : path, query: at < 0 ? '' : target.slice(at + 1) };
}
