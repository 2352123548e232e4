import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, type ClientRequestArgs } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { CmsError } from './errors.ts';
import { l10n } from './message.ts';

/** A program that was started with a secret of its own, and where it listens. */
export interface Proving {
  /** Such as `http://127.0.0.1:4566`. */
  endpoint: string;
  secret: string;
}

/** Where a program shows that it knows its secret (docs/sandbox.md, "Proof"). */
const PATH = '/_sandbox/proof';
const WITHIN_MS = 10_000;
const MOST_BYTES = 8192;

/**
 * Opens a connection and has the other end prove, on this very connection, that it is the program that was started.
 * Nothing else crosses it before that, so that whoever took the port gets neither password nor token.
 * @throws CmsError SANDBOX_NOT_OURS when it cannot; the system's error when nothing listens
 */
export async function openProven({ endpoint, secret }: Proving): Promise<net.Socket> {
  const { hostname, port, host } = new URL(endpoint);
  const nonce = randomBytes(32).toString('base64url');
  const socket = net.connect({ host: hostname, port: Number(port === '' ? 80 : port), noDelay: true });
  // The client that gets it listens, too; until then an error must find somebody.
  socket.on('error', () => undefined);
  try {
    const answer = await ask(socket, `GET ${PATH}?nonce=${nonce} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const proof = createHmac('sha256', secret)
      .update(`cms-sandbox-proof\n${nonce}\n${endpoint}`)
      .digest('base64url');
    if (!isEqual(proofIn(answer), proof)) throw notOurs(endpoint);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What listens at another address than it should is not asked. */
export function openProvenAt(proving: Proving, host: string, port: number): Promise<net.Socket> {
  const wanted = new URL(proving.endpoint);
  const at = `${host}:${port}`;
  return `${wanted.hostname}:${wanted.port}` === at
    ? openProven(proving)
    : Promise.reject(notOurs(`http://${at}`));
}

/** For every client that takes an agent: each of its connections is proven first. */
export class ProvenAgent extends Agent {
  readonly #proving: Proving;

  constructor(proving: Proving, options: { keepAlive: boolean }) {
    super({ ...options, maxSockets: 50 });
    this.#proving = proving;
  }

  /** Does nothing: it is shared, and each client of an SDK calls this when it ends. */
  override destroy(): void {
    return undefined;
  }

  /** Ends all connections. */
  close(): void {
    super.destroy();
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    openProvenAt(this.#proving, host ?? '', Number(port)).then(
      (socket) => done?.(null, socket),
      // Node looks at the socket only when there is no error.
      (error: unknown) => done?.(error as Error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/** Sends a request by hand and reads its answer, and nothing beyond it. */
function ask(socket: net.Socket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('readable', read).off('error', failed).off('end', closed);
      settle();
    };
    const failed = (error: Error): void => end(() => reject(error));
    const closed = (): void => failed(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    const timer = setTimeout(
      () => failed(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      WITHIN_MS,
    );
    // Not by `data`, which would leave the socket flowing with nobody to take what comes.
    const read = (): void => {
      for (
        let chunk = socket.read() as Buffer | null;
        chunk !== null;
        chunk = socket.read() as Buffer | null
      ) {
        text += chunk.toString('latin1');
      }
      const missing = missingBytes(text);
      if (missing <= 0 || text.length > MOST_BYTES) end(() => resolve(text));
    };
    socket.on('readable', read).on('error', failed).on('end', closed);
    socket.write(request);
  });
}

/** Of an answer with a length; a negative number when more came than was announced. */
function missingBytes(text: string): number {
  const headers = text.indexOf('\r\n\r\n');
  if (headers < 0) return Infinity;
  const [, length = '0'] = /\r\ncontent-length: *(\d{1,6})\r\n/i.exec(text.slice(0, headers + 2)) ?? [];
  return headers + 4 + Number(length) - text.length;
}

function proofIn(answer: string): string {
  if (!answer.startsWith('HTTP/1.1 200 ') || missingBytes(answer) !== 0) return '';
  return /\{"proof":"([\w-]{43})"\}$/.exec(answer)?.[1] ?? '';
}

function isEqual(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}

function notOurs(endpoint: string): CmsError {
  return new CmsError(
    'SANDBOX_NOT_OURS',
    l10n.t('The program at {endpoint} is not the local sandbox that was started here.', { endpoint }),
    {
      remedy: l10n.t('Start the local sandbox again: it then takes another port. Nothing secret was sent.'),
      details: { endpoint },
    },
  );
}
