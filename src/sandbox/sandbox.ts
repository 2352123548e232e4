import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createAdmin } from './admin.ts';
import { replaceFile } from './kernel/atomicFile.ts';
import { createAuthority } from './authority/authority.ts';
import { createWebSocket } from './broker/webSocket.ts';
import { createClock } from './kernel/clock.ts';
import type { Broker, MessageListener } from './broker/contract.ts';
import type { Installed, InstallationSettings, InstallationSpec } from './installations/contract.ts';
import { createInstallations, idOf, readInstallation } from './installations/installations.ts';
import { createAws } from './services/services.ts';
import type { Context, SandboxConfig } from './kernel/context.ts';
import type { Log } from './kernel/log.ts';
import type { Store } from './kernel/store.ts';
import { createEdge } from './kernel/edge/edge.ts';
import { createFaults } from './kernel/faults.ts';
import { makeSecret, proofOf } from './kernel/identity.ts';
import { unclaimed } from './services/unclaimed.ts';
import { portProblem, StartError } from './kernel/startError.ts';
import { notWritable, openStateFolder } from './kernel/stateFolder.ts';
import { createStore, unusableState } from './kernel/store.ts';

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
  installations: Installed[];
  /** The stacks of all installations by what they are, such as `cms` and `cdf` of CMS v1. */
  stacks: Record<string, string[]>;
}

/** What to start. */
export interface SandboxPlan {
  config: SandboxConfig;
  installations: readonly InstallationSpec[];
  settings: InstallationSettings;
}

/** What the process does when something happens in its sandbox. */
export interface SandboxEvents {
  /** The administration was asked to shut it down. */
  onShutdown?: () => void;
  /** The ready line changed: something was installed. It is given with its secret. */
  onReadyChange?: (secretReady: string) => Promise<void>;
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
 * Builds all parts, opens the ports and installs. On failure it closes everything and throws, usually a StartError.
 */
export async function startSandbox(
  { config, installations: specs, settings }: SandboxPlan,
  log: Log,
  { onShutdown = () => undefined, onReadyChange = () => Promise.resolve() }: SandboxEvents = {},
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
    const caFile = path.join(folder.path, 'ca.pem');
    const endpoints = { http: '', mqttHost: 'localhost', mqttPort: 0, caFile };
    const context: Context = { config, clock, store, faults: createFaults(), log, endpoints };

    const authority = await createAuthority(context);
    const onMessage: MessageListener = (message) => installations.onMessage(message);
    const aws = createAws(context, {
      authority,
      onMessage,
      isRule: (name) => installations.isRule(name),
      http: (stream, client) => edge.accept(stream, client),
    });
    const { broker, cloudFormation } = aws;
    closers.push(() => broker.close());
    closers.push(() => {
      aws.close();
      return Promise.resolve();
    });
    const installations = createInstallations(context, aws, settings);
    const services = [...installations.services, ...aws.services];

    async function install(spec: InstallationSpec): Promise<void> {
      if (!(await installations.add(spec))) return;
      log('info', `installed ${idOf(spec)}`);
      if (!started) return;
      await replaceFile(readyFile, [secretReady()]);
      await onReadyChange(secretReady());
      await store.flush();
    }
    async function reset(): Promise<void> {
      await installations.again(() => {
        store.reset();
        broker.reset();
        aws.close();
        context.faults.clear();
        clock.reset();
      });
      await store.flush();
    }

    const admin = createAdmin(context, {
      clock,
      stacks: cloudFormation.stacks,
      quotas: aws.serviceQuotas,
      installations: () => installations.list(),
      overview: () => installations.overview(),
      install: (text) => install(readInstallation(text)),
      more: installations.administration,
      connections: () => broker.connections,
      reset,
      operations: () =>
        services.flatMap(({ name, operations }) => operations.map((operation) => `${name}:${operation}`)),
      prove: (nonce) => proofOf(secret, nonce, endpoints.http),
      shutdown: onShutdown,
    });
    const mqttOverWebSocket = createWebSocket(context, broker);
    const edge = createEdge(context, [admin, ...services], {
      secret,
      unclaimed,
      refusal: aws.refusal,
      upgrade(request) {
        if (!installations.upgrade(request)) mqttOverWebSocket(request);
      },
    });
    closers.push(() => edge.close());

    endpoints.mqttPort = await listenMqtt(broker, config.mqttPort);
    endpoints.http = `http://127.0.0.1:${await edge.listen(config.httpPort)}`;
    for (const spec of specs) await install(spec);

    const ready = (): Ready => ({
      ready: true,
      endpoint: endpoints.http,
      mqttEndpoint: `${endpoints.mqttHost}:${endpoints.mqttPort}`,
      caFile,
      region: config.region,
      accountId: config.accountId,
      installations: installations.list(),
      stacks: stacksByRole(installations.list()),
    });
    const secretReady = (): string => `${JSON.stringify({ ...ready(), secret })}\n`;
    try {
      await replaceFile(caFile, [authority.rootPem]);
      await replaceFile(readyFile, [secretReady()]);
      // From here on, killing the process loses neither the CA nor the seeded state.
      await store.flush();
    } catch (error) {
      throw notWritable(folder.path, error);
    }
    started = true;
    return {
      get ready() {
        return ready();
      },
      get secretReady() {
        return secretReady();
      },
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

function stacksByRole(installed: readonly Installed[]): Record<string, string[]> {
  const stacks: Record<string, string[]> = {};
  for (const [role, name] of installed.flatMap((each) => Object.entries(each.stacks))) {
    const known = (stacks[role] ??= []);
    if (!known.includes(name)) known.push(name);
  }
  return stacks;
}

async function listenMqtt(broker: Broker, port: number): Promise<number> {
  try {
    return await broker.listen(port);
  } catch (error) {
    throw error instanceof Error ? portProblem('MQTT', port, error) : error;
  }
}
