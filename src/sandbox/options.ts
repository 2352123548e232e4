import { Command, CommanderError, Option } from 'commander';
import {
  type InstallationKind,
  type InstallationSettings,
  type InstallationSpec,
  type KindOption,
  NotInstallable,
} from './installations/contract.ts';
import {
  checkInstallation,
  DEFAULT_INSTALLATION,
  kinds,
  optionsOf,
  readInstallation,
} from './installations/installations.ts';
import { badArgument, matching, notEmpty, oneOf, wholeNumber } from './kernel/arguments.ts';
import type { SandboxConfig } from './kernel/context.ts';
import { LOG_LEVELS, type LogLevel } from './kernel/log.ts';

export interface SandboxOptions {
  config: SandboxConfig;
  /** What to install. */
  installations: InstallationSpec[];
  settings: InstallationSettings;
  readyFile: string | undefined;
  exitWithParent: boolean;
  /** Undefined: never. */
  exitWhenIdleMs: number | undefined;
  logLevel: LogLevel;
  help: boolean;
}

/**
 * The command line. Its values are checked as they are read; what concerns several of them comes after.
 * @param known the kinds of CMS that can be installed, each with its own options
 */
export function createCommand(known: readonly InstallationKind[] = kinds): Command {
  const whole = (option: string, least: number, most: number) => (text: string) =>
    wholeNumber(option, text, least, most);
  const named = (option: string) => (text: string) => notEmpty(option, text);
  const command = new Command('sandbox')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .description(
      'A local stand-in for the parts of AWS and of CMS that vehicle onboarding and telemetry touch.',
    )
    .allowExcessArguments()
    .helpOption(false)
    .option(
      '--http-port <PORT>',
      'port of the AWS and CMS APIs on 127.0.0.1; 0 = a free one',
      whole('--http-port', 0, 65_535),
      4566,
    )
    .option(
      '--mqtt-port <PORT>',
      'port of MQTT over TLS on localhost; 0 = a free one',
      whole('--mqtt-port', 0, 65_535),
      8883,
    )
    .option('--state <DIR>', 'keep the state there over restarts (a temporary folder)', named('--state'))
    .option(
      '--install <INSTALLATION...>',
      `CMS to install, each as KIND:NAME[,KEY=VALUE…] (${DEFAULT_INSTALLATION})`,
    );
  for (const { shorthand } of known)
    if (shorthand !== undefined) command.option(shorthand.flags, shorthand.description);
  command
    .option(
      '--region <REGION>',
      'the one region there is',
      (text) => matching('--region', text, /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-west-2'),
      'us-west-2',
    )
    .option(
      '--account-id <ID>',
      'the account, twelve digits',
      (text) => matching('--account-id', text, /^\d{12}$/, 'twelve digits'),
      '123456789012',
    );
  for (const [long, { value, description, default: otherwise, read }] of ownOptions(known)) {
    const own = new Option(`${long} <${value}>`, description).default(otherwise);
    command.addOption(own.argParser((text) => read(text, long)));
  }
  return command
    .option('--no-limits', 'do not enforce AWS quotas')
    .option(
      '--run-functions',
      'run the functions of stacks that are deployed here: whoever reaches the port runs code as you',
    )
    .option(
      '--run-jobs',
      'run jobs of AWS Batch, as processes of the command line here: whoever reaches the port runs code as you',
    )
    .option('--ready-file <FILE>', 'write the ready line there, too', named('--ready-file'))
    .option('--exit-with-parent', 'end when standard input closes')
    .option(
      '--exit-when-idle-seconds <N>',
      'end after so long without a request or a device (never)',
      whole('--exit-when-idle-seconds', 1, 86_400),
    )
    .option(
      '--log-level <LEVEL>',
      'debug, info, warn or error',
      (text) => oneOf('--log-level', text, LOG_LEVELS),
      'info',
    )
    .option('-h, --help', 'show this text');
}

/** The options of all kinds, by what is typed, in the order of the kinds. */
function ownOptions(known: readonly InstallationKind[]): [long: string, KindOption<unknown>][] {
  return known.flatMap(({ options }): [string, KindOption<unknown>][] =>
    optionsOf(options).map(([name, option]) => [
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      option,
    ]),
  );
}

/** The values by their names in `createCommand`; with those of the options that kinds bring. */
interface Values extends Readonly<Record<string, unknown>> {
  httpPort: number;
  mqttPort: number;
  state?: string;
  install?: string[];
  region: string;
  accountId: string;
  limits: boolean;
  runFunctions?: true;
  runJobs?: true;
  readyFile?: string;
  exitWithParent?: true;
  exitWhenIdleSeconds?: number;
  logLevel: LogLevel;
  help?: true;
}

/** Reads the command line. Throws StartError `bad-arguments` with a sentence that names the argument. */
export function parseOptions(
  args: readonly string[],
  known: readonly InstallationKind[] = kinds,
): SandboxOptions {
  const command = read(args, known);
  const values = command.opts<Values>();
  const idle = values.exitWhenIdleSeconds;
  return {
    config: {
      httpPort: values.httpPort,
      mqttPort: values.mqttPort,
      stateFolder: values.state,
      region: values.region,
      accountId: values.accountId,
      limits: values.limits,
      runFunctions: values.runFunctions === true,
      runJobs: values.runJobs === true,
    },
    installations: installationsOf(command, known),
    settings: Object.fromEntries(
      known.map(({ kind, options }) => [
        kind,
        Object.fromEntries(Object.keys(options).map((name) => [name, values[name]])),
      ]),
    ),
    readyFile: values.readyFile,
    exitWithParent: values.exitWithParent === true,
    exitWhenIdleMs: idle === undefined ? undefined : 1000 * idle,
    logLevel: values.logLevel,
    help: values.help === true,
  };
}

function read(args: readonly string[], known: readonly InstallationKind[]): Command {
  const command = createCommand(known);
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw badArgument(error.message.replace(/^error: /, ''));
    throw error;
  }
  const [extra] = command.args;
  if (extra !== undefined) throw badArgument(`Unexpected argument "${extra}".`);
  return command;
}

/** What `--install` and the shorter ways of the kinds name, or the default when none of them is there. */
function installationsOf(command: Command, known: readonly InstallationKind[]): InstallationSpec[] {
  const specs: InstallationSpec[] = [];
  const add = (option: string, read: () => InstallationSpec): void => {
    try {
      const spec = read();
      checkInstallation(spec, specs, known);
      specs.push(spec);
    } catch (error) {
      if (error instanceof NotInstallable) throw badArgument(`${option}: ${error.message}`);
      throw error;
    }
  };
  let isShort = false;
  for (const { shorthand } of known) {
    if (shorthand === undefined) continue;
    const option = new Option(shorthand.flags);
    const given = command.getOptionValue(option.attributeName()) as string[] | undefined;
    isShort ||= given !== undefined;
    for (const text of given ?? []) add(`${option.long} ${text}`, () => shorthand.read(text));
  }
  const { install } = command.opts<Values>();
  const named = install ?? (isShort ? [] : [DEFAULT_INSTALLATION]);
  for (const text of named) add(`--install ${text}`, () => readInstallation(text));
  return specs;
}
