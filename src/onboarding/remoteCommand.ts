import type { Deployment } from '../cms/contract/deployment.ts';
import type { CommandState, RemoteCommand, RemoteCommands } from '../cms/contract/remoteCommands.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { poll, waits } from '../core/retry.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import { notPossible } from './onboard.ts';

const EACH_SECOND = waits(500, 1000);
const PENDING = ['SENT', 'IN_PROGRESS'];
/** Some seconds more than the vehicle has, for its answer to arrive. Milliseconds. */
const GRACE_MS = 5000;

/**
 * Before anything is sent, in the deployment's own words.
 * @throws CmsError REQUEST_INVALID if its vehicles take no commands
 */
export async function commandsOf(
  deployment: Pick<Deployment, 'capabilities' | 'stack' | 'commands'>,
  signal: AbortSignal,
): Promise<RemoteCommands> {
  const { commands, stack } = deployment;
  if (commands !== undefined) return commands;
  const able = (await deployment.capabilities(signal)).find(({ id }) => id === 'commands');
  if (able?.no === undefined) throw notPossible(deployment, 'commands');
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('{name} sends no commands to vehicles: {reason}.', { name: stack.name, reason: able.no }),
    { remedy: l10n.t('"cms-enablement deployments" shows what each deployment supports.') },
  );
}

/**
 * Follows a command that was sent to its end.
 * @param changed called at once, and with each change
 * @throws CmsError COMMAND_FAILED when it ends otherwise than SUCCEEDED, or has not ended in time; CANCELLED
 */
export async function followCommand(
  commands: RemoteCommands,
  { vehicle, sent, command }: { vehicle: VehicleRef; sent: CommandState; command: RemoteCommand },
  changed: (state: CommandState) => void,
  work: Work,
): Promise<CommandState> {
  const { vin } = vehicle;
  const { id } = sent;
  let last = sent;
  changed(sent);
  const within = command.timeoutMs + GRACE_MS;
  const ended = await poll(work, { attempts: Infinity, withinMs: within, backoff: EACH_SECOND }, async () => {
    const state = await commands.look(vehicle, id, work.signal);
    if (state === undefined) return undefined;
    if (state.status !== last.status) changed(state);
    last = state;
    return PENDING.includes(state.status) ? undefined : state;
  });
  const { name } = command;
  const details = { vin, commandId: id, status: last.status };
  const resend = l10n.t(
    'A command is sent once, to vehicles that are connected and may subscribe to it: connect the vehicle, then send it again.',
  );
  if (ended === undefined) {
    const seconds = within / 1000;
    const status = last.status;
    throw new CmsError(
      'COMMAND_FAILED',
      l10n.t('{vin} has not answered the command {name} in {seconds} s (it is {status}).', {
        ...{ vin, name, seconds, status },
      }),
      { step: 'command', remedy: resend, details },
    );
  }
  if (ended.status === 'SUCCEEDED') return ended;
  const { status, reason } = ended;
  if (reason === undefined) {
    throw new CmsError(
      'COMMAND_FAILED',
      l10n.t('The command {name} of {vin} ended {status}.', { name, vin, status }),
      { step: 'command', remedy: resend, details },
    );
  }
  throw new CmsError(
    'COMMAND_FAILED',
    l10n.t('The command {name} of {vin} ended {status} ({why}).', { name, vin, status, why: reason }),
    {
      step: 'command',
      remedy: l10n.t(
        'The answer of the vehicle is in parentheses; its software decides which commands it understands.',
      ),
      details,
    },
  );
}

/** What goes with a command: JSON, or else the text as it is. */
export function readCommandValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
