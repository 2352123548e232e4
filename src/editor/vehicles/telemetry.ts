import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Clock } from '../../core/work.ts';
import type { Codec } from '../../telemetry/codec.ts';
import type { EncodedMessage, MessageContext } from '../../telemetry/sample.ts';
import { usablePair } from '../../provisioning/stored.ts';
import type { Driving } from '../base/driving.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import { askTroubleCode } from './troubleCode.ts';

const SHOWN_AFTER_MS = 3_000;

interface Sources {
  access: VehicleAccess;
  driving: Driving;
  rows: RowChanges;
}

/** Sends single messages as the vehicle, over its own production certificate. */
export function registerTelemetry(tasks: Tasks, targets: Targets, sources: Sources): vscode.Disposable {
  const { backend } = sources.access;
  return vscode.Disposable.from(
    registerCommand(tasks, 'sendFirstTelemetry', async ({ target }) => {
      const vehicle = await targets.vehicle(target, vscode.l10n.t('Send Test Message'));
      if (vehicle === undefined) return;
      if (sources.driving.driveOf(vehicle) !== undefined) {
        void notify.info(vscode.l10n.t('{0} is being simulated: it sends telemetry already.', vehicle.vin));
        return;
      }
      const { restingSample, SOMEWHERE: position } = backend();
      const title = vscode.l10n.t('Sending telemetry for {0}', vehicle.vin);
      const sent = await send(tasks, sources, vehicle, title, (codec, context, clock) =>
        codec.sample(restingSample(position, clock), context),
      );
      if (!sent) return;
      void notify.info(vscode.l10n.t('{0} sent its position, and AWS IoT acknowledged it.', vehicle.vin));
    }),
    registerCommand(tasks, 'sendDtc', async ({ target }) => {
      const vehicle = await targets.vehicle(target, vscode.l10n.t('Send DTC'));
      if (vehicle === undefined) return;
      const code = await askTroubleCode(vehicle.vin);
      if (code === undefined) return;
      // A second connection of the vehicle would take the simulation's away.
      if (sources.driving.reportTrouble(vehicle, code)) return;
      if (sources.driving.driveOf(vehicle) !== undefined) {
        void notify.info(
          vscode.l10n.t(
            '{0} is being simulated by workers. Report the code on that simulation.',
            vehicle.vin,
          ),
        );
        return;
      }
      const { restingSample, SOMEWHERE: position, troubleMessage } = backend();
      const title = vscode.l10n.t('Reporting {0} for {1}', code, vehicle.vin);
      const sent = await send(tasks, sources, vehicle, title, (codec, context, clock) =>
        troubleMessage(codec, { code, time: clock.now() }, context, () => restingSample(position, clock)),
      );
      if (!sent) return;
      void notify.info(vscode.l10n.t('{0} reported {1}, and AWS IoT acknowledged it.', vehicle.vin, code));
    }),
  );
}

async function send(
  tasks: Tasks,
  { access, rows }: Sources,
  vehicle: VehicleTarget,
  title: string,
  encode: (codec: Codec, context: MessageContext, clock: Clock) => EncodedMessage,
): Promise<boolean> {
  // Said in the status bar: it takes a moment only, and the editor drops notifications that come too fast.
  const done = await tasks.run({ title, quiet: true }, async (work) => {
    const { connection, deployment, certificates, device } = await access.forActing(vehicle.ref, work.signal);
    const { vin } = vehicle;
    const ref = await access.resolve(vehicle, { deployment, certificates }, work.signal);
    const stored = usablePair(await certificates.production(ref.id));
    if (stored === undefined) {
      throw new CmsError(
        'CERTIFICATE_MISSING',
        l10n.t('There is no production certificate of {vin} in this workspace.', { vin }),
        { remedy: l10n.t('Provision certificates for the vehicle first.') },
      );
    }
    const telemetry = access.backend().telemetryOf(deployment);
    const { codec } = telemetry;
    const context: MessageContext = {
      ...ref,
      tripId: 'editor',
      simulationId: 'editor',
      serial: 1,
      topic: (
        await telemetry.topics?.([{ vehicle: ref, certificateId: stored.certificateId }], work.signal)
      )?.(ref),
    };
    await device.publish(
      {
        broker: await access.backend().brokerOf(connection, work.signal),
        identity: stored.identity,
        clientId: codec.clientId(ref),
        messages: [encode(codec, context, work.clock)],
      },
      work,
    );
    return true;
  });
  if (done === undefined) return false;
  rows.refresh(vehicle.node);
  // The CMS takes a moment to know what AWS IoT has acknowledged.
  setTimeout(() => rows.refresh(vehicle.node), SHOWN_AFTER_MS).unref();
  return true;
}
