type Listener = (topic: string, payload: string) => void;

/** Messages from the cloud to MQTT clients, so that whoever publishes need not know the broker. */
export interface MessageBus {
  publish(topic: string, payload: string): void;
  /** What was published before is not repeated. */
  subscribe(listener: Listener): void;
}

export function createMessageBus(): MessageBus {
  const listeners: Listener[] = [];
  return {
    publish(topic, payload) {
      for (const listener of listeners) listener(topic, payload);
    },
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}
