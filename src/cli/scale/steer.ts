import type { Command } from 'commander';
import { RunChannel } from '../../scale/controller.ts';
import { readPlan } from '../../scale/plan.ts';
import { EXIT } from '../exitCodes.ts';
import { connect } from '../open.ts';
import { type CommonFlags, examples, notEmpty, withConnection, withOutput } from '../options.ts';
import { inSession, type Session } from '../session.ts';
import { speedFactor, troubleCode } from '../simulationOptions.ts';
import { storeIn } from './places.ts';
import { addScaleSetup } from './setup.ts';

type SteerFlags = CommonFlags & { run: string; store?: string };

/** What workers of a run are told from elsewhere. */
export function addScale(program: Command): void {
  const scale = program
    .command('scale')
    .description('runs of several workers ("simulate --shards"): control one, set up AWS Batch');
  const steer = (name: string, description: string, act: (channel: RunChannel) => Promise<void>): void => {
    withRun(scale.command(name).description(description), name).action((flags: SteerFlags) =>
      inSession(flags, (session) => turn(flags, session, name, act)),
    );
  };
  steer('pause', 'pause all vehicles at the same moment', (channel) => channel.pause());
  steer('resume', 'resume all vehicles', (channel) => channel.resume());
  steer('stop', 'end all trips with their summaries, then the run', (channel) => channel.stop());
  addScaleSetup(scale);
  const speed = scale.command('speed').description('set the speed (time lapse) of the whole run');
  withRun(speed.argument('<factor>', 'from 0.1 to 20', speedFactor), 'speed 5').action(
    (factor: number, flags: SteerFlags) =>
      inSession(flags, (session) => turn(flags, session, 'speed', (channel) => channel.setSpeed(factor))),
  );
  const dtc = scale.command('dtc').description('report a trouble code from all vehicles');
  withRun(dtc.argument('<code>', 'such as P0217', troubleCode), 'dtc P0217').action(
    (code: string, flags: SteerFlags) =>
      inSession(flags, (session) => turn(flags, session, 'dtc', (channel) => channel.reportTrouble(code))),
  );
}

function withRun(command: Command, example: string): Command {
  command
    .optionsGroup('Run:')
    .requiredOption('--run <run>', 'name of the run', notEmpty)
    .option(
      '--store <place>',
      'folder or s3://bucket/prefix with the plan of the run (default: the bucket of "scale setup")',
      notEmpty,
    );
  return examples(
    withOutput(withConnection(command)),
    `cms-enablement scale ${example} --run run-20261201T101500000Z --store /shared/runs`,
  );
}

async function turn(
  flags: SteerFlags,
  session: Session,
  name: string,
  act: (channel: RunChannel) => Promise<void>,
): Promise<number> {
  const connection = await connect(flags, session);
  const plan = await readPlan(await storeIn(flags.store, connection, session.work.signal), flags.run);
  const channel = new RunChannel(plan, session.work);
  await channel.open(connection);
  try {
    await act(channel);
  } finally {
    await channel.close();
  }
  const at = new Date(session.work.clock.now() + 1000).toISOString();
  session.output.result('steered', { run: flags.run, what: name }, `${flags.run}: ${name} at ${at}.`);
  return EXIT.ok;
}
