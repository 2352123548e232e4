import * as z from 'zod';
import { background } from '../../core/background.ts';
import { CmsError, isCmsError, messageOf } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';
import { l10n, type Message } from '../../core/message.ts';
import { hearingWaits } from '../../core/patience.ts';
import { problemOf } from '../../core/problem.ts';
import { redacted } from '../../core/secrets.ts';
import { systemClock } from '../../core/work.ts';
import { deviceRequestSchema, type DeviceMessage, type DeviceRequest } from '../../protocol/device.ts';
import { type SimulationControl } from '../../protocol/control.ts';
import { type keepAnswerSchema, type KeepOrder, keepRequestSchema } from '../../protocol/backgroundRun.ts';
import {
  simulationRequestSchema,
  simulationResultSchema,
  type SimulateOrder,
  type SimulationUpdate,
} from '../../protocol/simulation.ts';
import type { KeptRun } from './background/keptRun.ts';
import { PayloadWishes } from './background/payloadWishes.ts';
import type { Issued } from './claimFlow.ts';
import { createConnectPace } from './connectPace.ts';
import { pointToNativeLibrary } from './nativeLibrary.ts';
import { createReach } from './reach.ts';

/**
 * The device process: the vehicles' side of MQTT. It only reads what its parent sends, prints nothing, and ends with its
 * parent, except for runs that it was asked to keep; those leave a record and a result, the only files it writes.
 */

interface Running {
  controller: AbortController;
  /** Set while the parent is saving a certificate. */
  saved: (() => void) | undefined;
  /** Controls a simulation. Controls that arrive before it has started wait in `controls`. */
  control: ((control: SimulationControl) => void) | undefined;
  controls: SimulationControl[];
  payloads: PayloadWishes;
  /** Updates since a window began to hand the run over; undefined unless it does. */
  handing: SimulationUpdate[] | undefined;
  /** It goes on without its parent. */
  kept: KeptRun | undefined;
  isOver: boolean;
}

type WorkRequest = Extract<DeviceRequest, { kind: 'claim' | 'publish' }> | SimulateOrder;

const requestSchema = z.discriminatedUnion('kind', [
  deviceRequestSchema,
  simulationRequestSchema,
  keepRequestSchema,
]);
const running = new Map<number, Running>();
const pace = createConnectPace(systemClock);
const reach = createReach();
/** The window that started this process. */
const PARENT = {};

function send(message: DeviceMessage | z.input<typeof keepAnswerSchema>): void {
  if (process.connected) process.send?.(message);
}

/** Resolves when the parent has received the message, or is gone. */
function sendUpdate(message: { kind: 'simulation-update'; id: number } & SimulationUpdate): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else process.send?.(message, undefined, {}, () => resolve());
  });
}

async function answer(request: WorkRequest): Promise<void> {
  const { id } = request;
  const task: Running = {
    controller: new AbortController(),
    saved: undefined,
    control: undefined,
    controls: [],
    payloads: new PayloadWishes(),
    handing: undefined,
    kept: undefined,
    isOver: false,
  };
  running.set(id, task);
  const progress = (step: string, message: Message, level: 'debug' | 'info' = 'debug') =>
    send({ id, kind: 'progress', step, message: redacted(message), level });
  const waits = (message: Message) => progress('network', message, 'info');
  try {
    const result = await hearingWaits(waits, () => run(request, task, progress));
    task.isOver = true;
    await task.kept?.done(simulationResultSchema.parse(result));
    send({ id, kind: 'done', result });
  } catch (error) {
    if (isCmsError(error) && error.code === 'ENDPOINT_UNREACHABLE') reach.forget(request.broker);
    task.isOver = true;
    await task.kept?.failed(asError(error));
    send(failed(id, error));
  } finally {
    running.delete(id);
    if (!process.connected) exitUnlessKept();
  }
}

