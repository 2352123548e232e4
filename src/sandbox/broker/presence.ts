import type { Clock } from '../kernel/clock.ts';
import { principalIdentifier, type Principal } from '../kernel/principal.ts';

/** Lifecycle events on `$aws/events/…` (AWS IoT Developer Guide, "Lifecycle events"). */
export interface Presence {
  /** Counts the connections of a client id, from 0; starts over when it was gone for an hour, or its session for good. */
  nextVersion(clientId: string): number;
  connected(client: PresentClient): void;
  /** @param keptMs how long its session outlives the connection */
  disconnected(client: PresentClient, reason: DisconnectReason, keptMs: number): void;
  /** Called once a second. */
  forgetGone(): void;
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

/** "Start over … if a client was offline for approximately one hour" (Developer Guide, "Lifecycle events"). */
const REMEMBERED_MS = 3_600_000;

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
  /** The newest version of each client id, and until when it is remembered. */
  const versions = new Map<string, { version: number; until: number }>();
  return {
    nextVersion(clientId) {
      const known = versions.get(clientId);
      const version = known === undefined || known.until <= clock.now() ? 0 : known.version + 1;
      versions.set(clientId, { version, until: Infinity });
      return version;
    },
    connected: (client) =>
      send('presence/connected', client, {
        ipAddress: client.principal.sourceIp,
        versionNumber: client.versionNumber,
      }),
    disconnected(client, reason, keptMs) {
      const { clientId, versionNumber } = client;
      // A client that was taken over leaves after its successor came.
      if (versions.get(clientId)?.version === versionNumber) {
        const until = clock.now() + Math.max(REMEMBERED_MS, keptMs);
        versions.set(clientId, { version: versionNumber, until });
      }
      send('presence/disconnected', client, {
        clientInitiatedDisconnect: reason === 'CLIENT_INITIATED_DISCONNECT',
        disconnectReason: reason,
        versionNumber,
      });
    },
    forgetGone() {
      const now = clock.now();
      for (const [clientId, { until }] of versions) if (until <= now) versions.delete(clientId);
    },
    subscribed: (client, topics) => send('subscriptions/subscribed', client, { topics }),
    unsubscribed: (client, topics) => send('subscriptions/unsubscribed', client, { topics }),
  };
}
