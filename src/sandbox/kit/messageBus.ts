type Listener = (topic: string, payload: string) => void;

/** Messages from the cloud to MQTT clients, so that whoever publishes need not know the broker. */
export interface MessageBus {
  readonly publish: Listener;
  /** What was published before is not repeated. */
  readonly subscribe: (listener: Listener) => void;
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
