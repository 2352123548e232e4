import type { WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { once } from 'node:events';
import * as z from 'zod';
import { linesOf, LongLineError, openToRead, whyUnread } from '../../core/bounded.ts';
import { CmsError, isCmsError, throwIfAborted } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';
import { makeFolder, openFresh } from '../../core/safeFiles.ts';
import type { Clock } from '../../core/work.ts';
import type { MessageKind } from '../../telemetry/codec.ts';
import { acknowledgedSchema, type AcknowledgedMessage } from '../../protocol/simulation.ts';

/** A recorded run as JSON lines: one acknowledged message per line, with its payload as the cloud received it. */
export interface Recording {
  readonly file: string;
  /** Never waits and never fails. Messages that cannot be written, and omitted ones, count as `missed`. */
  add(messages: readonly AcknowledgedMessage[], omitted?: number): void;
  readonly written: number;
  readonly missed: number;
  /** Why messages are missing, if any are. */
  readonly problem: CmsError | undefined;
  close(): Promise<void>;
}

/** Limits the memory used if the disk is slower than the vehicles. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * Begins a recording; a file that is there is replaced. With `below`, the folders between it and the file are made, and
 * none of them may be a link. Throws CmsError RECORDING_FAILED.
 */
export async function openRecording(
  file: string,
  { generation, below }: { generation: string; below?: string },
): Promise<Recording> {
  const stream = await openStream(file, below);
  let problem: CmsError | undefined;
  /** True once nothing more is written. */
  let isOver = false;
  let written = 0;
  let missed = 0;
  stream.on('error', (error) => {
    isOver = true;
    problem ??= failed(file, error);
  });
  return {
    file,
    get written() {
      return written;
    },
    get missed() {
      return missed;
    },
    get problem() {
      return problem;
    },
    add(messages, omitted = 0) {
      missed += omitted;
      if (omitted > 0) problem ??= tooSlow(file, l10n.t('the run reports more messages than can be read'));
      for (const message of messages) {
        if (isOver || stream.writableLength > MOST_WAITING_BYTES) {
          isOver = true;
          missed += 1;
          problem ??= tooSlow(file, l10n.t('the disk is too slow to keep up with the run'));
          continue;
        }
        written += 1;
        stream.write(lineOf(message, generation), (error) => {
          // Messages in the buffer when the disk became full were not written.
          if (!error) return;
          written -= 1;
          missed += 1;
        });
      }
    },
    async close() {
      if (stream.closed) return;
      const closed = once(stream, 'close').catch(() => undefined);
      if (isOver) stream.destroy();
      else stream.end();
      await closed;
    },
  };
}

async function openStream(file: string, below: string | undefined): Promise<WriteStream> {
  try {
    if (below !== undefined) await makeFolder(below, dirname(file), 0o755);
    return (await openFresh(file, { orDevice: below === undefined })).createWriteStream();
  } catch (error) {
    if (!isCmsError(error)) throw failed(file, error);
    throw new CmsError('RECORDING_FAILED', error.sentence, { remedy: error.remedy, cause: error });
  }
}

function tooSlow(file: string, why: Message): CmsError {
  return new CmsError('RECORDING_FAILED', l10n.t('{file} is missing messages: {why}.', { file, why }), {
    remedy: l10n.t('Record fewer vehicles or to a faster disk; the run itself continues.'),
  });
}

/** JSON as it is, so that the line can be read and searched; any other payload as a string. */
function lineOf({ payload, encoding, ...message }: AcknowledgedMessage, generation: string): string {
  const head = JSON.stringify({ ...message, generation });
  if (payload === undefined) return `${head}\n`;
  const isJson =
    encoding === undefined && /^\{[^\r\n]*\}$/.test(payload) && parseJson(z.unknown(), payload).ok;
  const rest = isJson ? `"payload":${payload}` : JSON.stringify(defined({ payload, encoding })).slice(1, -1);
  return `${head.slice(0, -1)},${rest}}\n`;
}

/** Older recordings, which are all of CMS v1, call two kinds of messages as its topics do. */
const FORMER_KINDS: ReadonlyMap<unknown, MessageKind> = new Map([
  ['cardata', 'sample'],
  ['dtc', 'trouble'],
]);

const lineSchema = acknowledgedSchema.extend({
  type: z.preprocess((said) => FORMER_KINDS.get(said) ?? said, acknowledgedSchema.shape.type),
  vin: z.string().max(128),
  topic: z.string().max(1024),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]).optional(),
});
/** Enough for any message, because AWS IoT's limit is 128 KB. */
const LONGEST_LINE = 512 * 1024;

