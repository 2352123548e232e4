import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '../../aws/connection.ts';
import type { Engine, EngineName } from '../../scale/engines/engine.ts';
import { batchEngine } from '../../scale/engines/batch.ts';
import { kubernetesEngine } from '../../scale/engines/kubernetes.ts';
import { slurmEngine } from '../../scale/engines/slurm.ts';
import type { Plan } from '../../scale/plan.ts';
import type { ConnectionFlags } from '../options.ts';
import type { ScaleFlags } from './options.ts';

/** The engine that a run is started on. */
export function engineOf(name: EngineName, flags: ScaleFlags, connection: Connection): Engine {
  switch (name) {
    case 'slurm':
      return slurmEngine({
        // Nodes have this program where this machine has it.
        program: [process.execPath, realpathSync(process.argv[1] ?? '')],
        logs: join(resolve(flags.store ?? '.'), 'logs'),
        partition: flags.partition,
      });
    case 'batch':
      return batchEngine({ connection, queue: flags.jobQueue, definition: flags.jobDefinition, vcpus: 1 });
    case 'kubernetes':
      return kubernetesEngine();
  }
}

/**
 * What each worker is told on its command line: names and addresses, never a secret. Containers have neither the
 * profiles nor the files of this machine, but nodes of Slurm do.
 * @param region where the run is, by whatever said it
 */
export function workerArgs(
  on: EngineName,
  { run }: Pick<Plan, 'run'>,
  store: string,
  flags: ConnectionFlags,
  region: string,
): string[] {
  const { profile, endpoint, ca, mqttPort } = flags;
  const here = on === 'slurm';
  const said: [string, string | undefined][] = [
    ['--profile', here ? profile : undefined],
    ['--region', region],
    ['--endpoint', endpoint],
    ['--ca', here && ca !== undefined ? resolve(ca) : undefined],
    ['--mqtt-port', mqttPort === undefined ? undefined : String(mqttPort)],
  ];
  const place = store.startsWith('s3://') ? store : resolve(store);
  return [
    ...['--run', run, '--store', place],
    ...said.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  ];
}
