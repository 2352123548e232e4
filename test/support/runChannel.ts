import type { Channel, openChannel } from '../../src/scale/channel.ts';
import type { CmsError } from '../../src/core/errors.ts';

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
      clients.get(clientId)?.lose(why);
      clients.delete(clientId);
    },
    async open(_connection, { clientId, topics: filters }, received) {
      await Promise.resolve();
      const topics = filters.map((filter) => new RegExp(`^${filter.replaceAll('+', '[^/]+')}$`));
      let lose!: Client['lose'];
      const lost = new Promise<CmsError>((resolve) => (lose = resolve));
      clients.set(clientId, { topics, received, lose });
      for (const [topic, text] of retained)
        if (topics.some((filter) => filter.test(topic))) received(topic, text);
      return {
        lost,
        publish: (topic, message, retain = false) => publish(topic, JSON.stringify(message), retain),
        clear: (topic) => publish(topic, '', true),
        close() {
          clients.delete(clientId);
          return Promise.resolve();
        },
      } satisfies Channel;
    },
  };
  return fake;
}
