import { existsSync, unwatchFile, watchFile } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ConnectionOptions } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { checkFolder, makeFolder } from '../../core/safeFiles.ts';
import { unlessAborted } from '../../core/shared.ts';
import type { SandboxReady } from '../../protocol/sandboxReady.ts';
import { administer, install, isHealthy } from './administration.ts';
import { idOf, installArguments, wantedInstallations } from './installations.ts';
import { lastPort } from './lastPort.ts';
import { answers, readReady, shutDown } from './readySandbox.ts';
import { startProcess } from './startProcess.ts';

/** The id under which the local sandbox is reached like any other connection. */
export const SANDBOX_ID = 'sandbox';

export type SandboxStatus = 'stopped' | 'starting' | 'running' | 'stopping';

const HEARTBEAT_MS = 5_000;
/** How soon a window notices what another one did to the sandbox. */
const NOTICE_MS = 1_000;
/** The sandbox ends by itself when no window has asked for its health this long. */
const IDLE_SECONDS = 60;

/** A start under way, and how many wait for it. */
interface Starting {
  abort: AbortController;
  ready: Promise<SandboxReady>;
  /** Never rejects. */
  settled: Promise<void>;
  waiting: number;
}

/**
 * The one local sandbox of this user: several windows share it through its ready file, and it
 * outlives a window's reload. It is a process of its own, reached over loopback like AWS.
 */
export class SandboxController implements vscode.Disposable {
  readonly #storage: string;
  readonly #folder: string;
  readonly #program: string;
  readonly #changed = new vscode.EventEmitter<SandboxStatus>();
  readonly onDidChange = this.#changed.event;
  readonly #invalidated = new vscode.EventEmitter<void>();
  /** What was known of the sandbox (its connection, sign-ins, rows) no longer holds. Fired before `onDidChange`. */
  readonly onDidInvalidate = this.#invalidated.event;
  #status: SandboxStatus = 'stopped';
  #ready: SandboxReady | undefined;
  /** Where it listened when it ran last. */
  #last: SandboxReady | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #starting: Starting | undefined;
  readonly #noticed = (): void => void this.check();

