import type * as vscode from 'vscode';
import type { ReachedDeployment, SimulationSummary } from '../../automation/host.ts';
import type { Given, GivenNeed } from '../../cms/contract/credentials.ts';
import { nobodySignedIn } from '../../cms/contract/needs.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { keepSecret } from '../../core/secrets.ts';
import { unlessAborted } from '../../core/shared.ts';
import { systemClock } from '../../core/work.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import { SANDBOX_ID, type SandboxController } from '../sandbox/sandboxController.ts';
import { EditorHost, type HostSources } from './editorHost.ts';

/** A drive to start: what is left out is as in the tool `simulate_drive`. */
export interface ApiDrive {
  vins: string[];
  /** Path of a route file; without it a sample route. */
  route?: string;
  deployment?: string;
  /** Time scale; 1 is real time. */
  speed?: number;
  /** Messages per second per vehicle. */
  rate?: number;
  loop?: boolean;
  durationSeconds?: number;
}

/**
 * What `activate` returns, for test suites of other extensions. It works in the local sandbox and nowhere else, so it
 * asks nobody. All methods reject with an error that has a `code` of docs/errors.md.
 */
export interface CmsEnablementApi {
  /** Counts up when something of it changes its meaning or goes away. */
  readonly apiVersion: 1;
  /** Starts the local sandbox unless it runs. */
  startSandbox(signal?: AbortSignal): Promise<void>;
  stopSandbox(signal?: AbortSignal): Promise<void>;
  deployments(signal?: AbortSignal): Promise<readonly ReachedDeployment[]>;
  /** As the tool `list_vehicles` answers. */
  vehicles(deployment?: string, signal?: AbortSignal): Promise<readonly { vin: string }[]>;
  /** Who signs in from now on, where nobody is; onboarding makes the user, if it is missing. */
  signInAs(username: string, password: string): void;
  /** @param vehicle its fields, as the tool `list_deployments` names them */
  onboard(
    vehicle: { vin: string } & Record<string, string | number>,
    deployment?: string,
    signal?: AbortSignal,
  ): Promise<{ vin: string; id: string }>;
  simulate(drive: ApiDrive, signal?: AbortSignal): Promise<{ simulationId: string }>;
  simulations(): readonly SimulationSummary[];
  /** Ends a simulation, or the only one, and waits for its last messages. */
  stop(simulationId?: string, signal?: AbortSignal): Promise<void>;
  /** Waits for a state of a simulation. Rejects with CANCELLED when the signal aborts. */
  until(
    simulationId: string,
    isTrue: (summary: SimulationSummary) => boolean,
    signal: AbortSignal,
  ): Promise<SimulationSummary>;
}

interface Sources extends Omit<HostSources, 'allows' | 'signIns'> {
  backend: LoadBackend<'TOOLS'>;
  sandbox: Pick<SandboxController, 'start' | 'stop'>;
}

export function createApi({ backend, sandbox, ...sources }: Sources): CmsEnablementApi {
  let given: Given | undefined;
  const who = (need: GivenNeed): Given => {
    if (given === undefined) throw nobodySignedIn(need);
    return given;
  };
  const { sessions } = sources.access;
  const host = new EditorHost({
    ...sources,
    allows: (connectionId) => connectionId === SANDBOX_ID,
    signIns: {
      ask: (_, need) => Promise.resolve(need.kind === 'iam' ? undefined : who(need)),
      async now(ref: StackRef, need) {
        if (need.kind !== 'iam') await sessions.signIn(ref, need, who(need), new AbortController().signal);
        return 'not needed';
      },
    },
  });
  const call = async <T>(name: string, input: object, signal = new AbortController().signal): Promise<T> => {
    const tool = backend().TOOLS.find((each) => each.name === name);
    if (tool === undefined) throw new Error(`There is no tool ${name}`);
    const progress = (): void => undefined;
    return (await tool.run(input, host, { signal, progress, clock: systemClock, random: Math.random })) as T;
  };
  return {
    apiVersion: 1,
    async startSandbox(signal = new AbortController().signal) {
      await sandbox.start(signal);
    },
    stopSandbox: (signal = new AbortController().signal) => sandbox.stop(signal),
    deployments: (signal = new AbortController().signal) => host.deployments(signal),
    vehicles: async (deployment, signal) =>
      (await call<{ vehicles: { vin: string }[] }>('list_vehicles', { deployment, limit: 200 }, signal))
        .vehicles,
    signInAs(username, password) {
      keepSecret(password);
      given = { username, password };
    },
    onboard: ({ vin, ...fields }, deployment, signal) =>
      call('onboard_vehicle', { vin, fields, deployment }, signal),
    simulate: (drive, signal) => call('simulate_drive', drive, signal),
    simulations: () => host.simulations.list(),
    async stop(simulationId, signal) {
      await call('stop_simulation', { simulationId }, signal);
    },
    until: (simulationId, isTrue, signal) => untilState(host, sources, simulationId, isTrue, signal),
  };
}

async function untilState(
  host: EditorHost,
  { simulations }: Pick<HostSources, 'simulations'>,
  simulationId: string,
  isTrue: (summary: SimulationSummary) => boolean,
  signal: AbortSignal,
): Promise<SimulationSummary> {
  const listeners: vscode.Disposable[] = [];
  const reached = new Promise<SimulationSummary>((resolve, reject) => {
    const look = (): void => {
      const summary = host.simulations.list().find((each) => each.simulationId === simulationId);
      if (summary === undefined) {
        reject(new CmsError('REQUEST_INVALID', l10n.t('There is no simulation {id}.', { id: simulationId })));
      } else if (isTrue(summary)) resolve(summary);
    };
    listeners.push(simulations.onDidUpdate(look), simulations.onDidChange(look), simulations.onDidEnd(look));
    look();
  });
  try {
    return await unlessAborted(reached, signal);
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}
