import { defined } from '../kit/defined.ts';
import type { IotRegistry } from '../services/iot/contract.ts';
import { certificateIdOf } from '../kernel/principal.ts';
import type { Connection, Core, Established } from './core.ts';

/** What the data plane's API tells of MQTT clients, and does to them (AWS IoT API reference, "AWS IoT data"). */
export interface ClientAdministration {
  /** A connected client, or one whose session waits for it; undefined for any other. */
  connection(clientId: string, sockets: boolean): ConnectionFacts | undefined;
  subscriptions(clientId: string): { topicFilter: string; qos: 0 | 1 }[] | undefined;
  /** Returns false when there is no such client. */
  disconnect(clientId: string, how: { cleanSession: boolean; preventWill: boolean }): boolean;
}

/** The answer of GetConnection. Times in milliseconds since 1970, durations in seconds. */
export interface ConnectionFacts {
  clientId: string;
  connected: boolean;
  cleanSession: boolean;
  sessionExpiry: number;
  keepAliveDuration?: number;
  connectedSince?: number;
  disconnectedSince?: number;
  disconnectReason?: string;
  thingName?: string;
  sourceIp?: string;
  sourcePort?: number;
  targetIp?: string;
  targetPort?: number;
}

export function createAdministration(core: Core, registry: IotRegistry): ClientAdministration {
  /** The thing whose name is the client id, as for policies; otherwise the only thing of the certificate. */
  function thingOf({ clientId, principal }: Established): string | undefined {
    const certificateId = certificateIdOf(principal);
    const things = certificateId === undefined ? [] : registry.thingsOf(certificateId);
    return things.includes(clientId) ? clientId : things.length === 1 ? things[0] : undefined;
  }

  function open(connection: Connection, client: Established, sockets: boolean): ConnectionFacts {
    const { session } = client;
    return defined({
      clientId: client.clientId,
      connected: true,
      cleanSession: !session.persistent,
      sessionExpiry: session.expiryMs / 1000,
      keepAliveDuration: client.keepAliveMs / 1000,
      connectedSince: client.since,
      thingName: thingOf(client),
      ...(sockets ? connection.sockets() : {}),
    });
  }

  return {
    connection(clientId, sockets) {
      const connection = core.clients.find(clientId);
      const client = connection?.established;
      if (connection !== undefined && client !== undefined) return open(connection, client, sockets);
      const session = core.sessions.find(clientId);
      if (session === undefined) return undefined;
      return defined({
        clientId,
        connected: false,
        cleanSession: !session.persistent,
        sessionExpiry: session.expiryMs / 1000,
        disconnectedSince: session.disconnectedAt,
        disconnectReason: session.disconnectReason,
      });
    },

    subscriptions(clientId) {
      const session = core.sessions.find(clientId);
      if (session === undefined) return undefined;
      return [...session.subscriptions].map(([topicFilter, qos]) => ({ topicFilter, qos }));
    },

    disconnect(clientId, { cleanSession, preventWill }) {
      const connection = core.clients.find(clientId);
      const session = core.sessions.find(clientId);
      if (connection === undefined && session === undefined) return false;
      const client = connection?.established;
      if (client !== undefined && preventWill) client.will = undefined;
      connection?.contain(() => {
        connection.drop('API_INITIATED_DISCONNECT', 'DeleteConnection was called');
      });
      if (cleanSession && session !== undefined) core.sessions.end(session);
      return true;
    },
  };
}
