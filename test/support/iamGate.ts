import { generate, parser as createParser, type Packet } from 'mqtt-packet';
import { WebSocket, WebSocketServer } from 'ws';
import { arn } from './awsCall.ts';
import { type Refusal, startAwsRelay } from './awsRelay.ts';
import { allows, type IamDocument, needlessIn, type Wish } from './iamDocument.ts';

/** An AWS endpoint with IAM. Calls that the caller's policies do not allow are refused like on AWS. */
export interface IamGate {
  readonly endpoint: string;
  /** Sets the policies of the caller, and clears the lists of calls and refused actions. */
  enter(documents: readonly IamDocument[]): void;
  /** `service:Operation` of every call since then. */
  called(): string[];
  /** Actions that were refused since then, with their resources. */
  refused(): string[];
  /** What of the policies no call since then needed, as `action on resource`: without it none would have been refused. */
  needless(): string[];
  close(): Promise<void>;
}

/** Starts a gate in front of a sandbox. The REST APIs of CMS do not use it, since their callers send a user token. */
export async function startIamGate(sandbox: { endpoint: string }): Promise<IamGate> {
  const target = new URL(sandbox.endpoint);
  let documents: readonly IamDocument[] = [];
  const called = new Set<string>();
  const refused = new Set<string>();
  const wished = new Map<string, Wish>();

  function permits(wishes: readonly Wish[]): boolean {
    for (const wish of wishes) wished.set(JSON.stringify(wish), wish);
    const missing = wishes.filter((wish) => !allows(documents, wish));
    for (const { action, resource } of missing) refused.add(`${action} on ${resource}`);
    return missing.length === 0;
  }

  const relayed = await startAwsRelay(sandbox, {
    before({ operation, wishes }) {
      called.add(operation);
      return permits(wishes) ? undefined : refusal(operation);
    },
  });

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'mqtt' });
  relayed.server.on('upgrade', (message, socket, head) => {
    sockets.handleUpgrade(message, socket, head, (client) => {
      const upstream = new WebSocket(`ws://${target.host}${message.url ?? ''}`, 'mqtt');
      relay(client, upstream, (wishes, operation) => {
        called.add(operation);
        return permits(wishes);
      });
    });
  });

  return {
    endpoint: relayed.endpoint,
    enter(next) {
      documents = next;
      called.clear();
      refused.clear();
      wished.clear();
    },
    called: () => [...called].sort(),
    refused: () => [...refused].sort(),
    needless: () => needlessIn(documents, [...wished.values()]),
    close() {
      for (const client of sockets.clients) client.terminate();
      return relayed.close();
    },
  };
}

function refusal(operation: string): Refusal {
  const message = `User is not authorized to perform: ${operation}`;
  if (/^(cloudformation|iam|sts):/.test(operation)) {
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error><RequestId>gate</RequestId></ErrorResponse>`;
    return { status: 403, headers: { 'content-type': 'text/xml' }, text };
  }
  const code = 'AccessDeniedException';
  if (operation.startsWith('s3:')) {
    const text = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
    return { status: 403, headers: { 'content-type': 'application/xml' }, text };
  }
  return {
    status: /^(iot|lambda):/.test(operation) ? 403 : 400,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    text: JSON.stringify({ __type: code, message }),
  };
}

/** MQTT over WebSocket, checked packet by packet. A packet that is not allowed ends the connection, as in AWS IoT. */
function relay(
  client: WebSocket,
  upstream: WebSocket,
  permits: (wishes: Wish[], operation: string) => boolean,
): void {
  const waiting: Buffer[] = [];
  const pass = (packet: Packet): void => {
    const bytes = generate(packet);
    if (upstream.readyState === WebSocket.OPEN) upstream.send(bytes);
    else waiting.push(bytes);
  };
  const fromClient = createParser({ protocolVersion: 4 });
  fromClient.on('packet', (packet) => {
    if (ask(packet, permits)) pass(packet);
    else client.terminate();
  });
  const fromCloud = createParser({ protocolVersion: 4 });
  fromCloud.on('packet', (packet) => {
    if (packet.cmd !== 'publish' || permitsReceive(packet.topic, permits)) client.send(generate(packet));
  });
  client.on('message', (data) => fromClient.parse(data as Buffer));
  upstream.on('message', (data) => fromCloud.parse(data as Buffer));
  upstream.on('open', () => {
    for (const bytes of waiting) upstream.send(bytes);
  });
  client.on('close', () => upstream.terminate());
  upstream.on('close', () => client.terminate());
  for (const socket of [client, upstream]) socket.on('error', () => undefined);
}

function ask(packet: Packet, permits: (wishes: Wish[], operation: string) => boolean): boolean {
  if (packet.cmd === 'connect') {
    return permits(
      [{ action: 'iot:Connect', resource: arn('iot', `client/${packet.clientId}`) }],
      'iot:Connect',
    );
  }
  if (packet.cmd !== 'subscribe') return packet.cmd !== 'publish';
  const wishes = packet.subscriptions.map(({ topic }) => ({
    action: 'iot:Subscribe',
    resource: arn('iot', `topicfilter/${topic}`),
  }));
  return permits(wishes, 'iot:Subscribe');
}

function permitsReceive(topic: string, permits: (wishes: Wish[], operation: string) => boolean): boolean {
  return permits([{ action: 'iot:Receive', resource: arn('iot', `topic/${topic}`) }], 'iot:Receive');
}
