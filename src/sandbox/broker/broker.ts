import type { Duplex } from 'node:stream';
import type { Authority } from '../authority/contract.ts';
import type { IotRegistry, ThingService } from '../services/iot/contract.ts';
import type { Functions } from '../services/lambda/functions.ts';
import type { Context } from '../kernel/context.ts';
import { contained } from '../kit/contained.ts';
import { certificateIdOf, type Principal } from '../kernel/principal.ts';
import type { Broker, MessageListener } from './contract.ts';
import { createAdministration, type ClientAdministration } from './administration.ts';
import { createAuthorization, type IotAction } from './authorization.ts';
import { basicIngest, ingest } from './basicIngest.ts';
import { createBrokerQuotas } from './brokerQuotas.ts';
import { createClients } from './clients.ts';
import { StreamConnection } from './connection.ts';
import type { Connection, Core } from './core.ts';
import { createFleetProvisioning } from './fleetProvisioning.ts';
import { createJustInTime } from './justInTime.ts';
import { createListener } from './listener.ts';
import { expiresAt } from './messageProperties.ts';
import { createOwnershipTokens } from './ownershipTokens.ts';
import { createPresence } from './presence.ts';
import { createRetained, type Retained } from './retained.ts';
import { createSessions } from './sessions.ts';
import { createThingRequests } from './thingRequests.ts';

export interface BrokerDeps {
  authority: Authority;
  registry: IotRegistry;
  onMessage: MessageListener;
  /** The functions that pre-provisioning hooks are. */
  functions: Functions;
  /** Whether there is a topic rule of this name, for Basic Ingest. Default: there is none. */
  isRule?: (name: string) => boolean;
  /** The services that answer on `$aws/things/…`. Without one, such publishes are accepted and ignored. */
  thingServices?: readonly ThingService[];
  /**
   * Serves HTTP on a connection of the TLS port, of a client with a certificate or, with undefined, of one without.
   * Without it, what is no MQTT there is refused.
   */
  http?: (stream: Duplex, client: Principal | undefined) => void;
  /** Whether the role of an access key lets it do something; any other key may do everything. */
  roleAllows?: (accessKeyId: string, action: IotAction, resource: string) => boolean;
  /** A monotonic clock in milliseconds, for timeouts and rates. Default: the process's own. */
  uptime?: () => number;
}

/** AWS IoT Core's message broker. */
export interface MessageBroker extends Broker {
  readonly retained: Retained;
  readonly administration: ClientAdministration;
  /** Whether the policies of a device let it publish over HTTPS, where it has no client id. */
  mayPublish(client: Principal, topic: string, retain: boolean): boolean;
  /** Serves an MQTT client on any byte stream (TLS, WebSocket), already authenticated. */
  attach(stream: Duplex, principal: Principal): void;
  /** Handles timeouts, expired sessions and expired tokens. Called once a second while listening. */
  tick(): void;
}

const TICK_MS = 1000;
/** What AWS reports as the client id of an HTTPS publish. */
const NO_CLIENT_ID = 'N/A';

