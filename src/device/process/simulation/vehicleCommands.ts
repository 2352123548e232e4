import { background } from '../../../core/background.ts';
import { defined } from '../../../core/defined.ts';
import type { Timers } from '../../../core/timers.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { VehicleCommand } from '../../../protocol/simulation.ts';
import type { CommandCodec } from '../../../telemetry/codec.ts';
import type { JobListener, Wire } from '../wire.ts';
import type { JobAccess } from './jobAccess.ts';

export interface VehicleCommandsOptions {
  vehicle: VehicleRef;
  codec: CommandCodec;
  timers: Timers;
  access: JobAccess;
  report: (command: VehicleCommand) => void;
  /** Called for an unexpected error: a bug in this program. */
  crashed: (error: unknown) => void;
}

/** A person sends a few; a loop of somebody else's must not keep a vehicle busy. */
const MOST_A_SECOND = 10;

/**
 * A vehicle's commands where its CMS sends them as messages: answers each at once, as its codec says. One that comes
 * again is answered again, with the same words.
 */
export class VehicleCommands implements JobListener {
  readonly #options: VehicleCommandsOptions;
  readonly #topic: string;
  #publish: Wire['publish'] | undefined;
  #second = 0;
  #answered = 0;

  constructor(options: VehicleCommandsOptions) {
    this.#options = options;
    this.#topic = options.codec.filter(options.vehicle);
  }

  get filter(): string | undefined {
    const { access, vehicle } = this.#options;
    return access.allowed(vehicle) ? this.#topic : undefined;
  }

  listening(publish: Wire['publish']): void {
    this.#options.access.granted(this.#options.vehicle);
    this.#publish = publish;
  }

  refused(how: 'denied' | 'dropped'): void {
    this.#options.access.refused(this.#options.vehicle, { topic: this.#topic, dropped: how === 'dropped' });
  }

  closed(): void {
    this.#publish = undefined;
  }

  message(topic: string, payload: Uint8Array): void {
    const { vehicle, codec, timers, report, crashed } = this.#options;
    if (topic !== this.#topic || !this.#mayAnswer()) return;
    const answer = codec.answer(vehicle, payload, timers.now());
    const publish = this.#publish;
    if (answer === undefined || publish === undefined) return;
    const { id, name, status, reason, message } = answer;
    const about = {
      ...{ vin: vehicle.vin, jobId: id, operation: name, kind: 'command' as const },
      document: Buffer.from(payload).toString('utf8'),
    };
    report({ ...about, status: 'SENT', time: timers.now() });
    const sent = publish(message.topic, message.payload).then(() =>
      report(
        defined({
          ...about,
          status,
          time: timers.now(),
          details: reason === undefined ? undefined : { reason },
        }),
      ),
    );
    background(sent, crashed);
  }

  #mayAnswer(): boolean {
    const second = Math.floor(this.#options.timers.now() / 1000);
    if (second !== this.#second) this.#answered = 0;
    this.#second = second;
    this.#answered += 1;
    return this.#answered <= MOST_A_SECOND;
  }
}
