import * as vscode from 'vscode';
import { payloadBytes, payloadText, shownPayload } from '../../core/payload.ts';
import type { Codec } from '../../telemetry/codec.ts';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
import { onRow } from './steering.ts';
import { pickVehicle, type RunTargets, type SimulationTarget } from './targets.ts';

/** What a message is shown with. */
export interface MessageSources {
  documents: JsonDocuments;
  backend: LoadBackend<'codecOf'>;
}

interface Sources {
  runTargets: RunTargets;
  documents: JsonDocuments;
  backend: LoadBackend<'CODECS' | 'codecOf' | 'messageTemplates'>;
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
        if (found !== undefined) await showLastMessage({ documents, backend }, found);
      }),
    ),
    registerCommand(tasks, 'showMessageTemplate', async ({ target }) => {
      const [found] = runTargets.named([target]);
      const wanted = found?.ids?.[0] ?? found?.run.ids[0];
      const vehicle = found?.run.request.vehicles.find((each) => each.id === wanted);
      const { CODECS, codecOf, messageTemplates } = backend();
      const templatesOf = (generation: string): Record<string, unknown> => {
        const { vin = '<VIN>', id = '<id>', thingName = '<thing>', topic = '<topic>' } = vehicle ?? {};
        const codec = codecOf(generation);
        const templates = messageTemplates(codec, { vin, id, thingName, topic }, Date.now());
        const shown = Object.entries(templates).map(([type, { topic, payload }]) => [
          type,
          { topic, payload: readable(codec, payload) },
        ]);
        return Object.fromEntries(shown) as Record<string, unknown>;
      };
      const generations = found === undefined ? Object.keys(CODECS) : [found.run.request.generation];
      const [only, another] = generations;
      const shown =
        only !== undefined && another === undefined
          ? templatesOf(only)
          : Object.fromEntries(generations.map((generation) => [generation, templatesOf(generation)]));
      await documents.show(vscode.l10n.t('message templates.json'), shown);
    }),
  );
}

/** Shows the message of a vehicle that was acknowledged last; asks which vehicle, if there are several. */
export async function showLastMessage(
  { documents, backend }: MessageSources,
  target: SimulationTarget,
): Promise<void> {
  const { run } = target;
  const vehicle = await pickVehicle(target, promptOfLast());
  if (vehicle === undefined) return;
  const { vin, id } = vehicle;
  const message = await run.lastMessage(id);
  if (message === undefined) {
    void notify.info(
      run.isOver
        ? vscode.l10n.t(
            'The last message of {0} is no longer available: the simulation has ended. A recording keeps all messages.',
            vin,
          )
        : vscode.l10n.t('No message from {0} has been acknowledged yet.', vin),
    );
    return;
  }
  const { topic, serial, time } = message;
  await documents.show(`${vin}.json`, {
    topic,
    serial,
    made: new Date(time).toISOString(),
    payload: readable(backend().codecOf(run.request.generation), payloadBytes(message)),
  });
}

function promptOfLast(): string {
  return vscode.l10n.t('Simulation to show the last message of');
}

/** What is inside, where the payload of a generation is wrapped. */
function readable({ inside }: Codec, payload: Uint8Array): unknown {
  const text = inside?.(payload);
  return shownPayload(text === undefined ? payloadText(payload) : { payload: text });
}
