import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { cancelled, CmsError, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { jsonLines, type JsonLines } from '../../core/jsonLines.ts';
import { l10n } from '../../core/message.ts';
import { isProof, newNonce, proofOf } from '../../core/mutualProof.ts';
import { errorOf } from '../../core/problem.ts';
import { checkFolder, hasCode, isOpenToRead, readFileOfOurs, removeFile } from '../../core/safeFiles.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { Work } from '../../core/work.ts';
import {
  fromRunSchema,
  type FromRun,
  type RunRecord,
  runRecordSchema,
  type RunResult,
  runResultSchema,
  type RunSoFar,
  type ToRun,
} from '../../protocol/backgroundRun.ts';
import type { SimulationResult } from '../../protocol/simulation.ts';
import type { DeviceProcess } from './deviceProcess.ts';
import { runningSimulation, type RunningSimulation, type SimulationHandlers } from './startSimulation.ts';

const RECORD = '.run.json';
const RESULT = '.result.json';
/** A route may have half a million points. */
const LONGEST_RECORD = 64 * 1024 * 1024;
/** A hundred thousand rows of every column. */
const LONGEST_RESULT = 128 * 1024 * 1024;
const ATTACH_MS = 10_000;

/** Where the record and the result of a run are. */
export function backgroundFiles(folder: string, id: string): { file: string; resultFile: string } {
  const name = id.replaceAll(/[^\w.-]/g, '_');
  return { file: join(folder, `${name}${RECORD}`), resultFile: join(folder, `${name}${RESULT}`) };
}

/**
 * The records in a folder, of runs that go on and of those that ended. Records that others could have written, or read,
 * or that cannot be read, are left out and told.
 */
export async function backgroundRecords(
  folder: string,
  unread: (error: unknown) => void,
): Promise<RunRecord[]> {
  if (!(await checkFolder(folder))) return [];
  const records: RunRecord[] = [];
  for (const name of (await readdir(folder)).filter((each) => each.endsWith(RECORD)).sort()) {
    try {
      const record = await readPrivate(join(folder, name), runRecordSchema, LONGEST_RECORD);
      if (record === undefined) continue;
      keepSecret(record.token);
      records.push(record);
    } catch (error) {
      unread(error);
    }
  }
  return records;
}

/** What a run came to; undefined until it is over. Throws CmsError. */
export function backgroundResult(folder: string, id: string): Promise<RunResult | undefined> {
  return readPrivate(backgroundFiles(folder, id).resultFile, runResultSchema, LONGEST_RESULT);
}

/**
 * Its result is kept elsewhere, or it has none.
 * @returns whether it was known until now: of several windows, one is told so
 */
export async function forgetBackgroundRun(folder: string, id: string): Promise<boolean> {
  const { file, resultFile } = backgroundFiles(folder, id);
  const wasKnown = await removeFile(file);
  await removeFile(resultFile);
  return wasKnown;
}

/** A run that goes on in another process. */
export interface AttachedRun {
  readonly soFar: RunSoFar;
  /** Updates come from now on, and controls go there; once only. An abort ends the run. */
  follow(id: string, handlers: SimulationHandlers, work: Pick<Work, 'clock' | 'signal'>): RunningSimulation;
  /** Leaves it to itself. */
  detach(): void;
}

/** Attaches to a run; undefined when its process is gone. Throws CmsError when something else listens there. */
export async function attachBackgroundRun({
  socket: path,
  token,
}: RunRecord): Promise<AttachedRun | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  const attached = await handshake(socket, token);
  const ended = new AbortController();
  return {
    soFar: attached.soFar,
    detach() {
      ended.abort();
      socket.destroy();
    },
    follow: (id, handlers, work) =>
      runningSimulation(id, (told) => follow(attached, told, work.signal, ended.signal), handlers, work),
  };
}

interface Attached {
  socket: Socket;
  lines: JsonLines;
  soFar: RunSoFar;
  /** Messages that came before somebody listens wait for them. */
  listen: (receive: (message: FromRun) => void) => void;
}

