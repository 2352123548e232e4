import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxReady } from '../../../src/protocol/sandboxReady.ts';
import { freePort } from '../../../tools/editor/ports.ts';
import { secretOf } from '../sandbox.ts';
import { until } from '../until.ts';

const program = path.resolve(__dirname, '../../../dist/sandbox.js');

/**
 * The local sandbox of an editor, started by a test in the extension's folder: a window finds it running, as if another
 * window had started it. It always has the same ports, so that stored endpoints stay valid.
 */
export class LocalSandbox {
  readonly storage: string;
  readonly #folder: string;
  #ports: [http: number, mqtt: number] | undefined;
  #child: ChildProcess | undefined;

  /** @param storage the extension's global storage folder */
  constructor(storage: string) {
    this.storage = storage;
    this.#folder = path.join(storage, 'sandbox');
  }

  /**
   * Starts it with the state of a snapshot, or with a fresh state.
   * @param install what of CMS is in it, as `--install` takes it; without it CMS v1
   */
  async start(snapshot?: string, install: readonly string[] = []): Promise<void> {
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
        // CMS learns about a new thing with a delay, which is short enough for tests here.
        ...['--event-delay-ms', '200', '--log-level', 'warn', '--run-functions'],
        ...install.flatMap((installation) => ['--install', installation]),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
    );
    this.#child = child;
    const ready = await Promise.race([
      once(child.stdout, 'data').then(() => true),
      once(child, 'exit').then(() => false),
    ]);
    child.stdout.destroy();
    if (!ready) throw new Error(`The local sandbox ended with code ${String(child.exitCode)}.`);
  }

  /** Ends it immediately, whoever started it, and deletes all its files. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Kills it; its state stays. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    // A window may have started another one.
    await this.shutdown();
  }

  /** Copies its saved state, which is up to date after a clean shutdown. */
  async save(snapshot: string): Promise<void> {
    const child = this.#child;
    const ended = child?.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    await this.shutdown();
    // It still writes its state when its port is closed already.
    await ended;
    await cp(path.join(this.#folder, 'state'), snapshot, { recursive: true });
  }

  /** Shuts it down cleanly, as another window would. Does nothing if none is running. */
  async shutdown(): Promise<void> {
    const ready = await this.ready().catch(() => undefined);
    if (ready === undefined) return;
    const { endpoint } = ready;
    const response = await fetch(`${endpoint}/_sandbox/shutdown`, {
      method: 'POST',
      headers: secretOf(ready),
    }).catch(() => undefined);
    if (response === undefined) return;
    const isThere = (): Promise<boolean> =>
      fetch(`${endpoint}/_sandbox/health`).then(
        () => true,
        () => false,
      );
    await until('the end of the sandbox', async () => !(await isThere()), { everyMs: 20 });
    // It still writes its state when its port is closed already, and gives its lock back last.
    const lock = path.join(this.#folder, 'state/lock');
    await until('the lock of the sandbox', () => !existsSync(lock), { everyMs: 20 });
  }

  async ready(): Promise<SandboxReady> {
    return JSON.parse(await readFile(path.join(this.#folder, 'ready.json'), 'utf8')) as SandboxReady;
  }

  async endpoint(): Promise<string> {
    return (await this.ready()).endpoint;
  }

  /** Makes the next `count` calls of an operation fail. */
  async fault(operation: string, action: Record<string, unknown>, count = 1): Promise<void> {
    await this.call('POST', 'faults', { operation, count, action });
  }

  /** Waits until calls have met all faults. */
  async faulted(): Promise<void> {
    await until('the call that a fault is for', async () => {
      const { faults } = (await this.call('GET', 'faults')) as { faults: unknown[] };
      return faults.length === 0;
    });
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', 'faults');
  }

  async alterStack(name: string, change: Record<string, unknown>): Promise<void> {
    await this.call('PUT', `stacks/${name}`, change);
  }

  /** Publishes as a backend does: by the HTTPS way of AWS IoT, which the sandbox wants signed, not signed well. */
  async publish(topic: string, body: string): Promise<void> {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/iotdata/aws4_request, SignedHeaders=host, Signature=0';
    const answer = await fetch(`${await this.endpoint()}/topics/${topic}?qos=1`, {
      ...{ method: 'POST', headers: { authorization }, body },
    });
    if (!answer.ok) throw new Error(`Publishing on ${topic}: ${answer.status} ${await answer.text()}`);
  }

  /** What the cloud received from a vehicle. */
  messages(vin: string): Promise<unknown> {
    return this.call('GET', `vehicles/${vin}/messages?limit=100000`);
  }

  private async call(method: string, at: string, body?: unknown): Promise<unknown> {
    const ready = await this.ready();
    const answer = await fetch(`${ready.endpoint}/_sandbox/${at}`, {
      method,
      headers: secretOf(ready),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_sandbox/${at}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}
