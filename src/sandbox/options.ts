import { Command, CommanderError } from 'commander';
import { installationOf } from './installations/cdf/spec.ts';
import type { InstallationSettings, InstallationSpec } from './installations/contract.ts';
import { checkInstallation, NotInstallable, readInstallation } from './installations/installations.ts';
import type { SandboxConfig } from './kernel/context.ts';
import { isLogLevel, type LogLevel } from './kernel/log.ts';
import { StartError } from './kernel/startError.ts';

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

const DEFAULT_INSTALLATION = 'cdf:dev1';

/** The command line. Its values are checked as they are read; what concerns several of them comes after. */
export function createCommand(): Command {
  const whole = (option: string, least: number, most: number) => (text: string) =>
    wholeNumber(option, text, least, most);
  const named = (option: string) => (text: string) => notEmpty(option, text);
  return new Command('sandbox')
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
    )
    .option(
      '--stack <STACK...>',
      'CMS v1 to install, each by its stack: NAME, or NAME:CORE with its CDF core stack',
    )
    .option(
      '--region <REGION>',
      'the one region there is',
      matching('--region', /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-west-2'),
      'us-west-2',
    )
    .option(
      '--account-id <ID>',
      'the account, twelve digits',
      matching('--account-id', /^\d{12}$/, 'twelve digits'),
      '123456789012',
    )
    .option(
      '--asset-library-auth <MODE>',
      'none, as the documented install has it, or cognito',
      authOf,
      'none',
    )
    .option(
      '--event-delay-ms <MS>',
      'until the telemetry side knows of a registry change',
      whole('--event-delay-ms', 0, 600_000),
      3000,
    )
    .option('--no-limits', 'do not enforce AWS quotas')
    .option('--ready-file <FILE>', 'write the ready line there, too', named('--ready-file'))
    .option('--exit-with-parent', 'end when standard input closes')
    .option(
      '--exit-when-idle-seconds <N>',
      'end after so long without a request or a device (never)',
      whole('--exit-when-idle-seconds', 1, 86_400),
    )
    .option('--log-level <LEVEL>', 'debug, info, warn or error', levelOf, 'info')
    .option('-h, --help', 'show this text');
}

/** The values by their names in `createCommand`. */
interface Values {
  httpPort: number;
  mqttPort: number;
  state?: string;
  install?: string[];
  stack?: string[];
  region: string;
  accountId: string;
  assetLibraryAuth: AssetLibraryAuth;
  eventDelayMs: number;
  limits: boolean;
  readyFile?: string;
  exitWithParent?: true;
  exitWhenIdleSeconds?: number;
  logLevel: LogLevel;
  help?: true;
}

/** Reads the command line. Throws StartError `bad-arguments` with a sentence that names the argument. */
export function parseOptions(args: readonly string[]): SandboxOptions {
  const values = read(args);
  const idle = values.exitWhenIdleSeconds;
  return {
    config: {
      httpPort: values.httpPort,
      mqttPort: values.mqttPort,
      stateFolder: values.state,
      region: values.region,
      accountId: values.accountId,
      limits: values.limits,
    },
    installations: installationsOf(values),
    settings: {
      cdf: { eventDelayMs: values.eventDelayMs, assetLibraryAuth: values.assetLibraryAuth },
    },
    readyFile: values.readyFile,
    exitWithParent: values.exitWithParent === true,
    exitWhenIdleMs: idle === undefined ? undefined : 1000 * idle,
    logLevel: values.logLevel,
    help: values.help === true,
  };
}

function read(args: readonly string[]): Values {
  const command = createCommand();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw bad(error.message.replace(/^error: /, ''));
    throw error;
  }
  const [extra] = command.args;
  if (extra !== undefined) throw bad(`Unexpected argument "${extra}".`);
  return command.opts<Values>();
}

/** What `--install` and `--stack` name, or the default when neither is there. */
function installationsOf({ install, stack }: Values): InstallationSpec[] {
  const specs: InstallationSpec[] = [];
  const add = (option: string, read: () => InstallationSpec): void => {
    try {
      const spec = read();
      checkInstallation(spec, specs);
      specs.push(spec);
    } catch (error) {
      if (error instanceof NotInstallable) throw bad(`${option}: ${error.message}`);
      throw error;
    }
  };
  for (const text of stack ?? []) {
    add(`--stack ${text}`, () => {
      const [name = '', core, ...more] = text.split(':');
      if (more.length > 0) throw new NotInstallable('a stack is given as NAME or NAME:CORE.');
      return installationOf(name, core);
    });
  }
  const named = install ?? (stack === undefined ? [DEFAULT_INSTALLATION] : []);
  for (const text of named) add(`--install ${text}`, () => readInstallation(text));
  return specs;
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least || value > most) {
    throw bad(`${option} must be a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

function matching(option: string, pattern: RegExp, what: string): (text: string) => string {
  return (text) => {
    if (!pattern.test(text)) throw bad(`${option} must be ${what}, not "${text}".`);
    return text;
  };
}

function notEmpty(option: string, text: string): string {
  if (text === '') throw bad(`${option} needs a name.`);
  return text;
}

type AssetLibraryAuth = InstallationSettings['cdf']['assetLibraryAuth'];

function authOf(text: string): AssetLibraryAuth {
  if (text !== 'none' && text !== 'cognito')
    throw bad(`--asset-library-auth must be none or cognito, not "${text}".`);
  return text;
}

function levelOf(text: string): LogLevel {
  if (!isLogLevel(text)) throw bad(`--log-level must be debug, info, warn or error, not "${text}".`);
  return text;
}

function bad(message: string): StartError {
  return new StartError('bad-arguments', message);
}
