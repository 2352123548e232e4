import * as vscode from 'vscode';
import { forTree } from '../base/shown.ts';
import type { SimulationRun } from './run.ts';
import type { Simulations } from './simulations.ts';
import { CloudRunRow } from './cloudRunRow.ts';
import { CloudDriveRun, type CloudRuns } from './cloudRuns.ts';
import { PastDriveRow } from './pastDriveRow.ts';
import type { PastDrive, PastDrives } from './pastDrives.ts';
import { ScaleRunRow, type ShardRow } from './scaleRunRow.ts';
import type { ScaleRun } from './scaleRun.ts';
import type { ScaleRuns } from './scaleRuns.ts';
import { MoreVehiclesRow, PAGE, RunRow, SimulatedVehicleRow } from './simulationRows.ts';

export type SimulationsRow =
  ScaleRunRow | ShardRow | PastDriveRow | CloudRunRow | RunRow | SimulatedVehicleRow | MoreVehiclesRow;

/** The runs of this window and then past drives, the newest first; below each run its vehicles, a page at a time. */
export class SimulationsTree implements vscode.TreeDataProvider<SimulationsRow>, vscode.Disposable {
  readonly #simulations: Simulations;
  readonly #past: Pick<PastDrives, 'drives'>;
  readonly #cloud: Pick<CloudRuns, 'runs'>;
  readonly #scale: Pick<ScaleRuns, 'runs'>;
  readonly #scaleRows = new WeakMap<ScaleRun, ScaleRunRow>();
  readonly #cloudRows = new WeakMap<CloudDriveRun, CloudRunRow>();
  readonly #pastRows = new Map<string, PastDriveRow>();
  readonly #changed = new vscode.EventEmitter<SimulationsRow[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  /** The editor wants the same object for a row each time. */
  readonly #rows = new Map<string, RunRow>();
  readonly #vehicles = new Map<string, SimulatedVehicleRow>();
  /** What each row said last. */
  readonly #words = new WeakMap<SimulationsRow, string>();
  /** The runs that were told last, to see whether any came or went. */
  #told = '';

  constructor(
    simulations: Simulations,
    past: Pick<PastDrives, 'drives'>,
    cloud: Pick<CloudRuns, 'runs'> = { runs: [] },
    scale: Pick<ScaleRuns, 'runs'> = { runs: [] },
  ) {
    this.#scale = scale;
    this.#cloud = cloud;
    this.#simulations = simulations;
    this.#past = past;
  }

  getTreeItem(row: SimulationsRow): vscode.TreeItem {
    return forTree(row.item());
  }

  getParent(row: SimulationsRow): SimulationsRow | undefined {
    return 'parent' in row ? row.parent : undefined;
  }

  getChildren(row?: SimulationsRow): SimulationsRow[] {
    if (row === undefined) {
      const runs = this.#all.toReversed().sort((one, other) => other.startedAt - one.startedAt);
      return [...runs.map((run) => this.row(run)), ...this.past.map((drive) => this.#pastRow(drive))];
    }
    if ('shards' in row) return row.shards;
    return row instanceof RunRow ? this.#vehiclesOf(row) : [];
  }

  /** Drives of earlier windows, the newest first. */
  get past(): PastDrive[] {
    return this.#past.drives.filter(({ id }) => this.#simulations.run(id) === undefined).toReversed();
  }

  #pastRow(drive: PastDrive): PastDriveRow {
    const row = this.#pastRows.get(drive.id) ?? new PastDriveRow(drive);
    this.#pastRows.set(drive.id, row);
    return row;
  }

  row(run: SimulationRun): RunRow;
  row(run: SimulationRun | CloudDriveRun | ScaleRun): RunRow | CloudRunRow | ScaleRunRow;
  row(run: SimulationRun | CloudDriveRun | ScaleRun): RunRow | CloudRunRow | ScaleRunRow {
    if ('kept' in run) {
      const known = this.#scaleRows.get(run) ?? new ScaleRunRow(run);
      this.#scaleRows.set(run, known);
      return known;
    }
    if (run instanceof CloudDriveRun) {
      const known = this.#cloudRows.get(run) ?? new CloudRunRow(run);
      this.#cloudRows.set(run, known);
      return known;
    }
    let row = this.#rows.get(run.id);
    if (row === undefined) {
      row = new RunRow(run);
      this.#rows.set(run.id, row);
    }
    return row;
  }

  more({ parent }: MoreVehiclesRow): void {
    parent.shown += PAGE;
    this.#changed.fire([parent]);
  }

  /** Runs came or went, or something else is possible with them. */
  changed(): void {
    const known = new Set(this.#simulations.runs.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (known.has(id)) continue;
      this.#rows.delete(id);
      for (const vehicle of row.run.ids) this.#vehicles.delete(`${row.id}/${vehicle}`);
    }
    const told = [...this.#all, ...this.past].map(({ id }) => id).join();
    // Until the whole view is read again, the editor knows none of its rows, and no action of a menu that is open.
    const all = this.#all;
    if (told === this.#told && all.length > 0) this.#changed.fire(all.map((run) => this.row(run)));
    else this.#changed.fire(undefined);
    this.#told = told;
  }

  /**
   * These runs got on. Rows that say the same as before are left alone: while a run is drawn again the editor knows none
   * of its vehicles, and a menu that is open on one of them would name nobody.
   */
  progressed(runs: readonly SimulationRun[]): void {
    const rows = runs
      .filter((run) => this.#simulations.run(run.id) !== undefined)
      .flatMap((run) => this.#changedRows(this.row(run)));
    if (rows.length > 0) this.#changed.fire(rows);
  }

  /** A run of several workers got on. */
  scaleProgressed(run: ScaleRun): void {
    const row = this.row(run) as ScaleRunRow;
    const rows = [row, ...row.shards].filter((each) => this.#saysElse(each));
    if (rows.length > 0) this.#changed.fire(rows);
  }

  get #all(): (SimulationRun | CloudDriveRun | ScaleRun)[] {
    return [...this.#simulations.runs, ...this.#cloud.runs, ...this.#scale.runs];
  }

  /** The run with all its vehicles, or only those of its vehicles that say something else. */
  #changedRows(row: RunRow): SimulationsRow[] {
    const vehicles = this.#vehiclesOf(row).filter((each) => this.#saysElse(each));
    return this.#saysElse(row) ? [row] : vehicles;
  }

  #saysElse(row: SimulationsRow): boolean {
    const { description, contextValue, iconPath } = row.item();
    const words = JSON.stringify([description, contextValue, iconPath]);
    if (this.#words.get(row) === words) return false;
    this.#words.set(row, words);
    return true;
  }

  /** Those with a problem stand first: among a thousand nobody would find them. */
  #vehiclesOf(parent: RunRow): SimulationsRow[] {
    const { ids, vehicles } = parent.run;
    const hasProblem = (id: string): boolean => vehicles.get(id)?.problem !== undefined;
    const sorted =
      ids.length > PAGE ? [...ids.filter(hasProblem), ...ids.filter((id) => !hasProblem(id))] : ids;
    const rows: SimulationsRow[] = sorted.slice(0, parent.shown).map((id) => this.#vehicle(parent, id));
    return ids.length > parent.shown ? [...rows, new MoreVehiclesRow(parent)] : rows;
  }

  #vehicle(parent: RunRow, vehicle: string): SimulatedVehicleRow {
    const id = `${parent.id}/${vehicle}`;
    let row = this.#vehicles.get(id);
    if (row === undefined) {
      row = new SimulatedVehicleRow(parent, vehicle);
      this.#vehicles.set(id, row);
    }
    return row;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