  /**
   * @param storage the extension's global storage folder
   * @param distFolder absolute path of the folder that holds sandbox.js
   */
  constructor(storage: string, distFolder: string) {
    this.#storage = storage;
    this.#folder = path.join(storage, 'sandbox');
    this.#program = path.join(distFolder, 'sandbox.js');
    // Polled, because the folder may not be there yet and network file systems tell nothing.
    watchFile(this.readyFile, { interval: NOTICE_MS, persistent: false }, this.#noticed);
  }

  get status(): SandboxStatus {
    return this.#status;
  }

  /** Whether this user ever started one: until then the view welcomes instead of listing it. */
  get known(): boolean {
    return this.#status !== 'stopped' || existsSync(path.join(this.#folder, 'state'));
  }

  /** Where it listens; undefined unless it runs. */
  get ready(): SandboxReady | undefined {
    return this.#ready;
  }

  get logFile(): string {
    return path.join(this.#folder, 'sandbox.log');
  }

  /** How to connect to it: an endpoint and a CA, as one would to any other. */
  connectionOptions(): ConnectionOptions {
    const { region, endpoint, caFile, secret } = this.connectionReady();
    return {
      region,
      endpoint,
      endpointSecret: secret,
      caFile,
      credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    };
  }

  /** Notices a sandbox that another window, or this one before a reload, started. */
  async attach(): Promise<boolean> {
    // What others could have written there is no sandbox of this user.
    const ready = await readReady(this.readyFile).catch(() => undefined);
    if (ready === undefined || !(await answers(ready))) return false;
    this.#set('running', ready);
    this.#watch();
    return true;
  }

  /**
   * Adds what the setting names and the sandbox does not have; what the setting no longer names stays until the next
   * start. Resolves with the installations that were added; with none when it does not run.
   * @throws CmsError REQUEST_INVALID for one that cannot be installed
   */
  async installMissing(signal: AbortSignal): Promise<string[]> {
    const ready = this.#ready;
    // One of before 0.3 says of no installation, and takes none.
    if (this.#status !== 'running' || ready === undefined || ready.installations.length === 0) return [];
    const has = new Set(ready.installations.map(({ id }) => id));
    const missing = wantedInstallations().filter((wanted) => !has.has(idOf(wanted)));
    try {
      for (const wanted of missing) await install(ready, wanted, signal);
    } finally {
      if (missing.length > 0) await this.#readAgain();
    }
    return missing;
  }

  /** Learns what was installed since, by this window or another. */
  async #readAgain(): Promise<void> {
    const ready = this.#ready;
    const now = await readReady(this.readyFile).catch(() => undefined);
    if (ready === undefined || now?.secret !== ready.secret || this.#ready !== ready) return;
    if (now.installations.length === ready.installations.length) return;
    this.#ready = now;
    this.#last = now;
    this.#changed.fire(this.#status);
  }

  /** Starts it, once however many ask at a time; ends the start when none of them waits any more. */
  async start(signal: AbortSignal): Promise<SandboxReady> {
    if (this.#starting?.abort.signal.aborted === true) {
      // It still has the state folder.
      await unlessAborted(this.#starting.settled, signal);
    }
    const starting = (this.#starting ??= this.#begin());
    starting.waiting += 1;
    try {
      return await unlessAborted(starting.ready, signal);
    } finally {
      starting.waiting -= 1;
      if (starting.waiting === 0) starting.abort.abort();
    }
  }

  #begin(): Starting {
    const abort = new AbortController();
    const ready = this.#start(abort.signal);
    const over = (): void => {
      this.#starting = undefined;
    };
    return { abort, ready, settled: ready.then(over, over), waiting: 0 };
  }

  async #start(signal: AbortSignal): Promise<SandboxReady> {
    if (this.#ready !== undefined && (await isHealthy(this.#ready))) return this.#ready;
    if (await this.attach()) return this.connectionReady();
    this.#set('starting');
    try {
      const ready = await this.#spawn(signal);
      this.#set('running', ready);
      this.#watch();
      return ready;
    } catch (error) {
      this.#set('stopped');
      throw error;
    }
  }

  /** Ends a start, too, that is under way. When it does not end, or nobody waits for that, it counts as running. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#starting?.abort.abort();
    await this.#starting?.settled;
    const ready = this.#ready ?? (await readReady(this.readyFile).catch(() => undefined));
    clearInterval(this.#heartbeat);
    if (ready !== undefined) {
      this.#set('stopping', ready);
      try {
        await shutDown(ready, signal);
      } catch (error) {
        this.#set('running', ready);
        this.#watch();
        throw error;
      }
    }
    await rm(this.readyFile, { force: true });
    this.#set('stopped');
  }

  /** Empties it: everything is installed anew, every vehicle, user and certificate is gone. */
  async reset(signal: AbortSignal): Promise<void> {
    const ready = this.#ready;
    if (ready !== undefined) {
      if ((await administer(ready, 'reset', signal)).status !== 200)
        throw new CmsError('ENDPOINT_UNREACHABLE', l10n.t('The local sandbox refused to reset.'));
    } else {
      await rm(path.join(this.#folder, 'state'), { recursive: true, force: true });
    }
    this.#invalidated.fire();
    this.#changed.fire(this.#status);
  }

  connectionReady(): SandboxReady {
    if (this.#ready === undefined) throw notRunning();
    return this.#ready;
  }

  /** Where it says how it is reached, and its secret. */
  get readyFile(): string {
    return path.join(this.#folder, 'ready.json');
  }

  async #spawn(signal: AbortSignal): Promise<SandboxReady> {
    const settings = vscode.workspace.getConfiguration('cmsEnablement.sandbox');
    await makeFolder(this.#storage, this.#folder);
    // The secret of the sandbox is in it.
    await checkFolder(this.#folder);
    await rm(this.readyFile, { force: true });
    const httpPort = await lastPort(settings.get<number>('httpPort', 0), this.#last?.endpoint);
    const mqttPort = await lastPort(settings.get<number>('mqttPort', 0), this.#last?.mqttEndpoint);
    const command = [
      this.#program,
      ...['--http-port', String(httpPort)],
      ...['--mqtt-port', String(mqttPort)],
      ...['--state', path.join(this.#folder, 'state')],
      ...['--ready-file', this.readyFile],
      ...['--exit-when-idle-seconds', String(IDLE_SECONDS)],
      ...installArguments(),
    ];
    return startProcess({ command, logFile: this.logFile, ready: () => readReady(this.readyFile) }, signal);
  }

  /** Asks for its health: keeps it alive, and tells within seconds when it is gone. */
  #watch(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
  }

  async #beat(): Promise<void> {
    const ready = this.#ready;
    if (ready === undefined || this.#status !== 'running') return;
    if (await answers(ready)) return;
    if (this.#ready !== ready) return;
    clearInterval(this.#heartbeat);
    this.#set('stopped');
  }

  /** Looks whether another window, or a terminal, started or ended it. */
  async check(): Promise<void> {
    if (this.#status === 'stopped') {
      await this.attach();
      return;
    }
    await this.#beat();
    await this.#readAgain();
  }

  #set(status: SandboxStatus, ready?: SandboxReady): void {
    this.#status = status;
    this.#ready = ready;
    this.#last = ready ?? this.#last;
    void vscode.commands.executeCommand('setContext', 'cmsEnablement.sandbox', status);
    if (status === 'running' || status === 'stopped') this.#invalidated.fire();
    this.#changed.fire(status);
  }

  /** The process is left alone: other windows may use it, and it ends by itself when none does. */
  dispose(): void {
    unwatchFile(this.readyFile, this.#noticed);
    clearInterval(this.#heartbeat);
    this.#invalidated.dispose();
    this.#changed.dispose();
  }
}

function notRunning(): CmsError {
  return new CmsError('ENDPOINT_UNREACHABLE', l10n.t('The local sandbox is not running.'), {
    remedy: l10n.t('Start the local sandbox.'),
  });
}
