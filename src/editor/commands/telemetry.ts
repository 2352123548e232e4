import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import type { EncodedMessage, MessageContext } from '../../telemetry/sample.ts';
import type { App } from '../app.ts';
import { registerCommand } from './register.ts';
import { vehicleTarget, type VehicleTarget } from './targets.ts';
import { vehicleDeps } from './workDeps.ts';

/** Codes worth offering; any other OBD-II code can be typed. */
const COMMON_CODES: Readonly<Record<string, string>> = {
  P0217: 'Engine over temperature',
  P0300: 'Random misfire detected',
  P0420: 'Catalyst efficiency below threshold',
  P0562: 'System voltage low',
  P1734: 'Transmission: sixth gear',
  U0100: 'Lost communication with the engine control module',
};

const SHOWN_AFTER_MS = 3_000;

/** Sends single messages as the vehicle, over its own production certificate. */
export function registerTelemetryCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'sendFirstTelemetry', async (target) => {
      const vehicle = await vehicleTarget(app, target, vscode.l10n.t('Send First Telemetry'));
      if (vehicle === undefined) return;
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
      const code = await askCode(vehicle.vin);
      if (code === undefined) return;
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

function askCode(vin: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick();
    const known = Object.entries(COMMON_CODES).map(([label, description]) => ({ label, description }));
    let answer: string | undefined;
    pick.title = vscode.l10n.t('DTC of {0}', vin);
    pick.placeholder = vscode.l10n.t('Pick a trouble code or type one, for example P0217');
    pick.matchOnDescription = true;
    pick.items = known;
    pick.onDidChangeValue((value) => {
      const typed = value.trim().toUpperCase();
      const valid = /^[PCBU][0-3][0-9A-F]{3}$/.test(typed) && !(typed in COMMON_CODES);
      pick.items = valid
        ? [{ label: typed, description: vscode.l10n.t('as typed'), alwaysShow: true }, ...known]
        : known;
    });
    pick.onDidAccept(() => {
      answer = pick.selectedItems[0]?.label;
      if (answer !== undefined) pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(answer);
    });
    pick.show();
  });
}
