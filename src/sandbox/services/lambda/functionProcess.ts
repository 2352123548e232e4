import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Context } from '../../kernel/context.ts';
import { environmentOf, type RoleCredentials } from '../iam/roleSessions.ts';
import type { DeployedFunction, FromFunction, FunctionCode, ToFunction } from './contract.ts';
import { FunctionError } from './functions.ts';

/** One environment of a function, which answers one payload at a time. */
export interface FunctionProcess {
  readonly busy: boolean;
  invoke(payload: unknown): Promise<unknown>;
  end(): void;
}

/** What a process of a function is given. */
export interface FunctionSurroundings {
  credentials: RoleCredentials;
  /** Writes a line into the function's log group. */
  write: (line: string) => void;
  onEnd: () => void;
}

/** A process that nobody called for so long ends. */
const IDLE_MS = 60_000;

/** Starts a function in a process, with the variables that Lambda sets, and the endpoint of the sandbox. */
export function startFunctionProcess(
  { log, endpoints, config }: Context,
  deployed: DeployedFunction,
  { credentials, write, onEnd }: FunctionSurroundings,
): FunctionProcess {
  const { name, code, handler, timeoutMs, memoryMb, environment } = deployed;
  // The bundle beside the sandbox's own.
  const child: ChildProcess = fork(path.join(__dirname, 'lambda.js'), [], {
    cwd: os.tmpdir(),
    execArgv: [`--max-old-space-size=${memoryMb}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...environment,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_REGION: config.region,
      AWS_DEFAULT_REGION: config.region,
      ...environmentOf(credentials),
      AWS_ENDPOINT_URL: endpoints.http,
      _HANDLER: handler,
      // Of the SDK, about the version of Node.js that this is.
      NODE_NO_WARNINGS: '1',
      TZ: ':UTC',
    },
  });
  const first: FunctionCode = { code, handler };
  child.send(first);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((each) => each !== '')) {
        log('info', `${name}: ${line.slice(0, 4096)}`);
        write(line);
      }
    });
  }
  let waiting: { id: number; resolve: (value: unknown) => void; reject: (error: Error) => void } | undefined;
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  const rest = (): void => {
    idle = setTimeout(() => child.kill('SIGKILL'), IDLE_MS).unref();
  };
  child.on('message', (message: FromFunction) => {
    if (waiting?.id !== message.id) return;
    const { resolve, reject } = waiting;
    waiting = undefined;
    rest();
    if ('failed' in message) {
      const { type, message: text } = message.failed;
      write(`ERROR\tInvoke Error\t${JSON.stringify({ errorType: type, errorMessage: text })}`);
      reject(new FunctionError(type, text));
    } else resolve(message.result);
  });
  const ended = (): void => {
    clearTimeout(idle);
    if (waiting !== undefined) write(`Runtime.ExitError: The process of ${name} ended.`);
    waiting?.reject(new FunctionError('Runtime.ExitError', `The process of ${name} ended.`));
    waiting = undefined;
    onEnd();
  };
  child.once('exit', ended);
  child.once('error', (error) => log('warn', `The process of ${name}: ${error.message}`));

  return {
    get busy() {
      return waiting !== undefined;
    },
    async invoke(payload) {
      clearTimeout(idle);
      const id = (count += 1);
      const requestId = randomUUID();
      const begunAt = performance.now();
      write(`START RequestId: ${requestId} Version: $LATEST`);
      const late = setTimeout(() => {
        const text = `Task timed out after ${timeoutMs / 1000} seconds`;
        write(text);
        waiting?.reject(new FunctionError('Sandbox.Timedout', text));
        waiting = undefined;
        child.kill('SIGKILL');
      }, timeoutMs).unref();
      try {
        return await new Promise((resolve, reject) => {
          waiting = { id, resolve, reject };
          const message: ToFunction = { id, payload };
          child.send(message);
        });
      } finally {
        clearTimeout(late);
        const took = (performance.now() - begunAt).toFixed(2);
        write(`END RequestId: ${requestId}`);
        write(`REPORT RequestId: ${requestId}\tDuration: ${took} ms\tMemory Size: ${memoryMb} MB`);
      }
    },
    end: () => void child.kill('SIGKILL'),
  };
}
