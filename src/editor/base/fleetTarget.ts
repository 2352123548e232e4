import * as vscode from 'vscode';
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
