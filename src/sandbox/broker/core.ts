import type { Packet } from 'mqtt-packet';
import type { Context } from '../kernel/context.ts';
import type { Bucket } from '../kit/bucket.ts';
import type { Principal } from '../kernel/principal.ts';
import type { MessageListener } from './contract.ts';
import type { Authorization, Authorizer } from './authorization.ts';
import type { BrokerQuotas } from './brokerQuotas.ts';
import type { Clients } from './clients.ts';
import type { MessageProperties } from './messageProperties.ts';
import type { ProtocolVersion } from './packetCheck.ts';
import type { FleetProvisioning } from './fleetProvisioning.ts';
import type { DisconnectReason, Presence, PresentClient } from './presence.ts';
import type { Retained } from './retained.ts';
import type { Outlet, Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { ThingRequests } from './thingRequests.ts';
import type { TopicAliases } from './topicAliases.ts';

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
  /** Whether there is a topic rule of this name. */
  readonly isRule: (name: string) => boolean;
}

/** One MQTT client, from its CONNECT to its end, as the handlers of its packets see it. */
export interface Connection extends Outlet {
  readonly core: Core;
  readonly principal: Principal;
  readonly publishes: Bucket;
  /** As CONNECT named it; MQTT 3.1.1 until then. */
  readonly version: ProtocolVersion;
  clientId: string;
  /** Undefined until CONNECT is accepted. */
  readonly established: Established | undefined;
  /** The addresses of the two ends, as far as the stream has any. */
  sockets(): { sourcePort?: number; sourceIp: string; targetIp?: string; targetPort?: number };
  /** CONNECT was read but is not answered yet. */
  connecting: boolean;
  readonly open: boolean;
  send(packet: Packet): void;
  /** Does what this client asked for. An error closes this connection and affects no other. */
  contain(work: () => unknown): void;
  /** The same, after a delay. */
  later(ms: number, work: () => unknown): void;
  /**
   * Closes at once and discards unsent bytes, so that a client that does not read cannot delay it. A client of MQTT 5
   * is sent DISCONNECT first.
   * @param code the reason code of DISCONNECT; by default what fits `reason`
   */
  drop(reason: DisconnectReason, why?: string, code?: number): void;
  /** Closes as if the network had failed: an injected fault. */
  cut(): void;
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
  /** Sent when the connection ends, unless the client takes leave of it. */
  will: Will | undefined;
  keepAliveMs: number;
  /** When it was accepted, by the sandbox's clock. */
  since: number;
  /** How many unacknowledged messages the client takes at once. */
  receiveMaximum: number;
  /** The largest packet that the client takes. */
  mostPacketBytes: number;
  aliases: TopicAliases;
  /** Identifiers of the client's publishes that are not acknowledged yet. */
  inFlight: Set<number>;
  /** Some of its publishes were discarded for their number. */
  throttled: boolean;
}

/** A message that a client gave to the broker. */
export interface Publication {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  retain: boolean;
  properties?: MessageProperties | undefined;
  /** How long it may be delivered, in seconds. */
  expiryS?: number | undefined;
}

/** The message to publish when the client leaves without a DISCONNECT. */
export type Will = Publication;
