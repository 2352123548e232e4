import type { Clock } from '../kernel/clock.ts';
import type { ProtocolVersion } from './packetCheck.ts';
import type { DisconnectReason } from './presence.ts';
import { MOST_WAITING, Session, type Message } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';
import { sharedSubscription } from './topics.ts';

/** What a connecting client wants of its session. */
export interface SessionWish {
  version: ProtocolVersion;
  /** Nothing of an earlier session is wanted. */
  clean: boolean;
  /** How long the session outlives the connection. */
  expiryMs: number;
}

/** The sessions of all clients, and the routing of messages to them. */
export interface Sessions {
  /**
   * Returns the session for a connecting client: resumed if there is a persistent one of the same version of MQTT,
   * otherwise new.
   */
  open(clientId: string, wish: SessionWish): { session: Session; resumed: boolean };
  /** The session of a client that is connected, or that may come back. */
  find(clientId: string): Session | undefined;
  /** Called when the connection of a session ends. Only a persistent session is kept. */
  close(session: Session, reason: DisconnectReason): void;
  /** Forgets a session, its subscriptions and its messages. */
  end(session: Session): void;
  subscribe(session: Session, filter: string, qos: 0 | 1): void;
  unsubscribe(session: Session, filter: string): void;
  route(message: Message): void;
  /** Sends up to `count` of the messages that each of its shared subscriptions has queued. */
  resumeShared(session: Session, count: number): void;
  /** Ends persistent sessions whose clients did not come back in time. */
  expire(): void;
  clear(): void;
}

export function createSessions(clock: Clock): Sessions {
  const sessions = new Map<string, Session>();
  const subscriptions = createSubscriptions<Session, Message>();

  function end(session: Session): void {
    for (const filter of session.subscriptions.keys()) subscriptions.remove(filter, session);
    session.subscriptions.clear();
    if (sessions.get(session.clientId) === session) sessions.delete(session.clientId);
  }

  const expired = (session: Session) =>
    session.disconnectedAt !== undefined && clock.now() - session.disconnectedAt >= session.expiryMs;

  return {
    open(clientId, { version, clean, expiryMs }) {
      const existing = sessions.get(clientId);
      if (existing?.version === version && !clean && existing.persistent && !expired(existing)) {
        existing.expiryMs = expiryMs;
        return { session: existing, resumed: true };
      }
      if (existing !== undefined) end(existing);
      const session = new Session(clientId, version, expiryMs);
      sessions.set(clientId, session);
      return { session, resumed: false };
    },

    find(clientId) {
      const session = sessions.get(clientId);
      return session === undefined || expired(session) ? undefined : session;
    },

    end,

    close(session, reason) {
      session.detach(clock.now(), reason);
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
      const found = subscriptions.match(
        message.topic,
        (member) => member.connected,
        ({ members, queued }) => {
          if (message.qos === 0 || queued.length >= MOST_WAITING) return;
          if ([...members].some(([member, qos]) => member.persistent && qos === 1)) queued.push(message);
        },
      );
      for (const [session, qos] of found) session.deliver({ ...message, qos: message.qos === 1 ? qos : 0 });
    },

    resumeShared(session, count) {
      for (const [filter, qos] of session.subscriptions) {
        if (sharedSubscription(filter) === undefined) continue;
        for (const message of subscriptions.group(filter)?.queued.splice(0, count) ?? []) {
          session.deliver({ ...message, qos });
        }
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
