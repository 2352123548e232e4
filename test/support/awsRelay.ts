import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsCall, createCallReader } from './awsCall.ts';

/** What is answered instead of the sandbox. */
export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** What happens to the calls of a client on their way. */
export interface Passing {
  /** Before a call reaches the sandbox, which it does not when there is an answer. */
  before?(call: AwsCall): Promise<Refusal | undefined> | Refusal | undefined;
  /** When the sandbox has done what was asked for, and nobody knows yet. */
  after?(call: AwsCall): Promise<void> | void;
}

/** An AWS endpoint in front of a sandbox. Only HTTP: MQTT goes to the sandbox itself. */
export interface AwsRelay {
  readonly endpoint: string;
  readonly server: Server;
  close(): Promise<void>;
}

export async function startAwsRelay(sandbox: { endpoint: string }, passing: Passing): Promise<AwsRelay> {
  const read = createCallReader();
  const target = new URL(sandbox.endpoint);
  const server = createServer((message, response) => {
    void (async () => {
      const body = await bodyOf(message);
      const call = read(message, body);
      const refused = await passing.before?.(call);
      if (refused !== undefined) {
        response.writeHead(refused.status, refused.headers).end(refused.text);
        return;
      }
      const forwarded = send(
        {
          ...{ host: target.hostname, port: target.port, method: message.method, path: message.url },
          headers: { ...message.headers, host: target.host },
        },
        (answer) => {
          void (async () => {
            const text = await bodyOf(answer);
            await passing.after?.(call);
            response.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
          })().catch(() => response.destroy());
        },
      );
      forwarded.on('error', () => response.destroy());
      forwarded.end(body);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
