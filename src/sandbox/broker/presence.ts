import type { Clock } from '../kernel/clock.ts';
import { principalIdentifier, type Principal } from '../kernel/principal.ts';

/** Lifecycle events on `$aws/events/…` (AWS IoT Developer Guide, "Lifecycle events"). */
export interface Presence {
  /** One counter for all clients. AWS documents that the version of a client "might skip values". */
  nextVersion(): number;
  connected(client: PresentClient): void;
  disconnected(client: PresentClient, reason: DisconnectReason): void;
  subscribed(client: PresentClient, topics: readonly string[]): void;
  unsubscribed(client: PresentClient, topics: readonly string[]): void;
}

/** Why a connection ended, as the lifecycle events name it. */
export type DisconnectReason =
  | 'API_INITIATED_DISCONNECT'
  | 'AUTH_ERROR'
  | 'CLIENT_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_ERROR'
  | 'SERVER_INITIATED_DISCONNECT'
  | 'THROTTLED';

export interface PresentClient {
  clientId: string;
  /** Identifies this connection, not the persistent session. */
  sessionIdentifier: string;
  principal: Principal;
  /** Increases with each connection of a client id. */
  versionNumber: number;
}

export function createPresence(clock: Clock, publish: (topic: string, payload: string) => void): Presence {
  function send(kind: string, client: PresentClient, more: Record<string, unknown>): void {
    // "Client IDs that contain # or + do not receive lifecycle events."
    if (/[+#]/.test(client.clientId)) return;
    publish(
      `$aws/events/${kind}/${client.clientId}`,
      JSON.stringify({
        clientId: client.clientId,
        timestamp: clock.now(),
        eventType: kind.split('/')[1],
        sessionIdentifier: client.sessionIdentifier,
        principalIdentifier: principalIdentifier(client.principal),
        ...more,
      }),
    );
  }
  let version = 0;
  return {
    nextVersion: () => version++,
    connected: (client) =>
      send('presence/connected', client, {
        ipAddress: client.principal.sourceIp,
        versionNumber: client.versionNumber,
      }),
    disconnected: (client, reason) =>
      send('presence/disconnected', client, {
        clientInitiatedDisconnect: reason === 'CLIENT_INITIATED_DISCONNECT',
        disconnectReason: reason,
        versionNumber: client.versionNumber,
      }),
    subscribed: (client, topics) => send('subscriptions/subscribed', client, { topics }),
    unsubscribed: (client, topics) => send('subscriptions/unsubscribed', client, { topics }),
  };
}
