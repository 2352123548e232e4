import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { FactNode } from '../base/factNode.ts';
import { Node } from '../base/node.ts';
import { ofOneStack } from '../base/oneStack.ts';
import {
  isVehicleOfStack,
  type KnownVehicle,
  type StackRef,
  type VehicleName,
  type VehicleOfStack,
} from '../base/stackRef.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify, pickOne } from '../base/shown.ts';
import type { SimulationRun } from './run.ts';
import { runProgress, runState } from './runWords.ts';
import { RunRow, SimulatedVehicleRow } from './simulationRows.ts';
import type { Simulations } from './simulations.ts';

/** A run an action is about, or some of its vehicles. */
export interface SimulationTarget {
  run: SimulationRun;
  /** What their CMS knows them by. */
  ids?: string[];
}

export interface Wanted {
  /** Asks which, when several fit and none was named. */
  prompt: string;
  fits: (run: SimulationRun) => boolean;
  /** Said when none fits. */
  none: string;
  /** Whether all that fit can be picked at once. */
  many?: boolean;
}

/** Finds out which simulations a command is about. */
export class RunTargets {
  readonly #simulations: Simulations;
  readonly #simulate: () => Promise<void>;

  /** @param simulate offered when there is no simulation that fits */
  constructor(simulations: Simulations, simulate: () => Promise<void>) {
    this.#simulations = simulations;
    this.#simulate = simulate;
  }

  /**
   * The runs of the rows or the vehicle. Without any: the only run that fits, or the one picked. Empty when there is
   * none, which is said: what was named is never replaced by another run.
   */
  async find(targets: readonly unknown[], wanted: Wanted): Promise<SimulationTarget[]> {
    if (targets.length > 0) {
      const found = this.named(targets).filter(({ run }) => wanted.fits(run));
      if (found.length === 0) {
        void notify.info(vscode.l10n.t('The chosen simulation has ended or changed. Nothing was done.'));
      }
      return found;
    }
    const fitting = this.#simulations.runs.filter((run) => wanted.fits(run)).toReversed();
    const [first] = fitting;
    if (first === undefined) {
      const simulate = vscode.l10n.t('Simulate a Drive…');
      const picked = await notify.info(wanted.none, simulate);
      if (picked === simulate) await this.#simulate();
      return [];
    }
    if (fitting.length === 1) return [{ run: first }];
    const all = vscode.l10n.t('$(checklist) All {0} Simulations', fitting.length);
    const picked = await pickOne(
      [
        ...(wanted.many === true ? [{ label: all, runs: fitting }] : []),
        ...fitting.map((run) => ({
          label: `$(${runState(run).icon.id}) ${run.title}`,
          description: `${runState(run).words} · ${runProgress(run)}`,
          runs: [run],
        })),
      ],
      { placeHolder: wanted.prompt },
    );
    return (picked?.runs ?? []).map((run) => ({ run }));
  }

  /** The runs that are named, whether or not anything can be done with them. */
  named(targets: readonly unknown[]): SimulationTarget[] {
    return merged(targets.flatMap((target) => this.#targetOf(target) ?? []));
  }

  #targetOf(target: unknown): SimulationTarget | undefined {
    if (target instanceof RunRow) return { run: target.run };
    if (target instanceof SimulatedVehicleRow) return { run: target.run, ids: [target.vehicleId] };
    const vehicle = vehicleOf(target);
    if (vehicle !== undefined) {
      const driving = this.#simulations.simulating(vehicle);
      return driving && { run: driving.run, ids: [driving.id] };
    }
    if (typeof target !== 'object' || target === null || !('run' in target)) return undefined;
    const run = typeof target.run === 'string' ? this.#simulations.run(target.run) : undefined;
    if (run === undefined) return undefined;
    if (!('vin' in target && typeof target.vin === 'string')) return { run };
    const id = run.names.idOf({ vin: target.vin });
    return id === undefined ? undefined : { run, ids: [id] };
  }
}

/** One vehicle of a run: the only one, or the one picked. */
export async function pickVehicle(
  { run, ids }: SimulationTarget,
  prompt: string,
): Promise<KnownVehicle | undefined> {
  const vehicles = run.names.of(ids);
  const [only] = vehicles;
  if (only !== undefined && vehicles.length === 1) return only;
  const items = vehicles.map(({ vin, id }) => ({
    label: vin,
    ...defined({ description: id === vin ? undefined : id }),
    id,
  }));
  const picked = await pickOne(items, {
    title: prompt,
    placeHolder: vscode.l10n.t('Vehicle of {0}', run.title),
  });
  return picked && { vin: picked.label, id: picked.id };
}

/** Vehicles to simulate: those of the rows that are selected, or none yet of the stack of the row. */
export async function driveTarget(
  targets: Targets,
  rows: readonly unknown[],
): Promise<{ ref: StackRef; vehicles?: VehicleName[] } | undefined> {
  const all = rows.length === 0 ? targets.selected : rows;
  const [first] = all;
  const vehicle = vehicleOf(first);
  if (vehicle !== undefined) {
    const vehicles = ofOneStack(all.flatMap((row) => vehicleOf(row) ?? []));
    return vehicles.length === 0 ? undefined : { ref: vehicle.ref, vehicles: [...vehicles] };
  }
  // Several folders of the Explorer are several vehicles.
  const named: VehicleName[] = [];
  for (const row of all) {
    const name = await targets.named(row);
    if (name !== undefined) named.push(name);
  }
  const ref = await targets.stack(first);
  return ref === undefined ? undefined : defined({ ref, vehicles: named.length === 0 ? undefined : named });
}

/** The vehicle of its row in the tree of stacks, or one that is named. */
export function vehicleOf(target: unknown): VehicleOfStack | undefined {
  if (target instanceof Node) return target instanceof FactNode ? undefined : target.vehicle;
  return isVehicleOfStack(target) ? target : undefined;
}

/** Each run once: whole if its own row is among the targets, otherwise with all its vehicles that are. */
function merged(targets: readonly SimulationTarget[]): SimulationTarget[] {
  const byRun = new Map<SimulationRun, string[] | undefined>();
  for (const { run, ids } of targets) {
    const before = byRun.get(run);
    if (ids === undefined || (byRun.has(run) && before === undefined)) byRun.set(run, undefined);
    else byRun.set(run, [...(before ?? []), ...ids]);
  }
  return [...byRun].map(([run, ids]) => (ids === undefined ? { run } : { run, ids }));
}
