import { IoTClient } from '@aws-sdk/client-iot';
import type { Connection } from '../../../../src/aws/connection.ts';

/** What AWS IoT answers to a command: an answer, or an error with the name AWS gives it. */
export type Answer = object | Error;

export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name, $metadata: {} });
}

export interface FakeIot {
  connection: Connection;
  /** Each command sent, such as `DetachPolicy {"policyName":"P","target":"arn"}`. */
  sent: string[];
  /** The answers to a command, in order; the last one stays. Without one the answer is empty. */
  answers: Record<string, Answer[]>;
}

/** AWS IoT's client without a wire. */
export function createFakeIot(answers: Record<string, Answer[]> = {}): FakeIot {
  const sent: string[] = [];
  const client = new IoTClient({ region: 'eu-west-1' });
  client.send = (command: { constructor: { name: string }; input: object }) => {
    const name = command.constructor.name.replace(/Command$/, '');
    sent.push(`${name} ${JSON.stringify(command.input)}`);
    const left = answers[name] ?? [];
    const answer = (left.length > 1 ? left.shift() : left[0]) ?? {};
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const connection = { iot: () => Promise.resolve(client) } as Partial<Connection> as Connection;
  return { connection, sent, answers };
}
