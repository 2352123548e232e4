import * as vscode from 'vscode';
import type { Driving } from '../base/driving.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import type { Doctor } from './doctor.ts';
import { registerTelemetry } from './telemetry.ts';

interface Sources {
  access: VehicleAccess;
  driving: Driving;
  rows: RowChanges;
  doctor: Doctor;
}

/** Look at, copy from and change one vehicle, and send single messages as it. */
export function registerVehicles(tasks: Tasks, targets: Targets, sources: Sources): vscode.Disposable {
  const { rows, doctor } = sources;
  const { sessions } = sources.access;
  return vscode.Disposable.from(
    registerTelemetry(tasks, targets, sources),
    registerCommand(tasks, 'diagnoseVehicle', ({ target }) => doctor.diagnose(target)),
    registerCommand(tasks, 'copyVin', async ({ target }) => {
      const vehicle = await targets.vehicle(target, vscode.l10n.t('Copy VIN'));
      if (vehicle !== undefined) await copy(vehicle.vin, vscode.l10n.t('VIN copied'));
    }),
    registerCommand(tasks, 'copyArn', ({ target }) => copyArn(tasks, targets, sessions, target)),
    registerCommand(tasks, 'associateOwner', async ({ target }) => {
      const vehicle = await targets.vehicle(target, vscode.l10n.t('Associate Owner'));
      if (vehicle === undefined) return;
      const owner = await pickOwner(sessions, vehicle);
      if (owner === undefined) return;
      const done = await tasks.run(
        { title: vscode.l10n.t('Making {0} the owner of {1}', owner, vehicle.vin), quiet: true },
        async (work) => {
          const deployment = await sessions.open(vehicle.ref, work.signal);
          return deployment.ensureOwner(vehicle.vin, owner, work.signal);
        },
      );
      if (done === undefined) return;
      rows.refresh(vehicle.node?.parent);
      void notify.info(vscode.l10n.t('{0} owns {1}.', owner, vehicle.vin));
    }),
  );
}

async function copy(text: string, said: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  notify.status('check', said, 4000);
}

async function copyArn(tasks: Tasks, targets: Targets, sessions: Sessions, target: unknown): Promise<void> {
  const vehicle = await targets.vehicle(target, vscode.l10n.t('Copy ARN'));
  if (vehicle === undefined) return;
  const read = await tasks.run(
    { title: vscode.l10n.t('Reading the device of {0}', vehicle.vin), quiet: true },
    async (work) => {
      const deployment = await sessions.open(vehicle.ref, work.signal);
      return { arn: (await deployment.device(vehicle.vin, work.signal))?.thingArn };
    },
  );
  if (read === undefined) return;
  if (read.arn === undefined) {
    void notify.info(vscode.l10n.t('{0} has no thing yet: its device is not registered.', vehicle.vin));
  } else await copy(read.arn, vscode.l10n.t('Thing ARN copied'));
}

function pickOwner(sessions: Sessions, { ref, vin }: VehicleOfStack): Promise<string | undefined> {
  return pickOrType(
    {
      title: vscode.l10n.t('Owner of {0}', vin),
      placeholder: vscode.l10n.t('Pick a CMS user or type a user name'),
    },
    async (signal) => {
      const deployment = await sessions.open(ref, signal);
      const { items } = await deployment.users({ size: 200 }, signal);
      return items.map(({ username, firstName, lastName, email }) => ({
        label: username,
        description: [`${firstName} ${lastName}`, email].filter(Boolean).join(' · '),
      }));
    },
  );
}
