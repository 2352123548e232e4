import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { OffboardPlan } from '../../onboarding/offboardPlan.ts';
import type { Driving } from '../base/driving.ts';
import { say, sayPlural } from '../base/say.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Targets } from '../stacks/targets.ts';

interface Sources {
  access: VehicleAccess;
  driving: Driving;
  rows: RowChanges;
}

/** Says first what goes, in order, and what stays; then removes it. */
export function registerOffboardVehicle(tasks: Tasks, targets: Targets, sources: Sources): vscode.Disposable {
  const { access, driving, rows } = sources;
  const offboard = async (target: unknown): Promise<void> => {
    const vehicle = await targets.vehicle(target, vscode.l10n.t('Offboard Vehicle'));
    if (vehicle === undefined) return;
    const { ref, vin } = vehicle;
    const backend = access.backend();
    const planned = await tasks.run(
      { title: vscode.l10n.t('Looking for what {0} has', vin), quiet: true },
      async (work) => {
        const { connection, deployment, certificates } = await access.forActing(ref, work.signal);
        const deps = { deployment, certificates, cloud: backend.createCloudIdentities(connection) };
        return { plan: await backend.planOffboard({ vin: vehicle.id ?? vin }, deps, work) };
      },
    );
    if (planned === undefined) return;
    const { plan } = planned;
    if (plan.removals.length === 0) {
      const nothing = vscode.l10n.t('There is nothing to remove for {0}.', vin);
      void notify.info([nothing, ...plan.keeps.map(say)].join(' '));
      return;
    }
    const lines = plan.removals.map(({ what }) => say(what));
    if (!(await agree(vehicle, plan, lines, driving.driveOf(vin, ref) !== undefined))) return;
    const retry = (): void => void tasks.attempt(() => offboard(vehicle));
    const result = await tasks.run({ title: vscode.l10n.t('Offboarding {0}', vin), retry }, async (work) => {
      await driving.endTrips(ref, [vin], work.signal);
      return backend.offboard(plan, work);
    });
    rows.refresh(vehicle.node?.parent);
    if (result === undefined) return;
    const count = result.removed.length;
    void notify.info(
      sayPlural(
        count,
        l10n.t('{vin} is offboarded: 1 thing removed.', { vin }),
        l10n.t('{vin} is offboarded: {count} things removed.', { vin, count }),
      ),
    );
  };
  return registerCommand(tasks, 'offboardVehicle', ({ target }) => offboard(target));
}

async function agree(
  { ref, vin }: VehicleOfStack,
  plan: OffboardPlan,
  removals: readonly string[],
  isDriving: boolean,
): Promise<boolean> {
  const go = vscode.l10n.t('Offboard');
  const driving = isDriving ? [vscode.l10n.t('It is being simulated: its trip ends first.'), ''] : [];
  const picked = await notify.warn(
    vscode.l10n.t('Offboard {0} from {1}?', vin, ref.stack),
    {
      modal: true,
      detail: [
        ...driving,
        vscode.l10n.t('This is removed and cannot be undone:'),
        ...removals.map((removal) => `• ${removal}`),
        '',
        ...plan.keeps.map(say),
      ].join('\n'),
    },
    go,
  );
  return picked === go;
}
