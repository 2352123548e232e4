import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import type { EncodedMessage, MessageContext } from '../../telemetry/sample.ts';
import type { App } from '../app.ts';
import { askTroubleCode } from './troubleCode.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { vehicleTarget, type VehicleTarget } from '../stacks/targets.ts';
import { vehicleDeps } from '../certificates/workDeps.ts';

const SHOWN_AFTER_MS = 3_000;

/** Sends single messages as the vehicle, over its own production certificate. */
export function registerTelemetryCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'sendFirstTelemetry', async (target) => {
      const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Send First Telemetry'));
      if (vehicle === undefined) return;
      if (app.simulations.simulating(vehicle.vin, vehicle.ref) !== undefined) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t('{0} is being simulated: it sends telemetry already.', vehicle.vin),
        );
        return;
      }
      const { encodeCarData, requestDefaults, restingSample } = app.work();
      const defaults = requestDefaults();
      const position = { latitude: Number(defaults.latitude), longitude: Number(defaults.longitude) };
      const sent = await send(
        app,
        vehicle,
        vscode.l10n.t('Sending telemetry of {0}', vehicle.vin),
        (context, clock) => encodeCarData(restingSample(position, clock), context),
      );
      if (sent)
        void vscode.window.showInformationMessage(
          vscode.l10n.t('{0} sent its position, and AWS IoT acknowledged it.', vehicle.vin),
        );
    }),
    registerCommand(app, 'sendDtc', async (target) => {
      const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Send DTC'));
      if (vehicle === undefined) return;
      const code = await askTroubleCode(vehicle.vin);
      if (code === undefined) return;
      // A second connection of the vehicle would take the simulation's away.
      const run = app.simulations.simulating(vehicle.vin, vehicle.ref);
      if (run !== undefined) {
        run.control({ do: 'dtc', code, vins: [vehicle.vin] });
        return;
      }
      const { encodeDtc } = app.work();
      const sent = await send(
        app,
        vehicle,
        vscode.l10n.t('Sending {0} of {1}', code, vehicle.vin),
        (context, clock) => encodeDtc({ code, time: clock.now() }, context),
      );
      if (sent) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t('{0} reported {1}. CMS shows it with the next telemetry message.', vehicle.vin, code),
        );
      }
    }),
  );
}

async function send(
  app: App,
  vehicle: VehicleTarget,
  title: string,
  encode: (
    context: MessageContext,
    clock: { now(): number; sleep(ms: number): Promise<void> },
  ) => EncodedMessage,
): Promise<boolean> {
  // Said in the status bar: it takes a moment only, and the editor drops notifications that come too fast.
  const done = await app.run({ title, quiet: true }, async (work) => {
    const { connection, deployment, certificates, device } = await vehicleDeps(app, vehicle.ref, work.signal);
    const stored = await certificates.production(vehicle.vin);
    if (stored === undefined) {
      throw new CmsError(
        'CERTIFICATE_UNUSABLE',
        vscode.l10n.t('There is no production certificate of {0} in this workspace.', vehicle.vin),
        {
          remedy: vscode.l10n.t('Provision certificates for the vehicle first.'),
        },
      );
    }
    const thingName = deployment.thingNameOf(vehicle.vin);
    const context: MessageContext = {
      vin: vehicle.vin,
      thingName,
      tripId: 'editor',
      simulationId: 'editor',
      serial: 1,
    };
    await device.publish(
      {
        broker: await app.work().brokerOf(connection, work.signal),
        identity: stored.identity,
        clientId: thingName,
        messages: [encode(context, work.clock)],
      },
      work,
    );
    return true;
  });
  if (done === undefined) return false;
  app.refresh(vehicle.node);
  // The fleet manager takes a moment to know what AWS IoT has acknowledged.
  setTimeout(() => app.refresh(vehicle.node), SHOWN_AFTER_MS).unref();
  return true;
}
