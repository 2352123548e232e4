import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long the rest of a refused request is still taken in, in milliseconds. */
const DRAIN_MS = 2000;

/**
 * Answers a request that is not read to its end, and closes the connection: its rest must not be taken for another
 * request. The rest is drained for a moment, or the client would see a reset instead of the answer.
 */
export function refuse(
  message: IncomingMessage,
  response: ServerResponse,
  status: number,
  why: string,
): void {
  const body = JSON.stringify({ message: why });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  response.write(body);
  const deadline = setTimeout(() => message.socket.destroy(), DRAIN_MS);
  response.once('close', () => clearTimeout(deadline));
  message.once('end', () => response.end());
  message.resume();
}

/** The same for a connection that has no response: what is no request, an upgrade, a tunnel. */
export function refuseSocket(socket: Duplex, status: number, body = ''): void {
  if (socket.writableEnded) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const reason = STATUS_CODES[status] ?? 'Bad Request';
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const deadline = setTimeout(() => socket.destroy(), DRAIN_MS);
  socket.once('close', () => clearTimeout(deadline));
  socket.resume();
}

/** What the parser of Node found, and its answer; anything else is a bad request. */
const UNPARSED: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is no request. Each further piece of it comes here, too. */
export function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else refuseSocket(socket, UNPARSED[error.code ?? ''] ?? 400);
}
