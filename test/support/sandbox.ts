import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { SECRET_HEADER, type SandboxReady } from '../../src/protocol/sandboxReady.ts';

const bundle = path.join(import.meta.dirname, '../../dist/sandbox.js');

export interface SandboxProcess {
  /** What stands in the ready file, with the secret. */
  ready: SandboxReady;
  /** What it printed. */
  readyLine: string;
  endpoint: string;
  /** `localhost:<port>` */
  mqttEndpoint: string;
  caFile: string;
  stateFolder: string;
  pid: number;
  /** Resolves with the exit code when the process ends for any reason. */
  exited: Promise<number | null>;
  /** Everything it has written to standard error so far. */
  log(): string;
  /** Calls the administration with the secret: `ask('GET', 'health')`. */
  ask(method: string, at: string, body?: unknown): Promise<unknown>;
  /** Makes the next `count` (default 1) calls of an operation such as `iot:CreateThing` fail. */
  fault(fault: { operation: string; count?: number; action: Record<string, unknown> }): Promise<void>;
  reset(): Promise<void>;
  advanceClock(ms: number): Promise<void>;
  alterStack(
    name: string,
    change: { status?: string; removeOutputs?: string[]; parameters?: Record<string, string> },
  ): Promise<void>;
  /** What the cloud received from a VIN: the body of `/_sandbox/vehicles/<VIN>/messages`. */
  messages(vin: string): Promise<unknown>;
  /** Sends SIGTERM; resolves with the exit code. Removes the state folder unless the test passed one. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. Keeps the state folder for a restart with `stateFolder`. */
  kill(): Promise<void>;
}

export interface SandboxStart {
  /** Added to `--http-port 0 --mqtt-port 0 --state …`. */
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** A folder that outlives the process; the caller removes it. */
  stateFolder?: string;
}

/** Any credentials work, since the sandbox only checks that a call is signed. */
export const testCredentials = { accessKeyId: 'AKIASANDBOX000000000', secretAccessKey: 'sandbox' };

/** The header that shows a sandbox who asks. */
export function secretOf({ secret }: { secret: string }): Record<string, string> {
  return { [SECRET_HEADER]: secret };
}

/** Starts the built sandbox on free ports and waits for its ready line. Run `npm run build` first. */
export async function startSandbox(options: SandboxStart = {}): Promise<SandboxProcess> {
  if (!existsSync(bundle)) throw new Error('dist/sandbox.js is missing: run `npm run build` first');
  const stateFolder = options.stateFolder ?? (await mkdtemp(path.join(os.tmpdir(), 'sandbox-test-')));
  const child = spawn(
    process.execPath,
    [bundle, ...['--http-port', '0', '--mqtt-port', '0', '--state', stateFolder], ...(options.args ?? [])],
    { env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = once(child, 'exit').then(() => child.exitCode);
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exited.then(() => undefined),
  ]);
  if (first === undefined) {
    if (options.stateFolder === undefined) await rm(stateFolder, { recursive: true, force: true });
    throw new Error(`the sandbox ended with ${child.exitCode}:\n${log}`);
  }
  const ready = JSON.parse(await readFile(path.join(stateFolder, 'ready.json'), 'utf8')) as SandboxReady;

  async function ask(method: string, at: string, body?: unknown): Promise<unknown> {
    const reply = await fetch(`${ready.endpoint}/_sandbox/${at}`, {
      method,
      headers: secretOf(ready),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} /_sandbox/${at}: ${reply.status} ${text}`);
    return JSON.parse(text);
  }
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  }

  return {
    ready,
    readyLine: first,
    endpoint: ready.endpoint,
    mqttEndpoint: ready.mqttEndpoint,
    caFile: ready.caFile,
    stateFolder,
    pid: child.pid!,
    exited,
    log: () => log,
    ask,
    fault: async (fault) => {
      await ask('POST', 'faults', fault);
    },
    reset: async () => {
      await ask('POST', 'reset');
    },
    advanceClock: async (ms) => {
      await ask('POST', 'clock', { advanceMs: ms });
    },
    alterStack: async (name, change) => {
      await ask('PUT', `stacks/${encodeURIComponent(name)}`, change);
    },
    messages: (vin) => ask('GET', `vehicles/${encodeURIComponent(vin)}/messages`),
    async stop() {
      const code = await end('SIGTERM');
      if (options.stateFolder === undefined) await rm(stateFolder, { recursive: true, force: true });
      return code;
    },
    kill: async () => {
      await end('SIGKILL');
    },
  };
}
