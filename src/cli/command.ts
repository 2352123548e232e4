import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import type { CommandState, RemoteCommand } from '../cms/contract/remoteCommands.ts';
import { CmsError } from '../core/errors.ts';
import { oneLine } from '../core/foreignText.ts';
import { l10n } from '../core/message.ts';
import { commandsOf, followCommand, readCommandValue } from '../onboarding/remoteCommand.ts';
import { certainVehicle } from '../onboarding/resolveVehicle.ts';
import { EXIT } from './exitCodes.ts';
import { openStack } from './open.ts';
import {
  type CmsFlags,
  count,
  examples,
  notEmpty,
  type SignInFlags,
  withCms,
  withOutput,
  withSignIn,
} from './options.ts';
import { inSession, type Session } from './session.ts';

type CommandFlags = CmsFlags &
  SignInFlags & {
    vin?: string;
    name?: string;
    value: string;
    list?: boolean;
    timeout: number;
    /** False with --no-wait. */
    wait: boolean;
  };

export function addCommand(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('command')
    .description('have the CMS send a command to a vehicle, and follow it to its end')
    .option('--vin <vin>', 'vehicle, simulated or real', notEmpty)
    .option('--name <name>', 'the command, by its name in the catalog of the CMS', notEmpty)
    .option('--value <json>', 'value of the command (JSON or plain text)', notEmpty, 'true')
    .option('--timeout <seconds>', 'how long the vehicle may take', count, 30)
    .option('--no-wait', 'send the command without following it')
    .option('--list', 'only list the catalog');
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement command --deployment dev --list',
    'cms-enablement command --deployment dev --vin LSH14J4C4LA046511 --name lock_all_doors',
    'cms-enablement command --vin LSH14J4C4LA046511 --name remote_start --value false --timeout 60 --json',
  ).addHelpText(
    'after',
    '\nFor the Guidance for Connected Mobility. Simulated vehicles answer the commands that its own simulator knows. A command\n' +
      'is sent once: a vehicle that is not connected never hears it. Exit code 0 when the vehicle reports SUCCEEDED.',
  );
  command.action((flags: CommandFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: CommandFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const { vin, name } = flags;
  if (flags.list !== true && (vin === undefined || name === undefined)) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('Specify the vehicle (--vin) and what it should do (--name).'),
      {
        remedy: l10n.t('Or list what there is: --list.'),
      },
    );
  }
  const { deployment } = await openStack(flags, session);
  const commands = await commandsOf(deployment, work.signal);
  if (flags.list === true || vin === undefined || name === undefined) {
    const names = await commands.names(work.signal);
    output.result('catalog', { commands: names }, names.map((each) => oneLine(each)).join('\n'));
    return EXIT.ok;
  }
  const vehicle = await certainVehicle(vin, deployment, work.signal);
  const timeoutMs = flags.timeout * 1000;
  const command: RemoteCommand = { name, value: readCommandValue(flags.value), timeoutMs };
  const sent = await commands.send(vehicle, command, work);
  const about = { vin: vehicle.vin, vehicleId: vehicle.id, commandId: sent.id, name };
  output.result('command', { ...about, value: command.value }, `Command ${oneLine(sent.id)} is sent.`);
  if (!flags.wait) return EXIT.ok;
  const changed = (state: CommandState): void => {
    if (output.json) output.result('status', { ...about, status: state.status, reason: state.reason }, '');
    else work.progress({ step: 'command', level: 'info', vin, message: l10n.verbatim(state.status) });
  };
  const ended = await followCommand(commands, { vehicle, sent, command }, changed, work);
  const { status, resultValue } = ended;
  output.result(
    'result',
    { ...about, status, resultValue },
    `${oneLine(vehicle.vin)} carried out ${oneLine(name)}.`,
  );
  return EXIT.ok;
}
