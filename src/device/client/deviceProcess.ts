import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { childEnvironment } from '../../core/childEnvironment.ts';
import { cancelled, CmsError, throwIfAborted } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { payloadText } from '../../core/payload.ts';
import { errorOf } from '../../core/problem.ts';
import type { Work } from '../../core/work.ts';
import { deviceMessageSchema, type DeviceRequest } from '../../protocol/device.ts';
import { type SimulationControl } from '../../protocol/control.ts';
import { keepAnswerSchema, type keepRequestSchema, type KeepOrder } from '../../protocol/backgroundRun.ts';
import {
  packedRequest,
  simulationResultSchema,
  simulationUpdateSchema,
  type SimulationRequest,
  type SimulationResult,
  type SimulationUpdate,
} from '../../protocol/simulation.ts';
import type { Device, IssuedCertificate } from '../../provisioning/device.ts';

export interface StartDeviceOptions {
  /** JavaScript file of the device process. Default: `device.js` next to the running bundle. */
  command?: string;
  /** Simulations can be kept when this program ends. Default: false, all ends with it. */
  outlives?: boolean;
}

/** AWS IoT answers within seconds. The rest is for slow connections. */
const DEFAULT_TIMEOUT_MS = 20_000;
/** How long to wait for a canceled request to end before giving up on it. */
const CANCEL_TIMEOUT_MS = 2000;

const messageSchema = z.discriminatedUnion('kind', [
  deviceMessageSchema,
  simulationUpdateSchema,
  keepAnswerSchema,
]);

type Answer = Exclude<z.infer<typeof messageSchema>, { kind: 'ready' }>;
type ClientRequest = Extract<DeviceRequest, { kind: 'claim' | 'publish' }>;
type RequestBody<T extends ClientRequest = ClientRequest> =
  | (T extends ClientRequest ? Omit<T, 'id'> : never)
  | (ReturnType<typeof packedRequest<SimulationRequest>> & { kind: 'simulate' });

interface Control {
  id: number;
  kind: 'control';
  control: SimulationControl;
}

/** Handlers for what happens between a request and its answer. */
interface Handlers {
  issued?(issued: IssuedCertificate): Promise<void>;
  update?(update: SimulationUpdate): void;
  /** Receives the function that controls the running request. */
  steer?(send: (control: SimulationControl) => void): void;
  /** Receives the function that lets the running request outlive this program. */
  keeper?(keep: Keep): void;
}

/**
 * Asks for what happened so far when everything before has been told, and resolves when the run goes on by itself.
 * Throws CmsError when it cannot, or is over.
 */
export type Keep = (order: () => KeepOrder) => Promise<void>;

interface Keeping {
  order: () => KeepOrder;
  resolve: () => void;
  reject: (error: CmsError) => void;
}

/** The device process with all its functions. */
export interface DeviceProcess extends Device {
  /**
   * Runs a simulation to its end. `src/device/client/startSimulation.ts` is a more convenient interface.
   * Throws CmsError DEVICE_PROCESS_FAILED when the process dies, or CANCELLED.
   */
  simulate(
    request: SimulationRequest,
    handlers: Required<Pick<Handlers, 'update' | 'steer'>> & Pick<Handlers, 'keeper'>,
    work: Work,
  ): Promise<SimulationResult>;
}

interface Pending {
  answered(message: Answer): void;
  died(error: CmsError): void;
}

/**
 * The client of the device process. The process starts on the first request and again after a crash, serves many
 * requests at once, and ends on `dispose` or with this program.
 * Throws CmsError DEVICE_PROCESS_FAILED when it cannot start or dies during a request.
 */
