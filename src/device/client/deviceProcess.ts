import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cancelled, CmsError, throwIfAborted } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { errorOf } from '../../core/problem.ts';
import type { Work } from '../../core/work.ts';
import { deviceMessageSchema, type DeviceRequest } from '../../protocol/device.ts';
import {
  simulationResultSchema,
  simulationUpdateSchema,
  type SimulationControl,
  type SimulationRequest,
  type SimulationResult,
  type SimulationUpdate,
} from '../../protocol/simulation.ts';
import type { Device, IssuedCertificate } from '../../provisioning/device.ts';

export interface StartDeviceOptions {
  /** JavaScript file of the device process; default `device.js` beside the running bundle. */
  command?: string;
}

/** Each wait on AWS IoT is seconds at most; a vehicle on a slow line gets its share. */
const DEFAULT_TIMEOUT_MS = 20_000;
/** How long a cancelled request may take to say so before it is left alone. */
const CANCEL_TIMEOUT_MS = 2000;

/** What the process must not inherit: it reaches the cloud with certificates only. */
const SECRET_VARIABLES =
  /^AWS_|^CMS_|PASS(WORD|WD|PHRASE)?(_|$)|SECRET|TOKEN|CREDENTIAL|(API|ACCESS|PRIVATE)_?KEY/i;

const messageSchema = z.discriminatedUnion('kind', [deviceMessageSchema, simulationUpdateSchema]);

type Answer = Exclude<z.infer<typeof messageSchema>, { kind: 'ready' }>;
type Ask = Extract<DeviceRequest, { kind: 'claim' | 'publish' }>;
type AskBody<T extends Ask = Ask> =
  (T extends Ask ? Omit<T, 'id'> : never) | (SimulationRequest & { kind: 'simulate' });

interface Control {
  id: number;
  kind: 'control';
  control: SimulationControl;
}

/** What comes between the question and its answer. */
interface Between {
  issued?(issued: IssuedCertificate): Promise<void>;
  update?(update: SimulationUpdate): void;
  /** Given the function that steers what was asked for. */
  steer?(send: (control: SimulationControl) => void): void;
}

/** The device process with all it can do. */
export interface DeviceProcess extends Device {
  /**
   * Runs a simulation to its end; `src/device/client/startSimulation.ts` is the comfortable way to it.
   * Throws CmsError DEVICE_PROCESS_FAILED when the process dies, or CANCELLED.
   */
  simulate(
    request: SimulationRequest,
    handlers: Required<Pick<Between, 'update' | 'steer'>>,
    work: Work,
  ): Promise<SimulationResult>;
}

interface Pending {
  answered(message: Answer): void;
  died(error: CmsError): void;
}

/**
 * The device process, seen from the program that uses it. It is started at the first request and again after a
 * crash; it serves many requests at once; it ends at `dispose` or with this program.
 * Throws CmsError DEVICE_PROCESS_FAILED when it cannot start or dies during a request.
 */
export function startDevice(options: StartDeviceOptions = {}): Promise<DeviceProcess> {
  const command = options.command ?? join(__dirname, 'device.js');
  const pending = new Map<number, Pending>();
  let child: ChildProcess | undefined;
  let lastId = 0;
  let disposed = false;

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
      // Without this a debugger's or loader's options would be handed on.
      execArgv: [],
      // Nothing it could print is worth the risk of showing a key.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !SECRET_VARIABLES.test(name))),
    });
    let over = false;
    const ended = (why: Message) => {
      if (over) return;
      over = true;
      if (child === started) child = undefined;
      const error = new CmsError(
        'DEVICE_PROCESS_FAILED',
        l10n.t('The device process ended: {why}.', { why }),
        {
          remedy: l10n.t('Run it again: the process is started anew.'),
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

  function send(message: DeviceRequest | ({ id: number } & AskBody) | Control): void {
    child?.send(message, () => {
      // A message that cannot be delivered means the process is gone: its exit event says so.
    });
  }

  /** An idle device process keeps nobody waiting. */
  function keepAlive(): void {
    if (pending.size > 0) {
      child?.ref();
      child?.channel?.ref();
    } else {
      child?.unref();
      child?.channel?.unref();
    }
  }

  async function ask(body: AskBody, work: Work, between: Between = {}): Promise<Record<string, unknown>> {
    throwIfAborted(work.signal);
    if (disposed)
      throw new CmsError('DEVICE_PROCESS_FAILED', l10n.t('The device process was ended by this program.'));
    child ??= start();
    const id = ++lastId;
    const cleanUp = new AbortController();
    /** A save that has begun is waited for, so that nothing is written after the answer. */
    let saving: Promise<void> = Promise.resolve();
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
                work.progress({ step: message.step, message: message.message, level: 'debug' });
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
      });
    } finally {
      cleanUp.abort();
      pending.delete(id);
      await saving;
      keepAlive();
    }
  }

  const device: DeviceProcess = {
    async claim(request, save, work) {
      const { timeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = request;
      const result = await ask({ ...rest, kind: 'claim', timeoutMs }, work, { issued: save });
      const { certificateId, thingName } = result;
      if (typeof certificateId !== 'string' || typeof thingName !== 'string') {
        throw new CmsError(
          'DEVICE_PROCESS_FAILED',
          l10n.t('The device process gave an answer without its certificate.'),
        );
      }
      return { certificateId, thingName };
    },
    async publish(request, work) {
      const { timeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = request;
      await ask({ ...rest, kind: 'publish', timeoutMs }, work);
    },
    async simulate(request, handlers, work) {
      const result = await ask({ ...request, kind: 'simulate' }, work, handlers);
      return simulationResultSchema.parse(result);
    },
    dispose() {
      disposed = true;
      // The process ends when its channel does; the signal is for one that hangs.
      if (child?.connected === true) child.disconnect();
      child?.kill();
      child = undefined;
    },
  };
  return Promise.resolve(device);
}
