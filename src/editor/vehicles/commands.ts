import * as vscode from 'vscode';
import { CmsError, throwIfAborted } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Driving } from '../base/driving.ts';
import { Node } from '../base/node.ts';
import { ofOneStack } from '../base/oneStack.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { sayPlural } from '../base/say.ts';
import type { StackRef } from '../base/stackRef.ts';
import { say } from '../base/say.ts';
import type { Tasks } from '../base/tasks.ts';
import { vinOfTarget } from '../base/vinTarget.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import type { Doctor } from './doctor.ts';
import { sendJob } from './job.ts';
import { registerRemoteCommands } from './remoteCommand.ts';
import { registerTelemetry } from './telemetry.ts';
import { vinOrCount } from './vehicleWords.ts';

interface Sources {
  access: VehicleAccess;
  driving: Driving;
  rows: RowChanges;
  doctor: Doctor;
}

/** Look at, copy from and change vehicles, and send single messages as it. */
export function registerVehicles(tasks: Tasks, targets: Targets, sources: Sources): vscode.Disposable {
  const { rows, doctor } = sources;
  const { access } = sources;
  const { sessions } = access;
  return vscode.Disposable.from(
    registerTelemetry(tasks, targets, sources),
    registerCommand(tasks, 'sendJob', ({ target }) => sendJob(tasks, targets, access, target)),
    registerRemoteCommands(tasks, targets, access),
    registerCommand(tasks, 'diagnoseVehicle', ({ target }) => doctor.diagnose(target)),
    registerCommand(tasks, 'copyVin', async (call) => {
      const vin = call.target instanceof Node ? undefined : vinOfTarget(call.target);
      // To copy what somebody points at takes no stack.
      const vehicles =
        vin === undefined ? await targets.vehicles(call, vscode.l10n.t('Copy VIN')) : [{ vin }];
      const [first, ...others] = vehicles.map(({ vin }) => vin);
      if (first === undefined) return;
      const count = vehicles.length;
      const said = sayPlural(count, l10n.t('VIN copied'), l10n.t('{count} VINs copied', { count }));
      await copy([first, ...others].join('\n'), said);
    }),
    registerCommand(tasks, 'copyArn', ({ target }) => copyArn(tasks, targets, access, target)),
    registerCommand(tasks, 'associateOwner', async (call) => {
      const chosen = await targets.vehicles(call, vscode.l10n.t('Associate Owner'));
      const vehicles = ofOneStack(chosen);
      const [first] = vehicles;
      if (first === undefined) return;
      const { ref } = first;
      const which = vinOrCount(vehicles);
      const owner = await pickOwner(sessions, ref, which);
      if (owner === undefined) return;
      const title = vscode.l10n.t('Making {0} the owner of {1}', owner, which);
      const done = await tasks.run({ title, quiet: vehicles.length === 1 }, async (work) => {
        const deployment = await sessions.open(ref, work.signal);
        const { owners } = deployment;
        if (owners === undefined) throw noOwners(ref.stack);
        for (const [i, vehicle] of vehicles.entries()) {
          throwIfAborted(work.signal);
          const named = await access.certain(vehicle, { deployment }, work.signal);
          await owners.set(named, owner, work.signal);
          const message = l10n.t('{done} of {count}', { done: i + 1, count: vehicles.length });
          if (vehicles.length > 1) work.progress({ step: 'owner', level: 'info', message });
        }
        return true;
      });
      for (const list of new Set(vehicles.map(({ node }) => node?.parent))) rows.refresh(list);
      if (done === true) void notify.info(vscode.l10n.t('{0} owns {1}.', owner, which));
    }),
  );
}

async function copy(text: string, said: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  notify.status('check', said, 4000);
}

async function copyArn(
  tasks: Tasks,
  targets: Targets,
  access: VehicleAccess,
  target: unknown,
): Promise<void> {
  const vehicle = await targets.vehicle(target, vscode.l10n.t('Copy ARN'));
  if (vehicle === undefined) return;
  const read = await tasks.run(
    { title: vscode.l10n.t('Reading the device of {0}', vehicle.vin), quiet: true },
    async (work) => {
      const deployment = await access.sessions.open(vehicle.ref, work.signal);
      const certificates = access.certificates.forReading();
      const named = await access.resolve(vehicle, { deployment, certificates }, work.signal);
      const details = await deployment.vehicles.details(named, work.signal);
      return { arn: details.find(({ thingArn }) => thingArn !== undefined)?.thingArn };
    },
  );
  if (read === undefined) return;
  if (read.arn === undefined) {
    void notify.info(vscode.l10n.t('The CMS does not name a thing for {0} yet.', vehicle.vin));
  } else await copy(read.arn, vscode.l10n.t('Thing ARN copied'));
}

function pickOwner(sessions: Sessions, ref: StackRef, which: string): Promise<string | undefined> {
  return pickOrType(
    {
      title: vscode.l10n.t('Owner of {0}', which),
      placeholder: vscode.l10n.t('Pick a CMS user or type a user name'),
    },
    async function* (signal) {
      const deployment = await sessions.open(ref, signal);
      const { owners, lists } = deployment;
      const list = lists.find(({ id }) => id === owners?.list);
      const { items = [] } = (await list?.page({ size: 200 }, signal)) ?? {};
      yield items.map(({ key, words }) => ({
        label: key,
        description: typeof words === 'string' ? words : say(words),
      }));
    },
  );
}

function noOwners(stack: string): CmsError {
  return new CmsError('REQUEST_INVALID', l10n.t('{stack} does not keep owners of vehicles.', { stack }));
}
