import * as vscode from 'vscode';
import type { CommandState, RemoteCommand } from '../../cms/contract/remoteCommands.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { flag } from '../base/commandLine.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { answerOf, askAll } from '../base/wizard.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';
import { sendQuestion, whereOf } from './sendQuestion.ts';

/** How long a vehicle may take. */
const TIMEOUT_MS = 30_000;

/** Has the CMS send a command to a vehicle, and follows it to its end. */
export function registerRemoteCommands(
  tasks: Tasks,
  targets: Targets,
  access: VehicleAccess,
): vscode.Disposable {
  return registerCommand(tasks, 'sendCommand', async ({ target }) => {
    const vehicle = await targets.vehicle(target, vscode.l10n.t('Send Command'));
    if (vehicle === undefined) return;
    const command = await ask(tasks, access, vehicle);
    if (command !== undefined) await send(tasks, access, vehicle, command);
  });
}

async function ask(
  tasks: Tasks,
  access: VehicleAccess,
  vehicle: VehicleTarget,
): Promise<RemoteCommand | undefined> {
  const { ref, vin, id = vin } = vehicle;
  const { commandsOf, readCommandValue } = access.backend();
  const title = vscode.l10n.t('Send Command to {0}', vin);
  const able = await tasks.run({ title: vscode.l10n.t('Reading the commands'), quiet: true }, async (work) =>
    commandsOf(await access.sessions.open(ref, work.signal), work.signal),
  );
  if (able === undefined) return undefined;
  const where = await whereOf(tasks, access, vehicle);
  if (where === undefined) return undefined;
  const name = await pickOrType(
    { title, placeholder: vscode.l10n.t('Pick a command or type its name') },
    async function* (signal) {
      yield (await able.names(signal)).map((label) => ({ label }));
    },
  );
  if (name === undefined) return undefined;
  const answers: Record<string, string> = { value: 'true' };
  const words = (): string[] => [
    'command',
    ...flag('vin', id),
    ...flag('name', name),
    ...flag('value', answerOf(answers, 'value').trim()),
  ];
  const last = sendQuestion(where, () => `${name} ${answerOf(answers, 'value')}`);
  const done = await askAll(
    title,
    [
      {
        kind: 'text',
        key: 'value',
        prompt: vscode.l10n.t('Value for {0} (JSON or plain text)', name),
        value: () => answers.value ?? '',
        validate: (text) => (text.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      },
      access.cli.within(last, ref, words, ['connection', 'stack']),
    ],
    answers,
  );
  if (!done) return undefined;
  return { name, value: readCommandValue(answerOf(answers, 'value').trim()), timeoutMs: TIMEOUT_MS };
}

async function send(
  tasks: Tasks,
  access: VehicleAccess,
  { ref, vin, id }: VehicleTarget,
  command: RemoteCommand,
): Promise<void> {
  const backend = access.backend();
  const { name } = command;
  const ended = await tasks.run({ title: vscode.l10n.t('{0} for {1}', name, vin) }, async (work) => {
    const deployment = await access.sessions.open(ref, work.signal);
    const commands = await backend.commandsOf(deployment, work.signal);
    const vehicle = await backend.certainVehicle(id ?? vin, deployment, work.signal);
    const sent = await commands.send(vehicle, command, work);
    const changed = (state: CommandState): void => tell(work, vin, state);
    return backend.followCommand(commands, { vehicle, sent, command }, changed, work);
  });
  if (ended !== undefined) void notify.info(vscode.l10n.t('{0} carried out {1}.', vin, name));
}

function tell(work: Work, vin: string, { status }: CommandState): void {
  work.progress({ step: 'command', level: 'info', vin, message: l10n.verbatim(status) });
}
