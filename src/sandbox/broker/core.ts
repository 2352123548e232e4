import type { Packet } from 'mqtt-packet';
import type { MessageListener } from './contract.ts';
import type { Context } from '../kernel/context.ts';
import type { Bucket } from '../kit/bucket.ts';
import type { Authorization, Authorizer } from './authorization.ts';
import type { BrokerQuotas } from './brokerQuotas.ts';
import type { Clients } from './clients.ts';
import type { FleetProvisioning } from './fleetProvisioning.ts';
import type { DisconnectReason, Presence, PresentClient } from './presence.ts';
import type { Principal } from './principal.ts';
import type { Retained } from './retained.ts';
import type { Outlet, Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { ThingRequests } from './thingRequests.ts';

/** What every connection shares. */
export interface Core {
  readonly context: Context;
  readonly quotas: BrokerQuotas;
  /** A monotonic clock in milliseconds, independent of the sandbox's clock, for timeouts and rates. */
  readonly uptime: () => number;
  readonly authorization: Authorization;
  readonly sessions: Sessions;
  readonly clients: Clients<Connection>;
  readonly retained: Retained;
  readonly presence: Presence;
  readonly provisioning: FleetProvisioning;
  readonly things: ThingRequests;
  readonly onMessage: MessageListener;
}

/** One MQTT client, from its CONNECT to its end, as the handlers of its packets see it. */
export interface Connection extends Outlet {
  readonly core: Core;
  readonly principal: Principal;
  readonly publishes: Bucket;
  clientId: string;
  /** CONNECT was read but is not answered yet. */
  connecting: boolean;
  readonly open: boolean;
  send(packet: Packet): void;
  /** Does what this client asked for. An error closes this connection and affects no other. */
  contain(work: () => unknown): void;
  /** The same, after a delay. */
  later(ms: number, work: () => unknown): void;
  /** Closes at once and discards unsent bytes, so that a client that does not read cannot delay it. */
  drop(reason: DisconnectReason, why?: string): void;
  /** Closes after pending bytes have been sent. */
  finish(reason: DisconnectReason, why?: string): void;
  /** Called when CONNECT is accepted. */
  establish(established: Established): void;
  /** Handles the packets that arrived while the answer to CONNECT was delayed. */
  releaseHeld(): void;
  /** Called once a second: checks timeouts and sends the next stored messages. */
  tick(): void;
}

/** The state of a connection whose CONNECT was accepted. */
export interface Established extends PresentClient {
  session: Session;
  authorizer: Authorizer;
  will: Will | undefined;
  keepAliveMs: number;
}

/** The message to publish when the client leaves without a DISCONNECT. */
export interface Will {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  retain: boolean;
}