/** The messages of a recording, in order. Throws CmsError RECORDING_FAILED, which names the line. */
export async function* readRecording(
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<AcknowledgedMessage> {
  try {
    const input = (await openToRead(file)).stream();
    let number = 0;
    for await (const text of linesOf(input, { mostBytes: LONGEST_LINE, ...defined({ signal }) })) {
      number += 1;
      if (text !== '') yield messageOfLine(text, file, number);
    }
  } catch (error) {
    if (isCmsError(error)) throw error;
    throw error instanceof LongLineError ? tooLong(file, error.line) : failed(file, error);
  }
}

function tooLong(file: string, line: number): CmsError {
  const size = `${LONGEST_LINE / 1024} KB`;
  return new CmsError(
    'RECORDING_FAILED',
    l10n.t('{file}, line {line} is not a line of a recording: it is longer than {size}.', {
      file,
      line,
      size,
    }),
    { remedy: CHOOSE },
  );
}

const CHOOSE = l10n.t('Choose a file that "simulate --record" has written.');

function messageOfLine(text: string, file: string, line: number): AcknowledgedMessage {
  const read = parseJson(lineSchema, text);
  if (!read.ok) {
    throw new CmsError(
      'RECORDING_FAILED',
      l10n.t('{file}, line {line} is not a line of a recording.', { file, line }),
      { remedy: CHOOSE },
    );
  }
  const { payload, ...message } = read.value;
  return payload === undefined
    ? message
    : { ...message, payload: typeof payload === 'string' ? payload : JSON.stringify(payload) };
}

/** Longer gaps in a recording, such as pauses, are shortened to this. */
const LONGEST_WAIT_MS = 5000;

/** The messages of a recording with the milliseconds from its beginning at which each is played. */
async function* readPlayed(
  file: string,
  { speed, signal }: { speed: number; signal: AbortSignal },
): AsyncGenerator<{ message: AcknowledgedMessage; at: number }> {
  let before: number | undefined;
  let at = 0;
  for await (const message of readRecording(file, signal)) {
    throwIfAborted(signal);
    const gap = Math.max(0, message.time - (before ?? message.time)) / speed;
    before = Math.max(before ?? message.time, message.time);
    at += Math.min(gap, LONGEST_WAIT_MS);
    yield { message, at };
  }
}

/**
 * Plays a recording at its own pace, `speed` times as fast. Calls `play` with each message when it is due, and with the
 * milliseconds from the beginning at which that is; those before `from` are all due at once. Sends nothing. Throws
 * CmsError RECORDING_FAILED or CANCELLED.
 */
export async function replayRecording(
  file: string,
  options: { speed: number; from?: number; clock: Clock; signal: AbortSignal },
  play: (message: AcknowledgedMessage, at: number) => void,
): Promise<void> {
  const { speed, from = 0, clock, signal } = options;
  const begun = clock.now() - from;
  for await (const { message, at } of readPlayed(file, { speed, signal })) {
    const wait = begun + at - clock.now();
    if (wait > 1) await clock.sleep(wait, signal);
    play(message, at);
  }
}

/**
 * How long a recording plays at its own pace, in milliseconds; reads all of it. Throws CmsError RECORDING_FAILED or
 * CANCELLED.
 */
export async function recordingLength(file: string, signal: AbortSignal): Promise<number> {
  let length = 0;
  for await (const { at } of readPlayed(file, { speed: 1, signal })) length = at;
  return length;
}

const denied = l10n.t('permission is denied');
const REASONS: Readonly<Record<string, Message>> = {
  ENOSPC: l10n.t('the disk is full'),
  EDQUOT: l10n.t('the disk quota is used up'),
  EROFS: l10n.t('the disk is read-only'),
  EACCES: denied,
  EPERM: denied,
  ENOENT: l10n.t('there is no such file or folder'),
  EISDIR: l10n.t('it is a folder'),
};

function failed(file: string, error: unknown): CmsError {
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const why = REASONS[errno] ?? whyUnread(error);
  return new CmsError('RECORDING_FAILED', l10n.t('{file}: {why}.', { file, why }), {
    remedy: l10n.t('Choose another file, or make room. A run continues without its recording.'),
    cause: error,
  });
}
