/*
 * The process of one function, in a bundle of its own (dist/lambda.js): it is told the code, gives it the AWS SDK as AWS's
 * Node.js runtime does, and calls its handler with each payload that comes.
 */
import Module from 'node:module';
import * as dynamoDb from '@aws-sdk/client-dynamodb';
import * as iot from '@aws-sdk/client-iot';
import type { FromFunction, FunctionCode, ToFunction } from '../contract.ts';

const provided: Readonly<Record<string, unknown>> = {
  '@aws-sdk/client-dynamodb': dynamoDb,
  '@aws-sdk/client-iot': iot,
};
const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
const load = loader._load.bind(loader);
loader._load = (name, ...rest) => provided[name] ?? load(name, ...rest);

type Handler = (event: unknown, context: object) => unknown;

/** Where Lambda has the code of a function. */
const FILE = '/var/task/index.js';
let handler: Handler | undefined;

function loaded({ code, handler: name }: FunctionCode): Handler {
  const made = new Module(FILE) as Module & { _compile: (code: string, file: string) => void };
  made._compile(code, FILE);
  const found = (made.exports as Record<string, unknown>)[name.split('.')[1] ?? ''];
  if (typeof found === 'function') return found as Handler;
  throw Object.assign(new Error(`${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
}

function answer(message: FromFunction): void {
  process.send?.(message);
}

let whole: FunctionCode | undefined;
process.on('message', (message: FunctionCode | ToFunction) => {
  if ('code' in message) {
    whole = message;
    return;
  }
  const { id, payload } = message;
  void (async () => {
    try {
      if (whole === undefined) throw new Error('There is no code.');
      handler ??= loaded(whole);
      const context = {
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: '$LATEST',
        awsRequestId: String(id),
      };
      answer({ id, result: (await handler(payload, context)) ?? null });
    } catch (error) {
      const { name: type, message: text } = error instanceof Error ? error : new Error(String(error));
      answer({ id, failed: { type, message: text } });
    }
  })();
});
// Nobody is left who could ask.
process.on('disconnect', () => process.exit(0));
