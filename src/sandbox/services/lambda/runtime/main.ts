/*
 * The process of one function, in a bundle of its own (dist/lambda.js): it loads `index.js` of the folder it was started
 * in, gives it the AWS SDK as AWS's Node.js runtime does, and calls its handler with each payload that comes.
 */
import * as dynamoDb from '@aws-sdk/client-dynamodb';
import * as iot from '@aws-sdk/client-iot';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import type { FromFunction, ToFunction } from '../contract.ts';

const provided: Readonly<Record<string, unknown>> = {
  '@aws-sdk/client-dynamodb': dynamoDb,
  '@aws-sdk/client-iot': iot,
};
const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
const load = loader._load.bind(loader);
loader._load = (name, ...rest) => provided[name] ?? load(name, ...rest);

type Handler = (event: unknown, context: object) => unknown;

function handlerIn(folder: string, name: string): Handler {
  const [file = '', exported = ''] = name.split('.');
  const found = (createRequire(path.join(folder, 'index.js'))(`./${file}`) as Record<string, unknown>)[
    exported
  ];
  if (typeof found === 'function') return found as Handler;
  throw Object.assign(new Error(`${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
}

function answer(message: FromFunction): void {
  process.send?.(message);
}

process.on('message', ({ id, payload }: ToFunction) => {
  void (async () => {
    try {
      const handler = handlerIn(process.env.LAMBDA_TASK_ROOT ?? '.', process.env._HANDLER ?? 'index.handler');
      const context = {
        functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: '$LATEST',
        awsRequestId: String(id),
      };
      answer({ id, result: (await handler(payload, context)) ?? null });
    } catch (error) {
      const { name: type, message } = error instanceof Error ? error : new Error(String(error));
      answer({ id, failed: { type, message } });
    }
  })();
});
// Nobody is left who could ask.
process.on('disconnect', () => process.exit(0));
