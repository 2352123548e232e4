import type { Context } from '../../../kernel/context.ts';
import { arnOf } from '../../../kit/partition.ts';
import type { Aws } from '../../../services/services.ts';
import { Broken, type Library, type Simulation } from './library.ts';
import { messageOf } from './payload.ts';

/** The runs of simulations: each device is a thing, and publishes with AWS rights. */
export interface Runs {
  start(id: string): Promise<void>;
  stop(id: string): void;
  /** Goes on with those that a restart interrupted. */
  resume(): void;
}

export const GROUP = 'cms-simulated-vehicle';
/** A run has 25,000 events of its state machine, about nine a tick and device; beyond them it fails, and cleans nothing up. */
const MOST_TICKS = 2500;

export function createRuns(
  context: Context,
  { iot, secretsManager, broker }: Pick<Aws, 'iot' | 'secretsManager' | 'broker'>,
  library: Library,
  app: string,
): Runs {
  const { store, clock, log, config } = context;
  const { things, groups, certificates, policies, state } = iot.parts;
  const { simulations, types } = library;
  /** How many ticks a run has had. */
  const ticks = store.table<number>(`cms-on-aws.simulator/${app}/ticks`);
  const timers = new Map<string, NodeJS.Timeout>();

  const devicesOf = ({ devices }: Simulation): { name: string; typeId: string }[] =>
    devices.flatMap(({ name, type_id: typeId, amount }) =>
      Array.from({ length: Number(amount) }, (_, i) => ({ name: `${name}-${i}`, typeId })),
    );

  async function provision(simulation: Simulation, name: string): Promise<void> {
    if (!state.groups.has(GROUP)) groups.create(GROUP, {});
    things.create(name, undefined, { simulation_id: simulation.sim_id });
    groups.add(GROUP, name);
    const { record, keys } = await certificates.createKeys('INACTIVE');
    const arn = state.arn('cert', record.certificateId);
    const policy = `${name}-policy`;
    if (!state.policies.has(policy)) {
      const document = {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'iot:Publish',
            Resource: arnOf(config, 'iot', `topic/${topicOf(name)}`),
          },
        ],
      };
      policies.create(policy, JSON.stringify(document));
    }
    policies.attach(policy, arn);
    things.attach(name, arn);
    secretsManager.secrets.ensure({
      name: secretOf(name),
      value: JSON.stringify({ certificatePem: record.certificatePem, privateKey: keys.privateKeyPem }),
    });
  }

  /** Everything that begins with the id of the simulation, which may be another one's, too. */
  function cleanUp(id: string): void {
    for (const { thingName, attributes } of [...state.things.values()]) {
      if (attributes.simulation_id?.startsWith(id) !== true) continue;
      for (const { key } of things.principalsOf(thingName)) {
        const certificateId = key.slice(key.lastIndexOf('/') + 1);
        things.detach(thingName, key);
        certificates.discard(certificateId);
      }
      things.remove(thingName);
      const policy = `${thingName}-policy`;
      if (state.policies.has(policy) && !state.policyTargets.hasLeft(policy)) policies.remove(policy);
      secretsManager.secrets.remove(secretOf(thingName));
    }
  }

  function setStage(id: string, stage: Simulation['stage']): void {
    const simulation = simulations.get(id);
    if (simulation !== undefined) simulations.set(id, { ...simulation, stage });
  }

  function end(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    ticks.delete(id);
  }

  function tick(id: string): void {
    const simulation = simulations.get(id);
    const count = ticks.get(id);
    if (simulation === undefined || count === undefined) return;
    try {
      for (const { name, typeId } of devicesOf(simulation)) {
        const type = types.get(typeId);
        if (type === undefined) throw new Broken(`no type ${typeId}`);
        const payload = Buffer.from(JSON.stringify(messageOf(type.payload, count, clock.now())));
        broker.publishFromHttp({ topic: topicOf(name), payload, qos: 0, retain: false });
      }
    } catch (error) {
      // The run fails, nothing is cleaned up, and the stage stays as it is.
      log('warn', `The simulation ${id} failed: ${error instanceof Error ? error.message : String(error)}`);
      end(id);
      return;
    }
    const all = Math.ceil(simulation.duration / simulation.interval) + 1;
    if (count + 1 >= all) {
      end(id);
      cleanUp(id);
      setStage(id, 'sleeping');
      return;
    }
    ticks.set(id, count + 1);
    timers.set(id, setTimeout(() => tick(id), simulation.interval * 1000).unref());
  }

  return {
    async start(id) {
      const simulation = simulations.get(id);
      if (simulation === undefined) throw new Broken(`no simulation ${id}`);
      if (simulation.name.includes(' ')) throw new Broken('The name of an execution has no blanks.');
      const devices = devicesOf(simulation);
      const at = new Date(clock.now()).toISOString();
      simulations.set(id, {
        ...simulation,
        stage: 'running',
        runs: simulation.runs + 1,
        last_run: at,
        current_run_arn: arnOf(config, 'states', `execution:${app}-vehicle-simulator:${simulation.name}`),
      });
      const all = devices.length * (Math.ceil(simulation.duration / simulation.interval) + 1);
      if (all > MOST_TICKS) {
        log(
          'warn',
          `The simulation ${id} fails: it has ${all} ticks of devices, and ${MOST_TICKS} are possible`,
        );
        return;
      }
      for (const { name } of devices) await provision(simulation, name);
      ticks.set(id, 0);
      tick(id);
    },
    stop(id) {
      if (!simulations.has(id)) throw new Broken(`no simulation ${id}`);
      end(id);
      cleanUp(id);
      setStage(id, 'sleeping');
    },
    resume() {
      for (const id of [...ticks.keys()]) if (!timers.has(id)) tick(id);
    },
  };
}

function topicOf(device: string): string {
  return `cms/data/simulated/${device}`;
}

function secretOf(device: string): string {
  return `vs-device/${device}-secret`;
}
