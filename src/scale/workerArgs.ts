import { resolve } from 'node:path';
import type { EngineName } from './engines/engine.ts';
import type { Plan } from './plan.ts';

/** How a connection is named on a command line. */
interface ConnectionWords {
  profile?: string | undefined;
  endpoint?: string | undefined;
  ca?: string | undefined;
  mqttPort?: number | undefined;
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
  { profile, endpoint, ca, mqttPort }: ConnectionWords,
  region: string,
): string[] {
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
