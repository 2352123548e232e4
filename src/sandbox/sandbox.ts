import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createAdmin } from './admin.ts';
import { replaceFile } from './kernel/atomicFile.ts';
import { createAuthority } from './authority/authority.ts';
import { createBroker } from './broker/broker.ts';
import { createIotData } from './services/iotData/iotData.ts';
import { createWebSocket } from './broker/webSocket.ts';
import { createClock } from './kernel/clock.ts';
import { createCms } from './installations/cdf/cdf.ts';
import type { Broker } from './broker/contract.ts';
import type { Context, SandboxConfig } from './kernel/context.ts';
import type { Log } from './kernel/log.ts';
import type { Store } from './kernel/store.ts';
import { createEdge } from './kernel/edge/edge.ts';
import { operationNames } from './kernel/edge/route.ts';
import { createFaults } from './kernel/faults.ts';
import { makeSecret, proofOf } from './kernel/identity.ts';
import { createCloudFormation } from './services/cloudformation/cloudformation.ts';
import { createCognito } from './services/cognito/cognito.ts';
import { createIam } from './services/iam/iam.ts';
import { createIot } from './services/iot/iot.ts';
import { createSts } from './services/sts/sts.ts';
import { portProblem, StartError } from './kernel/startError.ts';
import { notWritable, openStateFolder } from './kernel/stateFolder.ts';
import { createStore, unusableState } from './kernel/store.ts';
import { createMessageBus } from './kit/messageBus.ts';

/** What a program that starts the sandbox needs to know: the content of the ready line. */
export interface Ready {
  ready: true;
  endpoint: string;
  /** `host:port` of MQTT over TLS. */
  mqttEndpoint: string;
  /** File with the root certificate to trust, in PEM. */
  caFile: string;
  region: string;
  accountId: string;
  stacks: { cms: string[]; cdf: string[] };
}

export interface Sandbox {
  readonly ready: Ready;
  /** The ready line with the secret of this start, for files that only the user can read. */
  readonly secretReady: string;
  /** Milliseconds since the last request; 0 while a device is connected. */
  idleMs(): number;
  /** Saves the state, closes the ports and releases the state folder. */
  stop(): Promise<void>;
}

/**
 * Builds all parts, opens the ports and seeds the state. On failure it closes everything and throws, usually a
 * StartError.
 * @param onShutdown called when the admin API requests a shutdown
 */