function handshake(socket: Socket, token: string): Promise<Attached> {
  return new Promise((resolve, reject) => {
    const nonce = newNonce();
    let isAttached = false;
    let waiting: FromRun[] | undefined = [];
    let receive = (message: FromRun): void => void waiting?.push(message);
    const failed = (): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(notOurs());
    };
    const timer = setTimeout(failed, ATTACH_MS);
    socket.on('error', () => undefined);
    socket.once('close', failed);
    const lines = jsonLines(socket, LONGEST_RESULT, (raw) => {
      const parsed = fromRunSchema.safeParse(raw);
      if (!parsed.success) {
        socket.destroy();
        return;
      }
      const message = parsed.data;
      if (isAttached) receive(message);
      else if (message.kind === 'challenge') {
        const proof = proofOf(token, 'window', message.nonce);
        void lines.send({ kind: 'proof', proof, nonce } satisfies ToRun);
      } else if (message.kind === 'attached' && isProof(message.proof, proofOf(token, 'run', nonce))) {
        isAttached = true;
        clearTimeout(timer);
        socket.off('close', failed);
        const listen: Attached['listen'] = (listener) => {
          receive = listener;
          for (const each of waiting ?? []) listener(each);
          waiting = undefined;
        };
        resolve({ socket, lines, soFar: message.soFar, listen });
      } else socket.destroy();
    });
  });
}

/** The run as `DeviceProcess.simulate` tells it. */
async function follow(
  { socket, lines, soFar, listen }: Attached,
  { update, steer }: Parameters<DeviceProcess['simulate']>[1],
  signal: AbortSignal,
  detached: AbortSignal,
): Promise<SimulationResult> {
  const send = (message: ToRun): void => void lines.send(message);
  steer((control) => send({ kind: 'control', control }));
  const abort = (): void => send({ kind: 'abort' });
  signal.addEventListener('abort', abort, { once: true });
  try {
    // The caller is told what it starts with only after it has the run.
    await Promise.resolve();
    const { totals, vehicles } = soFar;
    if (totals !== undefined) update({ totals, vehicles, messages: [], omitted: 0 });
    return await new Promise((resolve, reject) => {
      const lost = (): void => reject(detached.aborted ? cancelled() : lostContact());
      socket.once('close', lost);
      if (socket.destroyed) lost();
      listen((message) => {
        if (message.kind === 'simulation-update') update(message);
        if (message.kind === 'done') resolve(message.result);
        if (message.kind === 'failed') reject(errorOf(message.problem, 'DEVICE_PROCESS_FAILED'));
      });
    });
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** Undefined if it is not there. */
async function readPrivate<T>(
  path: string,
  schema: Parameters<typeof parseJson<T>>[0],
  longest: number,
): Promise<T | undefined> {
  let text: string;
  try {
    if (await isOpenToRead(path)) throw unusable(path);
    text = await readFileOfOurs(path, longest);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw isCmsError(error) ? error : unusable(path, error);
  }
  const read = parseJson(schema, text);
  if (!read.ok) throw unusable(path);
  return read.value;
}

function isGone(error: unknown): boolean {
  return hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT');
}

function unusable(file: string, cause?: unknown): CmsError {
  return new CmsError(
    'DEVICE_PROCESS_FAILED',
    l10n.t("Couldn't read {file}, which describes a simulation in the background.", { file }),
    { remedy: l10n.t('Delete the file. The simulation still ends at the end of its route.'), cause },
  );
}

function notOurs(): CmsError {
  return new CmsError(
    'DEVICE_PROCESS_FAILED',
    l10n.t("Couldn't attach to a simulation in the background: it didn't prove that it was started here."),
    { remedy: l10n.t('Reload the window to try again.') },
  );
}

/** Nobody knows yet whether it goes on: who attaches again learns that. */
function lostContact(): CmsError {
  return new CmsError(
    'DEVICE_PROCESS_FAILED',
    l10n.t('The connection to the simulation in the background was lost.'),
  );
}
