import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { describeMessage } from '../text/describe.ts';
import { measuresIn, type Units } from '../text/measures.ts';
import { replayRecording } from '../device/client/recording.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { examples, notEmpty, withOutput, withUnits } from './options.ts';
import type { OutputOptions } from './output.ts';
import { inSession, type Session } from './session.ts';
import { speedFactor } from './simulationOptions.ts';

type ReplayFlags = OutputOptions & { file: string; speed: number; vin?: string[]; units: Units };

export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('show a recorded simulation as it happened; nothing is sent')
    .requiredOption('--file <file>', 'what "simulate --record" has written', notEmpty)
    .option('--speed <factor>', 'how many times as fast, from 0.1 to 20', speedFactor, 1)
    .option('--vin <vin...>', 'messages of these vehicles only');
  withUnits(command);
  examples(
    withOutput(command),
    'cms-enablement replay --file run.jsonl',
    'cms-enablement replay --file run.jsonl --speed 20 --vin LSH14J4C4LA046511 --json',
  );
  command.action((flags: ReplayFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run({ file, speed, vin, units }: ReplayFlags, { output, work }: Session): Promise<number> {
  const wanted = vin === undefined ? undefined : new Set(vin);
  const measures = measuresIn(units);
  const vehicles = new Set<string>();
  let messages = 0;
  await replayRecording(resolve(file), { speed, clock: work.clock, signal: work.signal }, (message) => {
    const { vin: name, id = name } = message;
    if (wanted !== undefined && !wanted.has(name) && !wanted.has(id)) return;
    messages += 1;
    vehicles.add(id);
    const { type: kind, ...rest } = message;
    output.result('message', { kind, ...rest }, describeMessage(message, measures));
  });
  if (messages === 0) throw nothingIn(file, vin);
  output.result(
    'result',
    { messages, vehicles: vehicles.size },
    `${counted(messages, 'message')} of ${counted(vehicles.size, 'vehicle')}.`,
  );
  return EXIT.ok;
}

/** What shows nothing looks like a run in which nothing happened. */
function nothingIn(file: string, vins: readonly string[] | undefined): CmsError {
  const sentence =
    vins === undefined
      ? l10n.t('{file} holds no messages.', { file })
      : l10n.t('{file} holds no messages of {vins}.', { file, vins: l10n.list([...vins], 'or') });
  return new CmsError('RECORDING_FAILED', sentence, {
    remedy: l10n.t('Check the file and the vehicles; "simulate --record" writes acknowledged messages only.'),
  });
}