export async function startSandbox(
  config: SandboxConfig,
  log: Log,
  onShutdown: () => void = () => undefined,
): Promise<Sandbox> {
  /** Called in reverse order, on stop or when the start fails. */
  const closers: (() => Promise<void>)[] = [];
  async function stop(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = closers.pop(); close; close = closers.pop()) {
      await close().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  /** Set once a state file was loaded. An error after that is most likely caused by its content. */
  let loadedState: string | undefined;
  try {
    const folder = await openStateFolder(config.stateFolder);
    closers.push(() => folder.dispose());
    const readyFile = path.join(folder.path, 'ready.json');
    const removeReadyFile = (): Promise<void> => rm(readyFile, { force: true });
    // One that a killed sandbox left tells nothing true.
    await removeReadyFile();
    closers.push(removeReadyFile);
    const secret = makeSecret();
    const store = createStore({ folder: folder.path, log });
    if (store.loaded) loadedState = path.join(folder.path, 'state.json');
    // A failed start must not change the state file.
    let started = false;
    closers.push(() => (started ? store.close() : store.abandon()));
    checkOrigin(store, config);
    const clock = createClock(store.table<number>('clock'));
    const endpoints = { http: '', mqttHost: 'localhost', mqttPort: 0 };
    const context: Context = { config, clock, store, faults: createFaults(), log, endpoints };

    const authority = await createAuthority(context);
    const bus = createMessageBus();
    const iot = createIot(context, authority, bus.publish);
    const cognito = createCognito(context);
    const cms = createCms(context, {
      registry: iot.registry,
      pools: cognito.pools,
      tokens: cognito.tokens,
      publish: bus.publish,
      jobs: iot.jobs,
    });
    iot.jobs.onEnded((execution) => cms.onJobEnded(execution));
    const broker = await createBroker(context, {
      authority,
      registry: iot.registry,
      onMessage: cms.onMessage,
      thingServices: iot.thingServices,
    });
    bus.subscribe((topic, payload) => broker.publish(topic, payload));
    closers.push(() => broker.close());
    const { service: cloudFormation, stacks } = createCloudFormation(context, {
      pools: cognito.pools,
      cms,
      certificateId: () => iot.simulationCertificateId(),
    });

    async function seed(): Promise<void> {
      await iot.seed();
      cognito.seed();
      cms.seed();
    }
    async function reset(): Promise<void> {
      store.reset();
      broker.reset();
      context.faults.clear();
      clock.reset();
      await seed();
      await store.flush();
    }

    const services = {
      cognito: cognito.service,
      iot: iot.service,
      iotData: createIotData(
        context,
        broker,
        iot.thingServices.find(({ name }) => name === 'shadow'),
      ),
      query: [cloudFormation, createSts(context), createIam(context)],
      cms: cms.services,
    };
    const admin = createAdmin(context, {
      clock,
      stacks,
      messages: (vin, query) => cms.messages(vin, query),
      connections: () => broker.connections,
      reset,
      operations: () => operationNames(services),
      prove: (nonce) => proofOf(secret, nonce, endpoints.http),
      shutdown: onShutdown,
    });
    const edge = createEdge(
      context,
      { ...services, admin },
      { secret, upgrade: createWebSocket(context, broker) },
    );
    closers.push(() => edge.close());

    endpoints.mqttPort = await listenMqtt(broker, config.mqttPort);
    endpoints.http = `http://127.0.0.1:${await edge.listen(config.httpPort)}`;
    await seed();

    const caFile = path.join(folder.path, 'ca.pem');
    const ready: Ready = {
      ready: true,
      endpoint: endpoints.http,
      mqttEndpoint: `${endpoints.mqttHost}:${endpoints.mqttPort}`,
      caFile,
      region: config.region,
      accountId: config.accountId,
      stacks: {
        cms: config.stacks.map((spec) => spec.name),
        cdf: [...new Set(config.stacks.map((spec) => spec.core))],
      },
    };
    const secretReady = `${JSON.stringify({ ...ready, secret })}\n`;
    try {
      await replaceFile(caFile, [authority.rootPem]);
      await replaceFile(readyFile, [secretReady]);
      // From here on, killing the process loses neither the CA nor the seeded state.
      await store.flush();
    } catch (error) {
      throw notWritable(folder.path, error);
    }
    started = true;
    return {
      ready,
      secretReady,
      idleMs: () => (broker.connections > 0 ? 0 : edge.idleMs()),
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    const isSystemError = error instanceof Error && 'syscall' in error;
    if (loadedState === undefined || isSystemError || error instanceof StartError) throw error;
    throw unusableState(loadedState, error);
  }
}

/** A state belongs to one region and account: they are part of all its ARNs, including those in policies. */
function checkOrigin(store: Store, { region, accountId }: SandboxConfig): void {
  const origins = store.table<{ region: string; accountId: string }>('origin', { permanent: true });
  const origin = origins.get('made-for');
  if (origin === undefined) {
    origins.set('made-for', { region, accountId });
  } else if (origin.region !== region || origin.accountId !== accountId) {
    throw new StartError(
      'bad-arguments',
      `The state was made for region ${origin.region} and account ${origin.accountId}, not for ${region} and ` +
        `${accountId}: give those, or choose another state folder.`,
    );
  }
}

async function listenMqtt(broker: Broker, port: number): Promise<number> {
  try {
    return await broker.listen(port);
  } catch (error) {
    throw error instanceof Error ? portProblem('MQTT', port, error) : error;
  }
}
