import type { Connection } from './connection.ts';
import { certificateIdOf } from './principal.ts';

/** All open connections: every one, and by client id those that are past CONNECT. */
export interface Clients {
  add(connection: Connection): void;
  /** Gives the client id to this connection and returns the one that had it. */
  claim(clientId: string, connection: Connection): Connection | undefined;
  remove(connection: Connection): void;
  withCertificate(certificateId: string): Connection[];
  all(): Iterable<Connection>;
  /** Connections past CONNECT. */
  readonly count: number;
}

export function createClients(): Clients {
  const open = new Set<Connection>();
  const byClientId = new Map<string, Connection>();
  const byCertificate = new Map<string, Set<Connection>>();

  return {
    add(connection) {
      open.add(connection);
      const certificateId = certificateIdOf(connection.principal);
      if (certificateId === undefined) return;
      const same = byCertificate.get(certificateId) ?? new Set();
      byCertificate.set(certificateId, same.add(connection));
    },
    claim(clientId, connection) {
      const before = byClientId.get(clientId);
      byClientId.set(clientId, connection);
      return before;
    },
    remove(connection) {
      open.delete(connection);
      if (byClientId.get(connection.clientId) === connection) byClientId.delete(connection.clientId);
      const certificateId = certificateIdOf(connection.principal);
      if (certificateId === undefined) return;
      const same = byCertificate.get(certificateId);
      same?.delete(connection);
      if (same?.size === 0) byCertificate.delete(certificateId);
    },
    withCertificate: (certificateId) => [...(byCertificate.get(certificateId) ?? [])],
    all: () => open,
    get count() {
      return byClientId.size;
    },
  };
}
