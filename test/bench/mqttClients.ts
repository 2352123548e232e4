import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { brokerOf } from '../../src/provisioning/device.ts';
import { benchThings } from './benchThings.ts';
import { withFleetBench } from './fleet.ts';
import type { ClientFigures, ClientName, ClientTask } from './mqttClient.ts';
import type { Figure } from './run.ts';

const CLIENTS: readonly ClientName[] = ['ours', 'mqtt'];
const FLEETS = [1000, 3000];
const FLEET_ROUNDS = 2;
const REPORT_MS = 20_000;
/** Connects only: many short rounds, because a machine with other work on it has bad moments. */
const CONNECTS = 400;
const CONNECT_ROUNDS = 5;
const WARM_UP = 100;

type Runs = Record<ClientName, ClientFigures[]>;

/**
 * The simulator's MQTT session beside the `mqtt` package: the same connections, payloads and beat, each client in a
 * process of its own, one after the other in turns, against one broker.
 */
export function mqttClients(): Promise<Figure[]> {
  return withFleetBench(async ({ connection }) => {
    const things = await benchThings(connection, Math.max(...FLEETS));
    const broker = await brokerOf(connection);
    const rounds = async (count: number, reportMs: number, times: number): Promise<Runs> => {
      const runs: Runs = { ours: [], mqtt: [] };
      for (let round = 0; round < times; round++) {
        for (const client of CLIENTS) {
          const task = { client, broker, things: things.slice(0, count), warmUp: WARM_UP, reportMs };
          runs[client].push(await runClient(task));
        }
      }
      return runs;
    };
    const figures: Figure[] = [];
    const connects = await rounds(CONNECTS, 0, CONNECT_ROUNDS);
    figures.push(
      ...compared(`${CONNECTS} connects`, connects, 'connectsPerSecond', '1/s'),
      ...compared(`${CONNECTS} connects: processor each`, connects, 'connectMicroseconds', 'µs'),
    );
    for (const count of FLEETS) {
      const runs = await rounds(count, REPORT_MS, FLEET_ROUNDS);
      figures.push(
        ...compared(`${count} connections: memory each`, runs, 'kibPerConnection', 'KiB'),
        ...compared(`${count} connections: processor a message`, runs, 'messageMicroseconds', 'µs'),
        ...compared(`${count} connections: processor a connect`, runs, 'connectMicroseconds', 'µs'),
      );
    }
    return figures;
  });
}

function compared(what: string, runs: Runs, figure: keyof ClientFigures, unit: string): Figure[] {
  return CLIENTS.map((client) => {
    const values = runs[client].map((run) => run[figure]).sort((a, b) => a - b);
    return {
      what: `${what}, ${client}`,
      value: values[Math.floor((values.length - 1) / 2)]!,
      unit,
      note: `of ${values.map((value) => value.toFixed(0)).join(', ')}`,
    };
  });
}

async function runClient(task: ClientTask): Promise<ClientFigures> {
  const child = fork(path.join(import.meta.dirname, 'mqttClient.ts'), [], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
  });
  child.send(task);
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as ClientFigures),
    once(child, 'exit').then(() => undefined),
  ]);
  if (answer === undefined) throw new Error(`the client ${task.client} ended with ${child.exitCode}`);
  console.log(JSON.stringify({ client: task.client, connections: task.things.length, ...answer }));
  return answer;
}
