import * as z from 'zod';
import { l10n, type Message } from '../../../core/message.ts';
import type { Rest, RestRequest } from '../../kit/rest.ts';
import { bodyOf } from '../replies.ts';

const BASE = '/api/simulation';

const text = z.string().min(1).optional().catch(undefined);
const named = z
  .union([z.string(), z.looseObject({ vehicleId: z.string() }).transform(({ vehicleId }) => vehicleId)])
  .optional()
  .catch(undefined);
const runSchema = z.looseObject({
  id: z.string().min(1),
  status: text,
  start_time: text,
  task_arn: text,
  ecs_status: text,
  /** What it was asked for; releases may leave it empty. */
  config: z
    .looseObject({ vehicles: z.array(named).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
const startedSchema = z.looseObject({ simulation_id: z.string().min(1), task_arn: text });
const listSchema = z.looseObject({ simulations: z.array(runSchema) });

/** A run of the remote simulator, as it keeps it for a day. */
export interface RemoteRun {
  readonly id: string;
  readonly task: string | undefined;
  /** `running`, `completed`, `stopped`; that of its task is another matter. */
  readonly status: string | undefined;
  /** Of its task, as the API sees it. */
  readonly taskStatus: string | undefined;
  /** When it was asked for; milliseconds since 1970, by the clock of the CMS. */
  readonly startedAt: number | undefined;
  /** Ids of its vehicles, where it says. */
  readonly vehicles: readonly string[];
}

/** The API of the stack `simulation`, as far as a drive needs it. Source: the handlers of 0.4. */
export interface SimulationApi {
  /** Says only that a task was asked for. Is sent once. */
  start(
    run: { vehicles: readonly string[]; trips: number; points: number },
    signal: AbortSignal,
  ): Promise<{ id: string; task: string | undefined }>;
  /** Undefined once it is forgotten. */
  run(id: string, signal: AbortSignal): Promise<RemoteRun | undefined>;
  /** False if it is forgotten: its task may run all the same. */
  stop(id: string, signal: AbortSignal): Promise<boolean>;
  /** Newest first, of the first fifty that it keeps. */
  runs(signal: AbortSignal): Promise<readonly RemoteRun[]>;
}

export function createSimulationApi(rest: Rest): SimulationApi {
  const doingOf = (id: string): Message => l10n.t('reading the simulation {id}', { id });
  const pathOf = (what: 'status' | 'stop', id: string): string => `${BASE}/${what}/${encodeURIComponent(id)}`;
  return {
    async start({ vehicles, trips, points }, signal) {
      const body = { vehicles, trips, route_length: points, mode: 'mqtt_direct' };
      const request: RestRequest = { method: 'POST', path: `${BASE}/start`, body, signal };
      const doing = l10n.t('starting the simulator of the CMS');
      const made = bodyOf(startedSchema, rest, await rest.send(request), doing);
      return { id: made.simulation_id, task: made.task_arn };
    },
    async run(id, signal) {
      const reply = await rest.send({ method: 'GET', path: pathOf('status', id), signal });
      return reply.status === 404 ? undefined : remoteOf(bodyOf(runSchema, rest, reply, doingOf(id)));
    },
    async stop(id, signal) {
      const reply = await rest.send({
        ...{ method: 'POST', path: pathOf('stop', id), body: {}, repeatable: true, signal },
      });
      if (reply.status === 404) return false;
      bodyOf(z.unknown(), rest, reply, l10n.t('stopping the simulation {id}', { id }));
      return true;
    },
    async runs(signal) {
      const reply = await rest.send({ method: 'GET', path: `${BASE}/list`, signal });
      const doing = l10n.t('listing the simulations of the CMS');
      return bodyOf(listSchema, rest, reply, doing).simulations.map(remoteOf);
    },
  };
}

function remoteOf({ id, status, start_time, task_arn, ecs_status, config }: z.infer<typeof runSchema>) {
  // Times come with a zone, or in UTC without one.
  const time = Date.parse(
    /(Z|[+-]\d\d:?\d\d)$/.test(start_time ?? '') ? (start_time ?? '') : `${start_time}Z`,
  );
  return {
    ...{ id, status, task: task_arn, taskStatus: ecs_status },
    startedAt: Number.isNaN(time) ? undefined : time,
    vehicles: (config?.vehicles ?? []).flatMap((each) => each ?? []),
  };
}
