import { Worker } from 'node:worker_threads';

/** In the words of JavaScript: it runs beside a thread that hangs. */
const PROGRAM = `
const { workerData: { shared, file, limitMs } } = require('node:worker_threads');
const { writeFileSync } = require('node:fs');
const state = new Int32Array(shared, 0, 4);
const input = new Uint8Array(shared, 16);
let number = -1;
let since = 0;
while (state[3] === 0) {
  Atomics.wait(state, 3, 0, 50);
  const now = performance.now();
  if (state[0] !== number || state[2] === 0) {
    number = state[0];
    since = now;
  } else if (now - since > limitMs) {
    writeFileSync(file + '.number', String(state[0]));
    writeFileSync(file, input.slice(0, state[1]));
    process.kill(process.pid, 'SIGKILL');
  }
}
`;

const LONGEST_INPUT = 1024 * 1024;

/** Ends this process when an input takes too long, and leaves the input in a file. */
export class Watchdog {
  readonly #state: Int32Array;
  readonly #input: Uint8Array;
  readonly #worker: Worker;

  constructor(file: string, limitMs: number) {
    const shared = new SharedArrayBuffer(16 + LONGEST_INPUT);
    this.#state = new Int32Array(shared, 0, 4);
    this.#input = new Uint8Array(shared, 16);
    this.#worker = new Worker(PROGRAM, { eval: true, workerData: { shared, file, limitMs }, execArgv: [] });
    this.#worker.unref();
  }

  begin(number: number, input: Uint8Array): void {
    this.#input.set(input.subarray(0, LONGEST_INPUT));
    this.#state[1] = input.length;
    this.#state[0] = number;
    this.#state[2] = 1;
  }

  end(): void {
    this.#state[2] = 0;
  }

  async close(): Promise<void> {
    this.#state[3] = 1;
    Atomics.notify(this.#state, 3);
    await this.#worker.terminate();
  }
}
