import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generate, parser as createParser, type Packet } from 'mqtt-packet';
import { WebSocket, WebSocketServer } from 'ws';
import type { HttpRequest } from '../../src/sandbox/kernel/http.ts';
import { createIot } from '../../src/sandbox/services/iot/iot.ts';
import { allows, type IamDocument, type Wish } from './iamDocument.ts';
import { createTestContext } from './sandboxContext.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-west-2';
const arn = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** An AWS endpoint with IAM. Calls that the caller's policies do not allow are refused like on AWS. */
export interface IamGate {
  readonly endpoint: string;
  /** Sets the policies of the caller, and clears the lists of calls and refused actions. */
  enter(documents: readonly IamDocument[]): void;
  /** `service:Operation` of every call since then. */
  called(): string[];
  /** Actions that were refused since then, with their resources. */
  refused(): string[];
  close(): Promise<void>;
}

/** Starts a gate in front of a sandbox. The REST APIs of CMS do not use it, since their callers send a user token. */
export async function startIamGate(sandbox: { endpoint: string }): Promise<IamGate> {
  const iot = createIot(createTestContext(), {} as never).service;
  const target = new URL(sandbox.endpoint);
  let documents: readonly IamDocument[] = [];
  const called = new Set<string>();
  const refused = new Set<string>();

  function permits(wishes: readonly Wish[]): boolean {
    const missing = wishes.filter((wish) => !allows(documents, wish));
    for (const { action, resource } of missing) refused.add(`${action} on ${resource}`);
    return missing.length === 0;
  }

  const server = createServer((message, response) => {
    void bodyOf(message).then((body) => {
      const call = callOf(message, body, (request) => iot.operation(request));
      called.add(call.operation);
      if (!permits(call.wishes)) {
        const { status, headers, text } = refusal(call.operation);
        response.writeHead(status, headers).end(text);
        return;
      }
      const forwarded = send(
        {
          host: target.hostname,
          port: target.port,
          method: message.method,
          path: message.url,
          headers: { ...message.headers, host: target.host },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      forwarded.on('error', () => response.destroy());
      forwarded.end(body);
    });
  });

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'mqtt' });
  server.on('upgrade', (message, socket, head) => {
    sockets.handleUpgrade(message, socket, head, (client) => {
      const upstream = new WebSocket(`ws://${target.host}${message.url ?? ''}`, 'mqtt');
      relay(client, upstream, (wishes, operation) => {
        called.add(operation);
        return permits(wishes);
      });
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    enter(next) {
      documents = next;
      called.clear();
      refused.clear();
    },
    called: () => [...called].sort(),
    refused: () => [...refused].sort(),
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
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

interface Call {
  operation: string;
  wishes: Wish[];
}

/** The action and resource of a request. IAM does not apply to the calls of Cognito users. */
function callOf(
  message: IncomingMessage,
  body: Buffer,
  iotOperation: (request: HttpRequest) => string | undefined,
): Call {
  const [path = '', query] = (message.url ?? '').split('?');
  const cognito = /^AWSCognitoIdentityProviderService\.(\w+)$/.exec(String(message.headers['x-amz-target']));
  if (cognito !== null) {
    const { UserPoolId: pool } = JSON.parse(body.toString()) as { UserPoolId?: string };
    const operation = `cognito-idp:${cognito[1] ?? ''}`;
    const wishes =
      pool === undefined ? [] : [{ action: operation, resource: arn('cognito-idp', `userpool/${pool}`) }];
    return { operation, wishes };
  }
  if (path === '/') return queryCall(new URLSearchParams(body.toString()));
  const request: HttpRequest = {
    method: message.method ?? '',
    path,
    query: new URLSearchParams(query),
    headers: message.headers as Record<string, string>,
    body,
    requestId: '',
    region: REGION,
    signed: true,
    trusted: false,
  };
  const operation = `iot:${iotOperation(request) ?? 'unknown'}`;
  const wishes: Wish[] = [{ action: operation, resource: iotResource(request) }];
  if (operation === 'iot:CreateProvisioningTemplate') {
    const { provisioningRoleArn: role } = JSON.parse(body.toString()) as { provisioningRoleArn: string };
    const facts = { 'iam:PassedToService': 'iot.amazonaws.com' };
    wishes.push({ action: 'iam:PassRole', resource: role, facts });
  }
  if (operation === 'iot:CreateJob') {
    const { targets } = JSON.parse(body.toString()) as { targets: string[] };
    wishes.push(...targets.map((resource) => ({ action: operation, resource })));
  }
  return { operation, wishes };
}

/** CloudFormation, IAM and STS. */
function queryCall(form: URLSearchParams): Call {
  const name = form.get('Action') ?? '';
  switch (form.get('Version')) {
    case '2010-05-15': {
      const stack = form.get('StackName');
      const resource = stack === null ? '*' : arn('cloudformation', `stack/${stack}/id`);
      return {
        operation: `cloudformation:${name}`,
        wishes: [{ action: `cloudformation:${name}`, resource }],
      };
    }
    case '2010-05-08': {
      const resource = `arn:aws:iam::${ACCOUNT}:role/${form.get('RoleName') ?? ''}`;
      const policy = form.get('PolicyArn');
      const facts = policy === null ? {} : { 'iam:PolicyARN': policy };
      return { operation: `iam:${name}`, wishes: [{ action: `iam:${name}`, resource, facts }] };
    }
    default:
      return { operation: `sts:${name}`, wishes: [] };
  }
}

/** The resource of an AWS IoT call, according to the table of actions in the Service Authorization Reference. */
function iotResource({ path, headers, body }: HttpRequest): string {
  const [, kind = '', name, ...rest] = path.split('/').map(decodeURIComponent);
  if (kind === 'things' && name !== undefined) {
    const principal = headers['x-amzn-principal'];
    return rest[0] === 'principals' && principal !== undefined ? principal : arn('iot', `thing/${name}`);
  }
  if (kind === 'jobs' && name !== undefined) return arn('iot', `job/${name}`);
  if (kind === 'principals') return headers['x-amzn-principal'] ?? '*';
  if (kind === 'cacertificate' && name !== undefined) return arn('iot', `cacert/${name}`);
  if (kind === 'certificates' && name !== undefined) return arn('iot', `cert/${name}`);
  if (kind === 'policies' && name !== undefined) return arn('iot', `policy/${name}`);
  if (kind === 'target-policies') return (JSON.parse(body.toString()) as { target: string }).target;
  if (kind === 'provisioning-templates') {
    const template = name ?? (JSON.parse(body.toString()) as { templateName: string }).templateName;
    return arn('iot', `provisioningtemplate/${template}`);
  }
  return '*';
}

function refusal(operation: string): { status: number; headers: Record<string, string>; text: string } {
  const message = `User is not authorized to perform: ${operation}`;
  if (/^(cloudformation|iam|sts):/.test(operation)) {
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error><RequestId>gate</RequestId></ErrorResponse>`;
    return { status: 403, headers: { 'content-type': 'text/xml' }, text };
  }
  const code = 'AccessDeniedException';
  return {
    status: operation.startsWith('iot:') ? 403 : 400,
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
