import type { ChildProcess } from 'node:child_process';
import { type CliRun, runCli } from '../cli.ts';
import type { LocalSandbox } from './localSandbox.ts';
import { PASSWORD } from './fleetSnapshot.ts';

/** A simulation in a terminal, outside the editor. */
export interface Drive {
  /** Ends the trips and waits until they have ended. */
  stop(): Promise<CliRun>;
  readonly ended: Promise<CliRun>;
}

/** The command line, connected to the local sandbox of an editor. */
export class Terminal {
  readonly #folder: string;
  readonly #sandbox: LocalSandbox;

  /** @param folder the working directory, with certificates in its folder `certs` */
  constructor(folder: string, sandbox: LocalSandbox) {
    this.#folder = folder;
    this.#sandbox = sandbox;
  }

  async run(...args: string[]): Promise<CliRun> {
    return runCli(await this.#withConnection(args), this.#start());
  }

  /** Starts to drive; resolves when the first messages were acknowledged. */
  async drive(...args: string[]): Promise<Drive> {
    const all = await this.#withConnection(['simulate', ...args]);
    let child: ChildProcess | undefined;
    let ended: Promise<CliRun> | undefined;
    await new Promise<void>((resolve, reject) => {
      ended = runCli(all, {
        ...this.#start(),
        onOutput(process, text) {
          child = process;
          if (/online|msgs\/s/.test(text)) resolve();
        },
      });
      ended.then(
        ({ code, stderr }) => reject(new Error(`The simulation ended with ${String(code)}: ${stderr}`)),
        reject,
      );
    });
    const run = ended ?? Promise.reject(new Error('It was not started.'));
    return {
      ended: run,
      stop() {
        child?.kill('SIGINT');
        return run;
      },
    };
  }

  #start() {
    return {
      cwd: this.#folder,
      env: { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox', CMS_PASSWORD: PASSWORD },
    };
  }

  async #withConnection(args: readonly string[]): Promise<string[]> {
    const { endpoint, caFile, region } = await this.#sandbox.ready();
    return [...args, '--endpoint', endpoint, '--ca', caFile, '--region', region];
  }
}