export function startDevice(options: StartDeviceOptions = {}): Promise<DeviceProcess> {
  const command = options.command ?? join(__dirname, 'device.js');
  const pending = new Map<number, Pending>();
  let child: ChildProcess | undefined;
  let lastId = 0;
  let disposed = false;
  /** Requests that go on when this program ends. */
  const kept = new Set<number>();

  function start(): ChildProcess {
    if (!existsSync(command)) {
      throw new CmsError(
        'DEVICE_PROCESS_FAILED',
        l10n.t('The device process {file} is missing.', { file: command }),
        {
          remedy: l10n.t('Build or install the product again.'),
        },
      );
    }
    const started = fork(command, [], {
      // Do not pass on the options of a debugger or loader.
      execArgv: [],
      // The group, terminal or job of this program may end with it; the process ends with its channel anyway.
      detached: options.outlives === true,
      // Its output is discarded, because it could contain a key.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // It reaches the cloud with certificates only. In desktop VS Code this program is Electron.
      env: childEnvironment({ ELECTRON_RUN_AS_NODE: '1' }),
    });
    let hasEnded = false;
    const ended = (why: Message) => {
      if (hasEnded) return;
      hasEnded = true;
      if (child === started) child = undefined;
      const error = new CmsError(
        'DEVICE_PROCESS_FAILED',
        l10n.t('The device process ended: {why}.', { why }),
        {
          remedy: l10n.t('Run it again: the process is restarted.'),
        },
      );
      for (const request of [...pending.values()]) request.died(error);
    };
    started.on('error', (error) => ended(l10n.verbatim(error.message)));
    started.on('exit', (code, signal) =>
      ended(
        signal === null
          ? l10n.t('exit code {code}', { code: code ?? 0 })
          : l10n.t('signal {signal}', { signal }),
      ),
    );
    started.on('message', (raw) => {
      const message = messageSchema.safeParse(raw);
      if (!message.success || message.data.kind === 'ready') return;
      pending.get(message.data.id)?.answered(message.data);
    });
    return started;
  }

  function send(
    message: DeviceRequest | ({ id: number } & RequestBody) | Control | z.input<typeof keepRequestSchema>,
  ): void {
    child?.send(message, () => {
      // An undeliverable message means that the process is gone, which its exit event reports.
    });
  }

  /** Lets this program exit while the device process is idle. */
  function keepAlive(): void {
    if (pending.size > 0) {
      child?.ref();
      child?.channel?.ref();
    } else {
      child?.unref();
      child?.channel?.unref();
    }
  }

  async function call(
    body: RequestBody,
    work: Work,
    between: Handlers = {},
  ): Promise<Record<string, unknown>> {
    throwIfAborted(work.signal);
    if (disposed)
      throw new CmsError('DEVICE_PROCESS_FAILED', l10n.t('The device process was ended by this program.'));
    child ??= start();
    const id = ++lastId;
    const cleanUp = new AbortController();
    /** A save in progress is awaited, so that nothing is written after this function returns. */
    let saving: Promise<void> = Promise.resolve();
    let keeping: Keeping | undefined;
    let keepingDone: Promise<void> = Promise.resolve();
    try {
      return await new Promise<Record<string, unknown>>((resolve, reject) => {
        const stop = (error: unknown) => {
          send({ id, kind: 'cancel' });
          const timer = setTimeout(() => reject(error as Error), CANCEL_TIMEOUT_MS);
          cleanUp.signal.addEventListener('abort', () => clearTimeout(timer));
          current.stopped = error;
        };
        const current: Pending & { stopped?: unknown } = {
          died: reject,
          answered(message) {
            switch (message.kind) {
              case 'progress':
                work.progress({ step: message.step, message: message.message, level: message.level });
                break;
              case 'certificate-issued': {
                const { certificateId, certificatePem, privateKeyPem } = message;
                saving = (
                  between.issued?.({ certificateId, certificatePem, privateKeyPem }) ?? Promise.resolve()
                ).then(() => send({ id, kind: 'certificate-saved' }), stop);
                break;
              }
              case 'simulation-update':
                between.update?.(message);
                break;
              case 'keeping':
                if (keeping !== undefined) send({ id, kind: 'kept', ...keeping.order() });
                break;
              case 'kept':
                if (message.problem === undefined) {
                  kept.add(id);
                  keeping?.resolve();
                } else keeping?.reject(errorOf(message.problem, 'DEVICE_PROCESS_FAILED'));
                keeping = undefined;
                break;
              case 'done':
                resolve(message.result);
                break;
              case 'failed':
                reject(
                  current.stopped === undefined
                    ? errorOf(message.problem, 'DEVICE_PROCESS_FAILED')
                    : (current.stopped as Error),
                );
                break;
            }
          },
        };
        pending.set(id, current);
        keepAlive();
        work.signal.addEventListener('abort', () => stop(cancelled()), { signal: cleanUp.signal });
        send({ ...body, id });
        between.steer?.((control) => {
          if (pending.has(id)) send({ id, kind: 'control', control });
        });
        between.keeper?.((order) => {
          if (!pending.has(id)) return Promise.reject(isOverError());
          // Who asks while it is under way waits for the same.
          if (keeping === undefined) {
            keepingDone = new Promise((isKept, failed) => {
              keeping = { order, resolve: isKept, reject: failed };
            });
            send({ id, kind: 'keep' });
          }
          return keepingDone;
        });
      });
    } finally {
      cleanUp.abort();
      pending.delete(id);
      kept.delete(id);
      keeping?.reject(isOverError());
      await saving;
      keepAlive();
    }
  }

  const device: DeviceProcess = {
    async claim(request, save, work) {
      const { timeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = request;
      const result = await call({ ...rest, kind: 'claim', timeoutMs }, work, { issued: save });
      const { certificateId, thingName } = result;
      if (typeof certificateId !== 'string' || typeof thingName !== 'string') {
        throw new CmsError(
          'DEVICE_PROCESS_FAILED',
          l10n.t('The device process answered without its certificate.'),
        );
      }
      return { certificateId, thingName };
    },
    async publish(request, work) {
      const { timeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = request;
      const messages = request.messages.map(({ topic, payload }) => ({ topic, ...payloadText(payload) }));
      await call({ ...rest, kind: 'publish', messages, timeoutMs }, work);
    },
    async simulate(request, handlers, work) {
      const result = await call({ ...packedRequest(request), kind: 'simulate' }, work, handlers);
      return simulationResultSchema.parse(result);
    },
    dispose() {
      disposed = true;
      // The process exits when its channel closes. The signal is for a process that hangs.
      if (child?.connected === true) child.disconnect();
      if (kept.size === 0) child?.kill();
      child = undefined;
    },
  };
  return Promise.resolve(device);
}

function isOverError(): CmsError {
  return new CmsError('REQUEST_INVALID', l10n.t('The simulation is over.'));
}
