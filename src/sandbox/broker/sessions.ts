import type { Clock } from '../kernel/clock.ts';
import { Session, type Message } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';

/** The sessions of all clients, and the routing of messages to them. */
export interface Sessions {
  /** Returns the session for a connecting client: resumed if there is a persistent one, otherwise new. */
  open(clientId: string, clean: boolean): { session: Session; resumed: boolean };
  /** Called when the connection of a session ends. Only a persistent session is kept. */
  close(session: Session): void;
  subscribe(session: Session, filter: string, qos: 0 | 1): void;
  unsubscribe(session: Session, filter: string): void;
  route(message: Message): void;
  /** Ends persistent sessions whose clients did not come back in time. */
  expire(): void;
  clear(): void;
}

/** How long a persistent session waits for its client (quota "Persistent session expiry period"). */
const EXPIRY_MS = 60 * 60 * 1000;

export function createSessions(clock: Clock): Sessions {
  const sessions = new Map<string, Session>();
  const subscriptions = createSubscriptions<Session>();

  function end(session: Session): void {
    for (const filter of session.subscriptions.keys()) subscriptions.remove(filter, session);
    session.subscriptions.clear();
    if (sessions.get(session.clientId) === session) sessions.delete(session.clientId);
  }

  const expired = (session: Session) =>
    session.disconnectedAt !== undefined && clock.now() - session.disconnectedAt >= EXPIRY_MS;

  return {
    open(clientId, clean) {
      const existing = sessions.get(clientId);
      if (existing !== undefined && !clean && existing.persistent && !expired(existing)) {
        return { session: existing, resumed: true };
      }
      if (existing !== undefined) end(existing);
      const session = new Session(clientId, !clean);
      sessions.set(clientId, session);
      return { session, resumed: false };
    },

    close(session) {
      session.detach(clock.now());
      if (!session.persistent) end(session);
    },

    subscribe(session, filter, qos) {
      session.subscriptions.set(filter, qos);
      subscriptions.add(filter, session, qos);
    },

    unsubscribe(session, filter) {
      if (session.subscriptions.delete(filter)) subscriptions.remove(filter, session);
    },

    route(message) {
      for (const [session, qos] of subscriptions.match(message.topic, (member) => member.connected)) {
        session.deliver({ ...message, qos: message.qos === 1 ? qos : 0 });
      }
    },

    expire() {
      for (const session of sessions.values()) if (expired(session)) end(session);
    },

    clear() {
      sessions.clear();
      subscriptions.clear();
    },
  };
}