export function createBroker(context: Context, deps: BrokerDeps): MessageBroker {
  const { authority, registry } = deps;
  const uptime = deps.uptime ?? (() => performance.now());
  const quotas = createBrokerQuotas(context.config.limits, uptime);
  const sessions = createSessions(context.clock);
  const clients = createClients<Connection>();
  const publish = (topic: string, payload: string | Buffer) =>
    sessions.route({ topic, payload: Buffer.from(payload), qos: 1, retain: false });
  const tokens = createOwnershipTokens(context, registry);
  const core: Core = {
    context,
    quotas,
    uptime,
    sessions,
    clients,
    authorization: createAuthorization(context, registry, deps.roleAllows),
    retained: createRetained(context),
    presence: createPresence(context.clock, publish),
    provisioning: createFleetProvisioning(context, { registry, tokens, quotas, functions: deps.functions }),
    things: createThingRequests(context, deps.thingServices ?? [], publish),
    isRule: deps.isRule ?? (() => false),
    onMessage(message) {
      try {
        deps.onMessage(message);
      } catch (error) {
        context.log('error', `A message on ${message.topic} was not taken in: ${String(error)}`);
      }
    },
  };
  const attach = (stream: Duplex, principal: Principal) => {
    new StreamConnection(core, stream, principal).start();
  };
  const { http } = deps;
  const listener = createListener(context, {
    authority,
    registry,
    justInTime: createJustInTime(context, registry, (topic, payload) => {
      publish(topic, payload);
      // Rules hear of registrations, too.
      core.onMessage({
        topic,
        payload: Buffer.from(payload),
        clientId: NO_CLIENT_ID,
        certificateId: undefined,
      });
    }),
    accept(socket, principal) {
      const other = http === undefined ? undefined : (stream: Duplex) => http(stream, principal);
      new StreamConnection(core, socket, principal, other).start();
    },
    http(socket) {
      if (http === undefined) socket.destroy();
      else http(socket, undefined);
    },
  });

  // AWS may take minutes to cut off a certificate; the sandbox does it at once.
  registry.onCertificateChange((certificateId) => {
    if (registry.certificate(certificateId)?.status === 'ACTIVE') return;
    for (const connection of clients.withCertificate(certificateId)) {
      connection.contain(() => connection.drop('AUTH_ERROR', 'its certificate is no longer active'));
    }
  });

  /** A provisioning claim expires five minutes after it was created. */
  const hasExpired = (connection: Connection) => {
    const certificateId = certificateIdOf(connection.principal);
    const claim = certificateId === undefined ? undefined : registry.certificate(certificateId);
    return claim?.claimExpiresAt !== undefined && context.clock.now() >= claim.claimExpiresAt;
  };

  function tick(): void {
    for (const connection of clients.all()) {
      connection.contain(() => {
        if (hasExpired(connection)) connection.drop('AUTH_ERROR', 'its provisioning claim has expired');
        else connection.tick();
      });
    }
    const due = [
      () => sessions.expire(),
      () => core.provisioning.expire(),
      () => core.things.tick(),
      () => quotas.connectsByClientId.forgetIdle(),
      () => core.presence.forgetGone(),
    ];
    for (const work of due) contained(context.log, 'MQTT broker', () => undefined, work);
  }
  let timer: NodeJS.Timeout | undefined;

  return {
    attach,
    tick,
    publish,
    retained: core.retained,
    administration: createAdministration(core, registry),
    mayPublish: (client, topic, retain) =>
      core.authorization
        .of(client, { clientId: '', persistent: false, willTopic: undefined })
        .publish(topic, retain),
    publishFromHttp(publication, client) {
      const { topic, payload } = publication;
      const { expiryS, ...rest } = publication;
      const message = { ...rest, expiresAt: expiresAt(expiryS, context.clock.now()) };
      const certificateId = client === undefined ? undefined : certificateIdOf(client);
      if (message.retain) core.retained.keep(message);
      const basic = basicIngest(topic);
      if (basic !== undefined) {
        ingest(core, { rule: basic, payload, clientId: NO_CLIENT_ID, certificateId });
        return;
      }
      core.onMessage({ topic, payload, clientId: NO_CLIENT_ID, certificateId });
      sessions.route({ ...message, retain: false });
    },
    async listen(port) {
      const taken = await listener.listen(port);
      timer = setInterval(tick, TICK_MS).unref();
      return taken;
    },
    async close() {
      clearInterval(timer);
      for (const connection of clients.all()) connection.drop('SERVER_INITIATED_DISCONNECT');
      await listener.close();
    },
    reset() {
      for (const connection of clients.all()) connection.drop('SERVER_INITIATED_DISCONNECT');
      sessions.clear();
      core.authorization.forget();
    },
    get connections() {
      return clients.count;
    },
  };
}