async function run(
  request: WorkRequest,
  task: Running,
  progress: (step: string, message: Message, level?: 'info') => void,
): Promise<Record<string, unknown>> {
  const { signal } = task.controller;
  const work = { signal, clock: systemClock, random: Math.random };
  const broker = await reach(request.broker, (message) => progress('connect', message, 'info'), signal);
  const order = { ...request, broker };
  if (order.kind === 'publish') {
    const { publishAll } = await import('./publish.ts');
    return publishAll(order, progress, work, pace);
  }
  if (order.kind === 'simulate') {
    const { startEngine } = await import('./simulation/engine.ts');
    const emit = async (update: SimulationUpdate) => {
      task.handing?.push(update);
      const others = task.kept?.update(update);
      await sendUpdate({ ...update, id: order.id, kind: 'simulation-update' });
      await others;
    };
    const simulation = startEngine(order, emit, signal);
    if (order.payloads) task.payloads.allows({ do: 'payloads', on: true }, order);
    task.control = (control) => simulation.control(control);
    for (const control of task.controls.splice(0)) simulation.control(control);
    return { ...(await simulation.done) };
  }
  // Loaded here, because it contains native code: a failure to load it then fails the request, not the process.
  const { claimFlow } = await import('./claimFlow.ts');
  const save = ({ privateKeyPem, ...issued }: Issued) =>
    new Promise<void>((resolve) => {
      task.saved = resolve;
      send({
        id: order.id,
        kind: 'certificate-issued',
        ...issued,
        ...defined({ privateKeyPem }),
      });
    });
  return claimFlow(order, { progress, save }, work);
}

function asError(error: unknown): CmsError {
  return isCmsError(error) ? error : new CmsError('DEVICE_PROCESS_FAILED', l10n.verbatim(messageOf(error)));
}

function failed(id: number, error: unknown): DeviceMessage {
  return { id, kind: 'failed', problem: problemOf(asError(error)) };
}

/** What comes before the simulation has started waits for it. */
function steer(task: Running, control: SimulationControl, window: object): void {
  if (!task.payloads.allows(control, window)) return;
  if (task.control) task.control(control);
  else task.controls.push(control);
}

/** A window closed: nobody records what it alone recorded. */
function leave(task: Running, window: object): void {
  if (task.payloads.left(window)) task.control?.({ do: 'payloads', on: false });
}

/** From now on the run counts here what it comes to, and goes on when the parent ends. */
async function keep(order: KeepOrder & { id: number }): Promise<void> {
  const { id } = order;
  const task = running.get(id);
  if (task?.handing === undefined) return;
  const { KeptRun } = await import('./background/keptRun.ts');
  try {
    const kept = await KeptRun.start(order, {
      control: (control, window) => steer(task, control, window),
      abort: () => task.controller.abort(),
      left: (window) => leave(task, window),
    });
    kept.count(task.handing);
    task.handing = undefined;
    if (task.isOver) {
      await kept.discard();
      return;
    }
    task.kept = kept;
    send({ id, kind: 'kept' });
  } catch (error) {
    task.handing = undefined;
    send({ id, kind: 'kept', problem: problemOf(asError(error)) });
  }
}

/** The parent is gone: what nobody asked to keep ends with it. */
function exitUnlessKept(): void {
  const tasks = [...running.values()];
  if (!tasks.some(({ kept }) => kept !== undefined)) process.exit(0);
  for (const task of tasks) {
    if (task.kept === undefined) task.controller.abort();
    else leave(task, PARENT);
  }
}

function receive(message: unknown): void {
  const parsed = requestSchema.safeParse(message);
  if (!parsed.success) {
    const id = (message as { id?: unknown } | null)?.id;
    // The parser's message is omitted, because it may quote a key.
    if (typeof id === 'number')
      send(failed(id, new CmsError('INTERNAL', l10n.t('The device process received an invalid request.'))));
    return;
  }
  const request = parsed.data;
  switch (request.kind) {
    case 'cancel':
      running.get(request.id)?.controller.abort();
      break;
    case 'certificate-saved':
      running.get(request.id)?.saved?.();
      break;
    case 'control': {
      const task = running.get(request.id);
      if (task === undefined) break;
      task.kept?.steered(request.control);
      steer(task, request.control, PARENT);
      break;
    }
    case 'keep': {
      const task = running.get(request.id);
      if (task === undefined || task.kept !== undefined) break;
      task.handing = [];
      send({ id: request.id, kind: 'keeping' });
      break;
    }
    case 'kept':
      background(keep(request), (error) =>
        send({ id: request.id, kind: 'kept', problem: problemOf(asError(error)) }),
      );
      break;
    case 'claim':
    case 'publish':
    case 'simulate':
      background(answer(request), (error) => send(failed(request.id, error)));
      break;
  }
}

pointToNativeLibrary(__dirname);
process.on('message', receive);
process.on('disconnect', exitUnlessKept);
// Ctrl+C in a terminal reaches the whole process group. The parent decides what to cancel.
process.on('SIGINT', () => undefined);
send({ kind: 'ready' });
