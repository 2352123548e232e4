import { defined } from '../../../core/defined.ts';
import { payloadText } from '../../../core/payload.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type {
  AcknowledgedMessage,
  SimulationDurations,
  SimulationNotice,
  SimulationTotals,
  SimulationUpdate,
  ToldMessage,
  VehicleCommand,
} from '../../../protocol/simulation.ts';
import type { SimulatedMessage } from '../../../telemetry/simulation/messages.ts';
import type { Vehicle } from './vehicle.ts';

/** How much is kept for a slow reader. */
const MAX_MESSAGES = 20_000;
const MAX_COMMANDS = 1000;

/** Collects the events of a simulation and passes them to the reader, one update at a time. */
export class UpdateFeed {
  /** Whether updates contain the payloads of acknowledged messages from now on. */
  payloads: boolean;
  readonly #totals: () => SimulationTotals;
  readonly #durations: (() => SimulationDurations) | undefined;
  readonly #emit: (update: SimulationUpdate) => Promise<void>;
  readonly #changed = new Set<Vehicle>();
  #messages: AcknowledgedMessage[] = [];
  #omitted = 0;
  #lastMessages: ToldMessage[] = [];
  #commands: VehicleCommand[] = [];
  #notice: SimulationNotice | undefined;
  /** The update that the reader has not received yet. */
  #emission: Promise<void> | undefined;

  constructor(
    totals: () => SimulationTotals,
    emit: (update: SimulationUpdate) => Promise<void>,
    payloads: boolean,
    durations?: () => SimulationDurations,
  ) {
    this.#durations = durations;
    this.#totals = totals;
    this.#emit = emit;
    this.payloads = payloads;
  }

  changed(vehicle: Vehicle): void {
    this.#changed.add(vehicle);
  }

  acknowledged({ vin, id }: VehicleRef, message: SimulatedMessage, ackMs: number): void {
    if (this.#messages.length >= MAX_MESSAGES) {
      this.#omitted += 1;
      return;
    }
    const { serial, topic, type, time, moment, code, payload } = message;
    this.#messages.push(
      defined({
        vin,
        id,
        serial,
        topic,
        type,
        time,
        ackMs,
        place: moment && placeOf(moment),
        code,
        ...(this.payloads ? payloadText(payload) : {}),
      }),
    );
  }

  /** Adds the vehicle's last acknowledged message to the next update. */
  lastMessage({ ref: { vin, id }, lastMessage }: Vehicle): void {
    if (lastMessage === undefined) return;
    const { serial, topic, time, payload } = lastMessage;
    this.#lastMessages.push({ vin, id, serial, topic, time, ...payloadText(payload) });
  }

  command(command: VehicleCommand): void {
    if (this.#commands.length < MAX_COMMANDS) this.#commands.push(command);
  }

  notice(notice: SimulationNotice): void {
    this.#notice = notice;
  }

  /** Emits what has been collected. While the reader has not received the last update, only waits for that. */
  flush(): Promise<void> {
    if (this.#emission !== undefined) return this.#emission;
    if (this.#isEmpty) return Promise.resolve();
    const vehicles = [...this.#changed].map(({ state }) => state);
    this.#changed.clear();
    const update: SimulationUpdate = {
      totals: this.#totals(),
      vehicles,
      messages: this.#messages,
      omitted: this.#omitted,
      ...defined({
        told: this.#lastMessages.length === 0 ? undefined : this.#lastMessages,
        commands: this.#commands.length === 0 ? undefined : this.#commands,
        notice: this.#notice,
        durations: this.#durations?.(),
      }),
    };
    this.#messages = [];
    this.#omitted = 0;
    this.#lastMessages = [];
    this.#commands = [];
    this.#notice = undefined;
    this.#emission = this.#emit(update).finally(() => (this.#emission = undefined));
    return this.#emission;
  }

  get #isEmpty(): boolean {
    return (
      this.#changed.size === 0 &&
      this.#messages.length === 0 &&
      this.#lastMessages.length === 0 &&
      this.#commands.length === 0 &&
      this.#notice === undefined
    );
  }
}

function placeOf(moment: NonNullable<SimulatedMessage['moment']>): AcknowledgedMessage['place'] {
  const { latitude, longitude, heading, speed, odometer, fuel, charge, batteryCapacity } = moment;
  const place = { latitude, longitude, heading, speed, odometer, fuel };
  return batteryCapacity > 0 ? { ...place, charge: charge / batteryCapacity } : place;
}
