import type { Context, MessageListener } from '../contracts.ts';
import type { Authorization } from './authorization.ts';
import type { Clients } from './clients.ts';
import type { FleetProvisioning } from './fleetProvisioning.ts';
import type { BrokerQuotas } from './brokerQuotas.ts';
import type { Presence } from './presence.ts';
import type { Retained } from './retained.ts';
import type { Sessions } from './sessions.ts';
import type { ThingRequests } from './thingRequests.ts';

/** What every connection shares. */
export interface Core {
  readonly context: Context;
  readonly quotas: BrokerQuotas;
  /** Milliseconds, never going back, unmoved by the sandbox's clock: for time-outs and rates. */
  readonly uptime: () => number;
  readonly authorization: Authorization;
  readonly sessions: Sessions;
  readonly clients: Clients;
  readonly retained: Retained;
  readonly presence: Presence;
  readonly provisioning: FleetProvisioning;
  readonly things: ThingRequests;
  readonly onMessage: MessageListener;
}

/** Why a connection ended (AWS IoT Developer Guide, "Lifecycle events"). */
export type DisconnectReason =
  | 'AUTH_ERROR'
  | 'CLIENT_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_ERROR'
  | 'SERVER_INITIATED_DISCONNECT'
  | 'THROTTLED';
