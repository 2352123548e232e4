import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { SimulationRun } from './run.ts';
import { runProgress, runState } from './runWords.ts';
import type { StackRef } from '../stacks/sessions.ts';
import { Node } from '../base/node.ts';
import { RunRow, SimulatedVehicleRow } from './simulationRows.ts';
import { StackNode } from '../tree/stackNode.ts';
import { TreeRow } from '../base/treeRow.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';
import { isVehicleTarget, stackTarget } from '../stacks/targets.ts';

/** A run an action is about, or some of its vehicles. */
export interface SimulationTarget {
  run: SimulationRun;
  vins?: string[];
}

interface Wanted {
  /** Asks which, when several fit and none was named. */
  prompt: string;
  fits: (run: SimulationRun) => boolean;
  /** Said when none fits. */
  none: string;
}

/** The runs of the rows, of the vehicle, the only one that fits, or the one picked; empty when there is none. */
export async function simulationTargets(
  app: App,
  target: unknown,
  others: unknown,
  wanted: Wanted,
): Promise<SimulationTarget[]> {
  const named = rowsOf(target, others).flatMap((row) => targetOf(app, row) ?? []);
  if (named.length > 0) return merged(named.filter(({ run }) => wanted.fits(run)));
  const fitting = app.simulations.runs.filter((run) => wanted.fits(run)).toReversed();
  const [first] = fitting;
  if (first === undefined) {
    const simulate = vscode.l10n.t('Simulate a Drive…');
    const picked = await vscode.window.showInformationMessage(wanted.none, simulate);
    if (picked === simulate) await vscode.commands.executeCommand('cmsEnablement.simulateDrive');
    return [];
  }
  if (fitting.length === 1) return [{ run: first }];
  const picked = await vscode.window.showQuickPick(
    fitting.map((run) => ({
      label: `$(${runState(run).icon.id}) ${run.title}`,
      description: `${runState(run).words} · ${runProgress(run)}`,
      run,
    })),
    { placeHolder: wanted.prompt },
  );
  return picked === undefined ? [] : [{ run: picked.run }];
}

/** One vehicle of a run: the row's, the only one, or the one picked. */
export async function simulatedVehicleTarget(
  app: App,
  target: unknown,
  wanted: Wanted,
): Promise<{ run: SimulationRun; vin: string } | undefined> {
  const [found] = await simulationTargets(app, target, undefined, wanted);
  if (found === undefined) return undefined;
  const { run, vins = run.vins } = found;
  const [only] = vins;
  if (only !== undefined && vins.length === 1) return { run, vin: only };
  const vin = await vscode.window.showQuickPick([...vins], {
    title: wanted.prompt,
    placeHolder: vscode.l10n.t('Vehicle of {0}', run.title),
  });
  return vin === undefined ? undefined : { run, vin };
}

/** Vehicles to simulate: those of the rows that are selected, or none yet of the stack of the row. */
export async function driveTarget(
  app: App,
  target: unknown,
  others: unknown,
): Promise<{ ref: StackRef; vins?: string[] } | undefined> {
  const rows = rowsOf(target, others);
  const [first] = rows;
  if (isVehicleTarget(first)) return { ref: first.ref, vins: [first.vin] };
  if (first instanceof VehicleNode) {
    const ref = first.stackRef;
    const vins = rows.flatMap((row) =>
      row instanceof VehicleNode &&
      row.stackRef.stack === ref.stack &&
      row.stackRef.connectionId === ref.connectionId
        ? [row.vin]
        : [],
    );
    return { ref, vins };
  }
  const ref = await stackTarget(app, first instanceof Node || first instanceof StackNode ? first : undefined);
  return ref === undefined ? undefined : { ref };
}

/** What was selected, when the row that was clicked is among it. */
function rowsOf(target: unknown, others: unknown): unknown[] {
  const nodeOf = (row: unknown): unknown => (row instanceof TreeRow ? row.node : row);
  const selected = Array.isArray(others) ? others.map(nodeOf) : [];
  if (target === undefined) return [];
  return selected.includes(target) ? selected : [target];
}

function targetOf(app: App, row: unknown): SimulationTarget | undefined {
  if (row instanceof RunRow) return { run: row.run };
  if (row instanceof SimulatedVehicleRow) return { run: row.run, vins: [row.vin] };
  const vehicle =
    row instanceof VehicleNode ? { ref: row.stackRef, vin: row.vin } : isVehicleTarget(row) ? row : undefined;
  if (vehicle !== undefined) {
    const run = app.simulations.simulating(vehicle.vin, vehicle.ref);
    return run === undefined ? undefined : { run, vins: [vehicle.vin] };
  }
  if (typeof row !== 'object' || row === null || !('run' in row) || typeof row.run !== 'string')
    return undefined;
  const run = app.simulations.run(row.run);
  if (run === undefined) return undefined;
  return 'vin' in row && typeof row.vin === 'string' ? { run, vins: [row.vin] } : { run };
}

/** Each run once: whole if its own row is among the targets, otherwise with all its vehicles that are. */
function merged(targets: readonly SimulationTarget[]): SimulationTarget[] {
  const byRun = new Map<SimulationRun, string[] | undefined>();
  for (const { run, vins } of targets) {
    const before = byRun.get(run);
    if (vins === undefined || (byRun.has(run) && before === undefined)) byRun.set(run, undefined);
    else byRun.set(run, [...(before ?? []), ...vins]);
  }
  return [...byRun].map(([run, vins]) => (vins === undefined ? { run } : { run, vins }));
}
