import * as vscode from 'vscode';
import { notify } from './shown.ts';
import { isStackRef, type StackRef } from './stackRef.ts';

/** A fleet file and the stack it is about, of a link above the file. */
export interface FleetTarget extends StackRef {
  file: vscode.Uri;
  /** Only these vehicles of the file, by their VINs in capitals; without it, all. */
  only?: readonly string[];
}

/** The fleet file a command was called on; undefined when it is about something else. */
export function fleetFileOf(target: unknown): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) return target;
  return isFleetTarget(target) ? target.file : undefined;
}

/** Whether it names a fleet file and a stack; anybody may call a command. */
export function isFleetTarget(target: unknown): target is FleetTarget {
  if (!isStackRef(target) || !('file' in target) || !(target.file instanceof vscode.Uri)) return false;
  const only = 'only' in target ? target.only : undefined;
  return only === undefined || (Array.isArray(only) && only.every((vin) => typeof vin === 'string'));
}

/**
 * Of the vehicles of a file those that are meant; all when that does not say. Says so when none of them is there any
 * more.
 */
export function meantOf<V>(
  inFile: readonly V[],
  only: readonly string[] | undefined,
  vinOf: (vehicle: V) => string,
): readonly V[] {
  if (only === undefined) return inFile;
  const meant = new Set(only);
  const vehicles = inFile.filter((vehicle) => meant.has(vinOf(vehicle)));
  if (vehicles.length === 0)
    void notify.info(vscode.l10n.t('None of the chosen vehicles are in the file anymore.'));
  return vehicles;
}
