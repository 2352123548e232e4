import { certificateIdOf, type Principal } from '../kernel/principal.ts';

interface Client {
  readonly principal: Principal;
  readonly clientId: string;
}

/** All open connections. Those past CONNECT can also be found by client id. */
export interface Clients<C extends Client> {
  add(connection: C): void;
  /** Assigns the client id to this connection and returns the connection that had it before. */
  claim(clientId: string, connection: C): C | undefined;
  remove(connection: C): void;
  find(clientId: string): C | undefined;
  withCertificate(certificateId: string): C[];
  all(): Iterable<C>;
  /** The number of connections past CONNECT. */
  readonly count: number;
}

export function createClients<C extends Client>(): Clients<C> {
  const open = new Set<C>();
  const byClientId = new Map<string, C>();
  const byCertificate = new Map<string, Set<C>>();

  return {
    add(connection) {
      open.add(connection);
      const certificateId = certificateIdOf(connection.principal);
      if (certificateId === undefined) return;
      const same = byCertificate.get(certificateId) ?? new Set<C>();
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
    find: (clientId) => byClientId.get(clientId),
    withCertificate: (certificateId) => [...(byCertificate.get(certificateId) ?? [])],
    all: () => open,
    get count() {
      return byClientId.size;
    },
  };
}
