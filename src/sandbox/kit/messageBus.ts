type Listener = (topic: string, payload: string) => void;

/** Messages from the cloud to MQTT clients. Lets parts publish that are created before the broker. */
export interface MessageBus {
  readonly publish: Listener;
  /** Earlier messages are not repeated. */
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
