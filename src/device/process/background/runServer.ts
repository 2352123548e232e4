import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { CmsError, messageOf } from '../../../core/errors.ts';
import { jsonLines, type JsonLines } from '../../../core/jsonLines.ts';
import { l10n } from '../../../core/message.ts';
import { isProof, newNonce, proofOf } from '../../../core/mutualProof.ts';
import { makePrivateFolder, removePrivateFolder } from '../../../core/safeFiles.ts';
import { type FromRun, type RunSoFar, type ToRun, toRunSchema } from '../../../protocol/backgroundRun.ts';

/** Windows say little: a control with the ids of a fleet is the longest. */
const LONGEST_LINE = 4 * 1024 * 1024;
/** Nobody has so many windows. */
const MOST_WINDOWS = 32;
const PROVE_MS = 10_000;
/** A window that takes nothing for so long is frozen: it must not hold up the run. */
const STALLED_MS = 5000;

/** Bytes in the path of a socket on macOS; Linux takes a few more. What is longer some Node.js cut off silently. */
const LONGEST_PATH = 103;

export interface RunServer {
  readonly socket: string;
  readonly token: string;
  /** Resolves when every window has taken it. */
  tell(message: FromRun): Promise<void>;
  close(): Promise<void>;
}

interface Window {
  socket: Socket;
  lines: JsonLines;
  isProven: boolean;
}

/** Listens for windows: on a socket in a folder of this user alone, or on a pipe with a name that nobody guesses. */
export async function startRunServer(handlers: {
  /** For a window that attaches; what is told after this call reaches it. */
  soFar: () => RunSoFar;
  /** @param window which one, for as long as it is attached */
  told: (message: Exclude<ToRun, { kind: 'proof' }>, window: object) => void;
  left: (window: object) => void;
}): Promise<RunServer> {
  const token = randomBytes(32).toString('base64url');
  const isWindows = process.platform === 'win32';
  // Paths of sockets are short: the folders of an editor's profile may be too long.
  const folder = isWindows ? undefined : await makePrivateFolder('cms-run-');
  const socket =
    folder === undefined
      ? `\\\\.\\pipe\\cms-enablement-${randomBytes(16).toString('hex')}`
      : `${folder}/run.sock`;
  const windows = new Set<Window>();
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    if (windows.size >= MOST_WINDOWS) {
      connection.destroy();
      return;
    }
    const nonce = newNonce();
    const window: Window = {
      socket: connection,
      lines: jsonLines(connection, LONGEST_LINE, (message) => receive(window, nonce, message)),
      isProven: false,
    };
    windows.add(window);
    const timer = setTimeout(() => {
      if (!window.isProven) connection.destroy();
    }, PROVE_MS);
    connection.on('close', () => {
      clearTimeout(timer);
      windows.delete(window);
      if (window.isProven) handlers.left(window);
    });
    void window.lines.send({ kind: 'challenge', nonce } satisfies FromRun);
  });

  function receive(window: Window, nonce: string, raw: unknown): void {
    const parsed = toRunSchema.safeParse(raw);
    if (!parsed.success || (parsed.data.kind === 'proof') === window.isProven) {
      window.socket.destroy();
      return;
    }
    const message = parsed.data;
    if (message.kind !== 'proof') {
      handlers.told(message, window);
      return;
    }
    if (!isProof(message.proof, proofOf(token, 'window', nonce))) {
      window.socket.destroy();
      return;
    }
    window.isProven = true;
    const proof = proofOf(token, 'run', message.nonce);
    void send(window, { kind: 'attached', proof, soFar: handlers.soFar() });
  }

  async function send({ socket: connection, lines }: Window, message: FromRun): Promise<void> {
    const timer = setTimeout(() => connection.destroy(), STALLED_MS);
    await lines.send(message);
    clearTimeout(timer);
  }

  // Bound at once, so for this user alone from the beginning.
  const before = process.umask(0o177);
  try {
    if (!isWindows && Buffer.byteLength(socket) > LONGEST_PATH) throw new Error('ENAMETOOLONG');
    server.listen(socket);
    process.umask(before);
    await once(server, 'listening');
  } catch (error) {
    process.umask(before);
    if (folder !== undefined) await removePrivateFolder(folder);
    throw cannotListen(socket, error);
  }
  server.on('error', () => undefined);
  return {
    socket,
    token,
    async tell(message) {
      const proven = [...windows].filter(({ isProven }) => isProven);
      await Promise.all(proven.map((window) => send(window, message)));
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const { socket: connection } of windows) connection.end();
      const late = setTimeout(() => {
        for (const { socket: connection } of windows) connection.destroy();
      }, STALLED_MS);
      await closed;
      clearTimeout(late);
      if (folder !== undefined) await removePrivateFolder(folder);
    },
  };
}

function cannotListen(path: string, cause: unknown): CmsError {
  return new CmsError(
    'DEVICE_PROCESS_FAILED',
    l10n.t("Couldn't listen on {path}: {why}", { path, why: messageOf(cause) }),
    {
      remedy: l10n.t(
        'The path of a socket can have 103 characters. If this one is longer, set TMPDIR to a shorter path and restart the editor.',
      ),
      cause,
    },
  );
}
