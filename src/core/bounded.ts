// Opened to be read only.
// eslint-disable-next-line @typescript-eslint/no-restricted-imports
import { close, constants, createReadStream, fstat, open, read } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import type { Readable } from 'node:stream';
import { cancelled, isCmsError, messageOf, throwIfAborted } from './errors.ts';
import { l10n, type Message } from './message.ts';

/**
 * Everything that is read has an end: files, streams, lines, answers. What reads says how much it takes at most; more
 * than that ends with a `LimitError`, whose reason stands in the sentence of whoever reads.
 */
export class LimitError extends Error {
  /** Part of a sentence: "it is larger than 16 MB". */
  readonly why: Message;
  constructor(why: Message) {
    super('A limit was reached.');
    this.name = 'LimitError';
    this.why = why;
  }
}

/** A line that is longer than it may be. */
export class LongLineError extends LimitError {
  /** From 1. */
  readonly line: number;
  constructor(line: number, mostBytes: number) {
    super(l10n.t('line {line} is longer than {size}', { line, size: sizeOf(mostBytes) }));
    this.line = line;
  }
}

/** Why a limit ended the reading; undefined for any other error. */
export function limitOf(error: unknown): Message | undefined {
  return error instanceof Error && error.name === 'LimitError' && 'why' in error
    ? (error as LimitError).why
    : undefined;
}

/** Why something could not be read, as part of a sentence. */
export function whyUnread(error: unknown): Message {
  return limitOf(error) ?? (isCmsError(error) ? error.sentence : l10n.verbatim(messageOf(error)));
}

export interface Limits {
  mostBytes: number;
  /** How long nothing may come. */
  timeoutMs?: number;
  /** How long all of it may take: what trickles would go on for days. */
  totalMs?: number;
  signal?: AbortSignal;
}

/** What a pipe may keep a reader waiting: whoever writes to it has begun, or never will. */
const PIPE_TIMEOUT_MS = 30_000;
const PIPE_TOTAL_MS = 10 * 60_000;
/** Never waits until somebody opens the other end of a pipe. Windows has no such files. */
const WITHOUT_WAITING = constants.O_RDONLY | ((constants as { O_NONBLOCK?: number }).O_NONBLOCK ?? 0);

/** A file as a whole. A pipe does as well, as of `<(…)` in a shell; a device does not, because it has no end. */
export async function readFileBounded(path: string, limits: Limits): Promise<Buffer> {
  const { mostBytes } = limits;
  const file = await openToRead(path);
  if (file.size > mostBytes) {
    await file.close();
    throw tooLarge(mostBytes);
  }
  return readStream(file.stream(), { timeoutMs: PIPE_TIMEOUT_MS, totalMs: PIPE_TOTAL_MS, ...limits });
}

export async function readTextFile(path: string, limits: Limits): Promise<string> {
  return (await readFileBounded(path, limits)).toString('utf8');
}

/** What stands at the end of a text file: of a log, say, which somebody else may have made long. */
export async function readEnd(path: string, mostBytes: number): Promise<string> {
  const fd = await promisify(open)(path, WITHOUT_WAITING);
  try {
    const { size } = await promisify(fstat)(fd);
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const { bytesRead } = await promisify(read)(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await promisify(close)(fd);
  }
}

/** Throws like `readFileBounded` for a file that a library reads by itself, and does nothing when there is none. */
export async function checkFile(path: string, mostBytes: number): Promise<void> {
  let file;
  try {
    file = await openToRead(path);
  } catch (error) {
    if (limitOf(error) !== undefined) throw error;
    return;
  }
  await file.close();
  if (file.isPipe) throw notRegular();
  if (file.size > mostBytes) throw tooLarge(mostBytes);
}

interface OpenFile {
  readonly size: number;
  readonly isPipe: boolean;
  /** Closes the file by itself. */
  stream(): Readable;
  close(): Promise<void>;
}

/** Opens a regular file or a pipe. */
export async function openToRead(path: string): Promise<OpenFile> {
  const fd = await promisify(open)(path, WITHOUT_WAITING);
  try {
    const found = await promisify(fstat)(fd);
    const isPipe = found.isFIFO();
    if (found.isDirectory()) throw Object.assign(notRegular(), { code: 'EISDIR' });
    if (!found.isFile() && !isPipe) throw notRegular();
    return {
      size: isPipe ? 0 : found.size,
      isPipe,
      // Read as a socket, a pipe takes no thread while nothing comes.
      stream: () =>
        isPipe ? new Socket({ fd, readable: true, writable: false }) : createReadStream(path, { fd }),
      close: () => promisify(close)(fd),
    };
  } catch (error) {
    await promisify(close)(fd);
    throw error;
  }
}

/** All that comes, up to a limit. */
export async function readStream(stream: Readable, limits: Limits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of pieces(stream, limits)) {
    size += chunk.length;
    if (size > limits.mostBytes) throw tooLarge(limits.mostBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What comes until the first end of a line, or until the end. The stream is given up then. */
export async function firstLineOf(stream: Readable, limits: Limits): Promise<string> {
  for await (const line of linesOf(stream, limits)) return line;
  return '';
}

/** The lines of a text, without their ends. One that is longer than the limit ends it with its number. */
export async function* linesOf(stream: Readable, limits: Limits): AsyncGenerator<string> {
  const { mostBytes } = limits;
  let parts: Buffer[] = [];
  let size = 0;
  let number = 1;
  const take = (end: Buffer): string => {
    const line = Buffer.concat([...parts, end]).toString('utf8');
    parts = [];
    size = 0;
    number += 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  const check = (length: number): void => {
    if (length > mostBytes) throw new LongLineError(number, mostBytes);
  };
  for await (const chunk of pieces(stream, limits)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      check(size + end - from);
      yield take(chunk.subarray(from, end));
      from = end + 1;
    }
    const rest = chunk.subarray(from);
    check(size + rest.length);
    if (rest.length > 0) parts.push(rest);
    size += rest.length;
  }
  if (size > 0) yield take(Buffer.alloc(0));
}

/** The chunks of a stream, each of which must come in time; the stream is closed when nobody reads on. */
async function* pieces(stream: Readable, { timeoutMs, totalMs, signal }: Limits): AsyncGenerator<Buffer> {
  if (signal?.aborted) {
    stream.destroy();
    throwIfAborted(signal);
  }
  const stop = (): void => void stream.destroy(cancelled());
  signal?.addEventListener('abort', stop, { once: true });
  const late = (): void => void stream.destroy(new LimitError(l10n.t('no response in time')));
  let timer: NodeJS.Timeout | undefined;
  const endless = (): void => void stream.destroy(new LimitError(l10n.t('it did not end in time')));
  const whole = totalMs === undefined ? undefined : setTimeout(endless, totalMs);
  const chunks = (stream as AsyncIterable<Buffer | string>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Not while whoever reads is busy with what came before.
      if (timeoutMs !== undefined) timer = setTimeout(late, timeoutMs);
      const next = await chunks.next();
      clearTimeout(timer);
      if (next.done === true) return;
      yield typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(whole);
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

export function tooLarge(mostBytes: number): LimitError {
  return new LimitError(l10n.t('it is larger than {size}', { size: sizeOf(mostBytes) }));
}

function notRegular(): LimitError {
  return new LimitError(l10n.t('it is not a regular file'));
}

function sizeOf(bytes: number): string {
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MB` : `${bytes / 2 ** 10} KB`;
}
