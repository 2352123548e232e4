import * as vscode from 'vscode';
import { isPossible } from '../../cms/contract/capability.ts';
import type { VehicleRecord } from '../../cms/contract/vehicles.ts';
import { isCancelled } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { type Log, logError } from '../base/log.ts';
import type { Node } from '../base/node.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { Soon } from '../base/soon.ts';
import { sameStack, type StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import type { Targets } from '../stacks/targets.ts';
import type { ReadSessions } from '../vehicles/vehicleSources.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';

/** More vehicles are not read for the sake of a file: a hundred calls. */
const MOST_VEHICLES = 10_000;
/** How soon a list that could not be read is looked at again, in milliseconds. */
const AGAIN_MS = 60_000;

/** What is known of the vehicles of the stack that commands are about. */
export type KnownFleet =
  | { kind: 'unknown' }
  | { kind: 'signed-out'; ref: StackRef }
  | {
      kind: 'known';
      ref: StackRef;
      /** Its connection, for people. */
      place: string;
      canOnboard: boolean;
      canDrive: boolean;
      /** By the VIN in capitals, which several may have. */
      byVin: ReadonlyMap<string, readonly VehicleRecord[]>;
      /** Whether who is not among them is not onboarded. */
      isComplete: boolean;
    };

const UNKNOWN: KnownFleet = { kind: 'unknown' };

interface Sources {
  targets: Pick<Targets, 'current' | 'onDidChoose'>;
  connections: Pick<Connections, 'labelOf' | 'onDidOpen'>;
  sessions: ReadSessions;
  backend: LoadBackend<'everyPage' | 'GENERATIONS'>;
  rows: Pick<RowChanges, 'onDidOutdate'>;
  log: Log;
}

/**
 * Which vehicles are onboarded on the stack that commands are about. Read when a fleet file is looked at, once for all
 * its lines, and again when the tree's list of vehicles is out of date. Opens no connection but the sandbox's, and signs
 * in only with what is saved: nobody is asked for anything.
 */
export class FleetStates implements vscode.Disposable {
  readonly #sources: Sources;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;
  #known: KnownFleet = UNKNOWN;
  #isOutdated = true;
  #reading = new AbortController();
  /** While the last read has failed. */
  readonly #again: Soon;
  #hasFailed = false;

  constructor(sources: Sources, timers: Timers = systemTimers) {
    this.#sources = sources;
    this.#again = new Soon(AGAIN_MS, () => this.#outdate(), timers);
    this.#subscriptions = vscode.Disposable.from(
      sources.targets.onDidChoose(() => this.#outdate()),
      sources.connections.onDidOpen(() => {
        if (this.#known.kind === 'unknown' || this.#hasFailed) this.#outdate();
      }),
      sources.rows.onDidOutdate((node) => {
        if (this.#concerns(node)) this.#outdate();
      }),
    );
  }

  /** What is known now; reads it if that is out of date, and tells when it is there. */
  now(): KnownFleet {
    if (this.#isOutdated) void this.#read();
    return this.#known;
  }

  /** The values that the onboarded vehicles have of a field of fleet files. Nothing while they are not known. */
  valuesOf(field: string): string[] {
    const fleet = this.now();
    if (fleet.kind !== 'known') return [];
    const records = [...fleet.byVin.values()].flat();
    const owners = this.#sources
      .backend()
      .GENERATIONS.some(({ onboarding }) => onboarding?.signIn?.field === field);
    const values = records.flatMap((record): unknown[] => {
      if (owners) return record.owners;
      return [field === 'make' || field === 'model' ? record[field] : record.attributes[field]];
    });
    return [...new Set(values.filter((value) => typeof value === 'string'))].filter((value) => value !== '');
  }

  /** A vehicle is onboarded still after it was read again. */
  #concerns(node: Node | undefined): boolean {
    if (node === undefined) return true;
    if (node instanceof VehicleNode) return false;
    if (this.#known.kind === 'unknown') return true;
    return node.stackRef === undefined || sameStack(node.stackRef, this.#known.ref);
  }

  #outdate(): void {
    this.#reading.abort();
    this.#again.dispose();
    this.#isOutdated = true;
    this.#changed.fire();
  }

  async #read(): Promise<void> {
    this.#isOutdated = false;
    const { signal } = (this.#reading = new AbortController());
    this.#hasFailed = false;
    let known = this.#known;
    let ref: StackRef | undefined;
    try {
      ref = await this.#sources.targets.current(signal);
      known = ref === undefined ? UNKNOWN : await this.#readFleet(ref, signal);
    } catch (error) {
      if (signal.aborted) return;
      // What was known before is still the best there is, unless it is of another stack.
      if (ref !== undefined && known.kind !== 'unknown' && !sameStack(ref, known.ref)) known = UNKNOWN;
      this.#hasFailed = true;
      if (!isCancelled(error)) {
        logError(this.#sources.log, error);
        this.#again.call();
      }
    }
    if (signal.aborted) return;
    this.#known = known;
    this.#changed.fire();
  }

  async #readFleet(ref: StackRef, signal: AbortSignal): Promise<KnownFleet> {
    const { connections, sessions, backend } = this.#sources;
    const { vehicles, capabilities } = await this.#open(ref, signal);
    if (!isPossible(capabilities, 'vehicles')) return UNKNOWN;
    if (!(await sessions.has(ref, vehicles.needs))) return { kind: 'signed-out', ref };
    const byVin = new Map<string, VehicleRecord[]>();
    let count = 0;
    let isComplete = true;
    const pages = backend().everyPage((page) => vehicles.list(page, signal), l10n.t('listing the vehicles'));
    for await (const { items, next } of pages) {
      for (const vehicle of items) {
        const vin = vehicle.vin.toUpperCase();
        const same = byVin.get(vin);
        if (same === undefined) byVin.set(vin, [vehicle]);
        else same.push(vehicle);
      }
      count += items.length;
      isComplete = next === undefined;
      if (count >= MOST_VEHICLES) break;
    }
    return {
      ...{ kind: 'known', ref, byVin, isComplete },
      place: connections.labelOf(ref.connectionId),
      canOnboard: isPossible(capabilities, 'onboard'),
      canDrive: isPossible(capabilities, 'send'),
    };
  }

  async #open(ref: StackRef, signal: AbortSignal) {
    const deployment = await this.#sources.sessions.open(ref, signal);
    return { vehicles: deployment.vehicles, capabilities: await deployment.capabilities(signal) };
  }

  dispose(): void {
    this.#reading.abort();
    this.#again.dispose();
    this.#subscriptions.dispose();
    this.#changed.dispose();
  }
}
