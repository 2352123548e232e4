import * as vscode from 'vscode';
import type { Tasks } from '../base/tasks.ts';
import { forLabel } from '../base/shown.ts';
import type { PickQuestion } from '../base/wizard.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { VehicleTarget } from '../stacks/targets.ts';

/** The account, region and deployment of a vehicle, for a question; undefined if that cannot be found out, which is said. */
export function whereOf(
  tasks: Tasks,
  access: VehicleAccess,
  { ref }: VehicleTarget,
): Promise<string | undefined> {
  return tasks.run({ title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true }, ({ signal }) =>
    access.placeWords(ref, signal),
  );
}

/** The last question before something is sent to a vehicle: what, and where. */
export function sendQuestion(where: string, what: () => string): PickQuestion {
  return {
    kind: 'pick',
    key: 'send',
    prompt: where,
    value: () => 'go',
    items: () => [
      {
        label: `$(rocket) ${vscode.l10n.t('Send')}`,
        description: forLabel(what()),
        alwaysShow: true,
        value: 'go',
      },
    ],
  };
}
