import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '../../aws/connection.ts';
import type { Engine, EngineName } from '../../scale/engines/engine.ts';
import { batchEngine } from '../../scale/engines/batch.ts';
import { kubernetesEngine } from '../../scale/engines/kubernetes.ts';
import { slurmEngine } from '../../scale/engines/slurm.ts';
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
