import { defined } from '../../core/defined.ts';
import type { CapabilityId } from './capability.ts';
import type { Check } from './checks.ts';
import type { CloudSimulator } from './cloudSimulator.ts';
import type { CredentialNeed, Credentials } from './credentials.ts';
import type { Deployment } from './deployment.ts';
import { aboutNeed, isAboutSignIn, isGiven, isRefused } from './needs.ts';
import type { Provisioner } from './provisioner.ts';
import type { RemoteCommands } from './remoteCommands.ts';
import type { Removal, Removals } from './removals.ts';
import type { Vehicles } from './vehicles.ts';

/** What a capability needs is known at once, or after a short look. */
const LOOK_MS = 10_000;

/**
 * The same deployment, whose errors about signing in say in `details.need` for what, and which tells `credentials` what
 * was refused. No generation has to do it.
 */
export function sayingNeeds(deployment: Deployment, credentials: Credentials): Deployment {
  const { vehicles, owners, onboarding, certificates, cloudSimulator, commands, lists, checks } = deployment;

  const needOf = async (what: CredentialNeed | CapabilityId): Promise<CredentialNeed> => {
    if (typeof what !== 'string') return what;
    const able = await deployment.capabilities(AbortSignal.timeout(LOOK_MS)).catch(() => []);
    return able.find(({ id }) => id === what)?.needs ?? vehicles.needs;
  };
  const told: Told = async (what, call) => {
    try {
      return await call();
    } catch (error) {
      if (!isAboutSignIn(error)) throw error;
      const need = await needOf(what);
      if (!isGiven(need)) throw error;
      if (isRefused(need, error)) await credentials.refused?.(need);
      throw aboutNeed(error, need);
    }
  };

  return {
    ...deployment,
    signIn: (need, signal) => told(need, () => deployment.signIn(need, signal)),
    vehicles: toldVehicles(vehicles, told),
    ...defined({
      owners:
        owners &&
        ({
          ...owners,
          set: (vehicle, owner, signal) => told('owners', () => owners.set(vehicle, owner, signal)),
        } satisfies Deployment['owners']),
      onboarding:
        onboarding &&
        ({
          prepare: (run) => told('onboard', () => onboarding.prepare(run)),
          onboard: (request, kit) => told('onboard', () => onboarding.onboard(request, kit)),
        } satisfies Deployment['onboarding']),
      certificates: certificates && toldProvisioner(certificates, told),
      cloudSimulator: cloudSimulator && toldSimulator(cloudSimulator, told),
      commands: commands && toldCommands(commands, told),
    }),
    lists: lists.map((list) => ({
      ...list,
      page: (page, signal) => told(list.needs, () => list.page(page, signal)),
    })),
    checks: checks.map((check) => toldCheck(check, told)),
    async removals(vehicle, choices, signal) {
      const all = await told('offboard', () => deployment.removals(vehicle, choices, signal));
      return toldRemovals(all, told);
    },
  };
}

type Told = <T>(what: CredentialNeed | CapabilityId, call: () => Promise<T>) => Promise<T>;

function toldVehicles(vehicles: Vehicles, told: Told): Vehicles {
  const { needs } = vehicles;
  return {
    ...vehicles,
    list: (page, signal) => told(needs, () => vehicles.list(page, signal)),
    find: (name, signal) => told(needs, () => vehicles.find(name, signal)),
    details: (vehicle, signal) => told(needs, () => vehicles.details(vehicle, signal)),
    ...(vehicles.live && {
      live: (vehicle, signal) => told('live', async () => vehicles.live?.(vehicle, signal)),
    }),
  };
}

function toldProvisioner(provisioner: Provisioner, told: Told): Provisioner {
  switch (provisioner.kind) {
    case 'claim':
      return provisioner;
    case 'minted':
      return {
        ...provisioner,
        mint: (vehicle, work) => told('provision', () => provisioner.mint(vehicle, work)),
      };
    case 'shared':
      return {
        ...provisioner,
        fetch: (vehicle, work) => told('provision', () => provisioner.fetch(vehicle, work)),
      };
  }
}

function toldSimulator(simulator: CloudSimulator, told: Told): CloudSimulator {
  const { needs } = simulator;
  return {
    ...simulator,
    start: (run, work) => told(needs, () => simulator.start(run, work)),
    look: (run, work) => told(needs, () => simulator.look(run, work)),
    end: (run, work) => told(needs, () => simulator.end(run, work)),
  };
}

function toldCommands(commands: RemoteCommands, told: Told): RemoteCommands {
  const { needs } = commands;
  return {
    needs,
    names: (signal) => told(needs, () => commands.names(signal)),
    send: (vehicle, command, work) => told(needs, () => commands.send(vehicle, command, work)),
    look: (vehicle, id, signal) => told(needs, () => commands.look(vehicle, id, signal)),
  };
}

function toldCheck(check: Check, told: Told): Check {
  return {
    ...check,
    run(input, work) {
      const verdict = check.run(input, work);
      return verdict && told('doctor', () => verdict);
    },
  };
}

function toldRemovals({ first, last, ...rest }: Removals, told: Told): Removals {
  const each = (removal: Removal): Removal => ({
    ...removal,
    remove: (work) => told('offboard', () => removal.remove(work)),
  });
  return { ...rest, first: first.map(each), last: last.map(each) };
}
