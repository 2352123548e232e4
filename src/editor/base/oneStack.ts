import * as vscode from 'vscode';
import { notify } from './shown.ts';
import { sameStack, type VehicleOfStack } from './stackRef.ts';

/** The vehicles, where what is done with them together is done on one stack; else none, which is said. */
export function ofOneStack<V extends VehicleOfStack>(vehicles: readonly V[]): readonly V[] {
  const [first] = vehicles;
  if (first === undefined || vehicles.every(({ ref }) => sameStack(ref, first.ref))) return vehicles;
  void notify.info(vscode.l10n.t('The selected vehicles are of several stacks. Select those of one.'));
  return [];
}
