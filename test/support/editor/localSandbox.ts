import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxReady } from '../../../src/protocol/sandboxReady.ts';
import { freePort } from '../../../tools/editor/ports.ts';
import { until } from '../until.ts';
import { sandboxProcesses } from './processes.ts';

const program = path.resolve(__dirname, '../../../dist/sandbox.js');

/**
 * The local sandbox of an editor, started by a test where the extension keeps its own: a window finds it running, as
 * after another window started it. It always has the same ports, so that what was kept of it stays true.
 */
export class LocalSandbox {
  readonly #dataFolder: string;
  readonly #folder: string;
  #ports: [http: number, mqtt: number] | undefined;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
    this.#folder = path.join(dataFolder, 'data/User/globalStorage/cms-enablement.cms-enablement/sandbox');
  }

  /** Starts it with the state of a snapshot, or with a fresh one. */
  async start(snapshot?: string): Promise<void> {
    this.#ports ??= [await freePort(), await freePort()];
    const [httpPort, mqttPort] = this.#ports;
    const state = path.join(this.#folder, 'state');
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if (snapshot !== undefined) await cp(snapshot, state, { recursive: true });
    const child = spawn(
      process.execPath,
      [
        program,
        ...['--http-port', String(httpPort), '--mqtt-port', String(mqttPort)],
        ...['--state', state, '--ready-file', path.join(this.#folder, 'ready.json')],
        ...['--log-level', 'warn'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ready = await Promise.race([
      once(child.stdout, 'data').then(() => true),
      once(child, 'exit').then(() => false),
    ]);
    child.stdout.destroy();
    if (!ready) throw new Error(`The local sandbox ended with code ${String(child.exitCode)}.`);
  }

  /** Ends it at once, whoever started it, and forgets that there ever was one. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Ends it without a word; its state stays. */
  async kill(): Promise<void> {
    for (const pid of sandboxProcesses(this.#dataFolder)) process.kill(pid, 'SIGKILL');
    await until('the end of the sandbox', () => sandboxProcesses(this.#dataFolder).length === 0);
  }

  /** Copies the state it has written down: as of now once it was ended in good order. */
  async save(snapshot: string): Promise<void> {
    await this.shutdown();
    await cp(path.join(this.#folder, 'state'), snapshot, { recursive: true });
  }

  /** Ends it in good order, as from another window. */
  async shutdown(): Promise<void> {
    await this.call('POST', 'shutdown');
    await until('the end of the sandbox', () => sandboxProcesses(this.#dataFolder).length === 0);
  }

  async ready(): Promise<SandboxReady> {
    return JSON.parse(await readFile(path.join(this.#folder, 'ready.json'), 'utf8')) as SandboxReady;
  }

  async endpoint(): Promise<string> {
    return (await this.ready()).endpoint;
  }

  /** Hits the next `count` calls of an operation. */
  async fault(operation: string, action: Record<string, unknown>, count = 1): Promise<void> {
    await this.call('POST', 'faults', { operation, count, action });
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', 'faults');
  }

  async alterStack(name: string, change: Record<string, unknown>): Promise<void> {
    await this.call('PUT', `stacks/${name}`, change);
  }

  /** What the cloud received of a vehicle. */
  messages(vin: string): Promise<unknown> {
    return this.call('GET', `vehicles/${vin}/messages?limit=100000`);
  }

  private async call(method: string, at: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${await this.endpoint()}/_sandbox/${at}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_sandbox/${at}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}
