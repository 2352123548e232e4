import type { Principal } from '../kernel/principal.ts';
import type { Publication } from './core.ts';

export interface Broker {
  /** Publishes with QoS 1 as the cloud does (topic rules, CMS notices). */
  publish(topic: string, payload: string | Buffer): void;
  /** A publish over HTTPS (`POST /topics/{topic}`), already authorized. `client` is a device with its certificate. */
  publishFromHttp(publication: Publication, client?: Principal): void;
  /** Opens the TLS listener; resolves with its port. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
  /** Ends all connections and sessions. Call it right after `store.reset()`. */
  reset(): void;
  readonly connections: number;
}

/** Called once for each authorized publish of a client, before the acknowledgment. Must not throw. */
export type MessageListener = (message: {
  topic: string;
  payload: Buffer;
  clientId: string;
  certificateId: string | undefined;
  /** The one topic rule that it was published to (Basic Ingest). */
  rule?: string;
}) => void;
