import type { Channel, openChannel } from '../../src/scale/channel.ts';
import { CmsError } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';

/** AWS IoT as far as a run channel needs it: subscriptions, and messages that are retained. */
export interface FakeRunChannel {
  open: typeof openChannel;
  /** By topic. */
  retained: Map<string, string>;
  /** Why nothing can be published now. */
  refusal: CmsError | undefined;
  publish(topic: string, message: object, retain?: boolean): void;
  /** Client ids. */
  connected(): string[];
  /** Cuts a connection. */
  drop(clientId: string, why: CmsError): void;
}

interface Client {
  /** Said for it when its connection is lost. */
  will: { topic: string; payload: Buffer } | undefined;
  topics: RegExp[];
  received: (topic: string, text: string) => void;
  lose: (why: CmsError) => void;
}

export function createFakeRunChannel(): FakeRunChannel {
  const clients = new Map<string, Client>();
  const retained = new Map<string, string>();
  const say = (topic: string, text: string, retain: boolean): void => {
    if (retain && text === '') retained.delete(topic);
    else if (retain) retained.set(topic, text);
    for (const { topics, received } of clients.values())
      if (topics.some((filter) => filter.test(topic))) received(topic, text);
  };
  const publish = async (topic: string, text: string, retain: boolean): Promise<void> => {
    await Promise.resolve();
    if (fake.refusal !== undefined) throw fake.refusal;
    say(topic, text, retain);
  };
  const fake: FakeRunChannel = {
    ...{ retained, refusal: undefined },
    publish: (topic, message, retain = false) => say(topic, JSON.stringify(message), retain),
    connected: () => [...clients.keys()],
    drop(clientId, why) {
      const client = clients.get(clientId);
      if (client === undefined) return;
      clients.delete(clientId);
      client.lose(why);
      if (client.will) say(client.will.topic, client.will.payload.toString(), false);
    },
    async open(_connection, { clientId, topics: filters, will }, received) {
      await Promise.resolve();
      fake.drop(clientId, new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Another has the client id.')));
      const topics = filters.map((filter) => new RegExp(`^${filter.replaceAll('+', '[^/]+')}$`));
      let lose!: Client['lose'];
      const lost = new Promise<CmsError>((resolve) => (lose = resolve));
      const client: Client = { will, topics, received, lose };
      clients.set(clientId, client);
      for (const [topic, text] of retained)
        if (topics.some((filter) => filter.test(topic))) received(topic, text);
      const unlessLost = async (said: Promise<void>): Promise<void> => {
        if (clients.get(clientId) !== client) throw await lost;
        await said;
      };
      return {
        lost,
        publish: (topic, message, retain = false) =>
          unlessLost(publish(topic, JSON.stringify(message), retain)),
        clear: (topic) => unlessLost(publish(topic, '', true)),
        close() {
          if (clients.get(clientId) === client) clients.delete(clientId);
          return Promise.resolve();
        },
      } satisfies Channel;
    },
  };
  return fake;
}
