import * as vscode from 'vscode';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
import { onRow } from './steering.ts';
import { pickVehicle, type RunTargets, type SimulationTarget } from './targets.ts';

interface Sources {
  runTargets: RunTargets;
  documents: JsonDocuments;
  backend: LoadBackend<'messageTemplates'>;
}

/** Messages, looked at closely: the last one of a vehicle, and what they look like in general. */
export function registerMessages(
  tasks: Tasks,
  { runTargets, documents, backend }: Sources,
): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(
      tasks,
      'simulationShowPayload',
      onRow(async (row) => {
        const [found] = await runTargets.find(row, {
          prompt: promptOfLast(),
          fits: () => true,
          none: vscode.l10n.t('No simulation is running.'),
        });
        if (found !== undefined) await showLastMessage(documents, found);
      }),
    ),
    registerCommand(tasks, 'showMessageTemplate', async ({ target }) => {
      const [found] = runTargets.named([target]);
      const vin = found?.vins?.[0] ?? found?.run.vins[0] ?? '<VIN>';
      const generation = found?.run.request.generation ?? 'cdf';
      const templates = backend().messageTemplates(generation, { vin, thingName: vin }, Date.now());
      const readable = Object.entries(templates).map(([type, { topic, payload }]) => [
        type,
        { topic, payload: JSON.parse(payload) as unknown },
      ]);
      await documents.show(vscode.l10n.t('message templates.json'), Object.fromEntries(readable));
    }),
  );
}

/** Shows the message of a vehicle that was acknowledged last; asks which vehicle, if there are several. */
export async function showLastMessage(documents: JsonDocuments, target: SimulationTarget): Promise<void> {
  const { run } = target;
  const vin = await pickVehicle(target, promptOfLast());
  if (vin === undefined) return;
  const message = await run.lastMessage(vin);
  if (message === undefined) {
    void notify.info(
      run.isOver
        ? vscode.l10n.t(
            'The last message of {0} is no longer available: the simulation is over. A recording keeps all messages.',
            vin,
          )
        : vscode.l10n.t('No message from {0} has been acknowledged yet.', vin),
    );
    return;
  }
  const { topic, serial, time, payload } = message;
  await documents.show(`${vin}.json`, {
    topic,
    serial,
    made: new Date(time).toISOString(),
    payload: JSON.parse(payload) as unknown,
  });
}

function promptOfLast(): string {
  return vscode.l10n.t('Simulation to show the last message of');
}
