import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { SimulationRun } from './run.ts';
import type { TelemetryDocuments } from '../base/jsonDocuments.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { simulatedVehicleTarget, simulationTargets } from './targets.ts';

/** Messages, looked at closely: the last one of a vehicle, and what they look like in general. */
export function registerSimulationMessages(app: App): vscode.Disposable {
  const { documents } = app;
  return vscode.Disposable.from(
    registerCommand(app, 'simulationShowPayload', async (target) => {
      const found = await simulatedVehicleTarget(app, target, {
        prompt: vscode.l10n.t('Simulation whose last message is shown'),
        fits: () => true,
        none: vscode.l10n.t('No simulation is running.'),
      });
      if (found !== undefined) await showPayload(documents, found.run, found.vin);
    }),
    registerCommand(app, 'showMessageTemplate', async (target) => {
      const [found] =
        target === undefined
          ? []
          : await simulationTargets(app, target, undefined, { prompt: '', fits: () => true, none: '' });
      const vin = found?.vins?.[0] ?? found?.run.vins[0] ?? '<VIN>';
      const generation = found?.run.request.generation ?? 'cdf';
      const templates = app.work().messageTemplates(generation, { vin, thingName: vin }, Date.now());
      const readable = Object.entries(templates).map(([type, { topic, payload }]) => [
        type,
        { topic, payload: JSON.parse(payload) as unknown },
      ]);
      await documents.show(vscode.l10n.t('message templates.json'), Object.fromEntries(readable));
    }),
  );
}

async function showPayload(documents: TelemetryDocuments, run: SimulationRun, vin: string): Promise<void> {
  const told = await run.lastMessage(vin);
  if (told === undefined) {
    void vscode.window.showInformationMessage(
      run.isOver
        ? vscode.l10n.t(
            'The last message of {0} is not at hand any more: the simulation is over. A recording keeps them all.',
            vin,
          )
        : vscode.l10n.t('No message of {0} was acknowledged yet.', vin),
    );
    return;
  }
  const { topic, serial, time, payload } = told;
  await documents.show(`${vin}.json`, {
    topic,
    serial,
    made: new Date(time).toISOString(),
    payload: JSON.parse(payload) as unknown,
  });
}
