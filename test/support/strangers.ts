import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type SandboxProcess, testCredentials } from './sandbox.ts';

const run = promisify(execFile);

/** A certificate and its key. */
export interface Pair {
  crt: string;
  key: string;
}

/** AWS CLI, openssl and mosquitto against a sandbox, in one folder: programs that know nothing of this project. */
export interface Strangers {
  /** What the AWS CLI answers, as JSON; empty for calls without an answer. */
  aws(...args: string[]): Promise<Record<string, unknown>>;
  openssl(...args: string[]): Promise<string>;
  /**
   * A vehicle connects and sends one message, as mosquitto_pub does it. Resolves with whether it was let in.
   * @param pair files in the folder
   */
  send(pair: Pair, vin: string): Promise<boolean>;
  /** The same until it was let in: a vehicle comes again. */
  sendAgain(pair: Pair, vin: string): Promise<void>;
}

export function strangers(
  sandbox: Pick<SandboxProcess, 'endpoint' | 'mqttEndpoint' | 'caFile'> & { ready: { region: string } },
  folder: string,
): Strangers {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    AWS_DEFAULT_REGION: sandbox.ready.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
  async function send({ crt, key }: Pair, vin: string): Promise<boolean> {
    const port = sandbox.mqttEndpoint.split(':')[1] ?? '';
    const args = [
      ...['-h', 'localhost', '-p', port, '--cafile', sandbox.caFile, '-V', 'mqttv311', '-q', '1'],
      ...['--cert', crt, '--key', key, '-i', vin, '-t', `dt/cvra/${vin}/cardata`, '-m', '{}'],
    ];
    return run('mosquitto_pub', args, { cwd: folder, timeout: 20_000 }).then(
      () => true,
      () => false,
    );
  }
  return {
    send,
    async aws(...args) {
      const all = ['--endpoint-url', sandbox.endpoint, '--output', 'json', ...args];
      const { stdout } = await run('/usr/bin/aws', all, { env, cwd: folder });
      return (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
    },
    async openssl(...args) {
      const running = run('openssl', args, { cwd: folder });
      running.child.stdin?.end();
      return (await running).stdout;
    },
    async sendAgain(pair, vin) {
      for (let tries = 0; tries < 20; tries += 1) if (await send(pair, vin)) return;
      throw new Error(`${vin} was not let in`);
    },
  };
}
