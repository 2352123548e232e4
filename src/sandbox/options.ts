import { parseArgs } from 'node:util';
import type { CmsStackSpec, SandboxConfig } from './contracts.ts';
import { isLogLevel, type LogLevel } from './log.ts';
import { StartError } from './startError.ts';

export const usage = `A local stand-in for the parts of AWS and of CMS that vehicle onboarding and telemetry touch.

Usage: sandbox [options]

  --http-port PORT          port of the AWS and CMS APIs on 127.0.0.1; 0 = a free one (4566)
  --mqtt-port PORT          port of MQTT over TLS on localhost; 0 = a free one (8883)
  --state DIR               keep the state there over restarts (a temporary folder)
  --stack NAME[:CORE] …     CMS stacks and the CDF core stack of each (cms-dev1:cdf-core-development)
  --region REGION           (us-west-2)
  --account-id ID           (123456789012)
  --asset-library-auth MODE none, as the documented install has it, or cognito (none)
  --event-delay-ms MS       until the telemetry side knows of a registry change (3000)
  --no-limits               do not enforce AWS quotas
  --ready-file FILE         write the ready line there, too
  --exit-with-parent        end when standard input closes
  --exit-when-idle-seconds N  end after so long without a request or a device (never)
  --log-level LEVEL         debug, info, warn or error (info)
  --help                    show this text
`;

export interface SandboxOptions {
  config: SandboxConfig;
  readyFile: string | undefined;
  exitWithParent: boolean;
  /** Undefined: never. */
  exitWhenIdleMs: number | undefined;
  logLevel: LogLevel;
  help: boolean;
}

const DEFAULT_STACK = 'cms-dev1';
const DEFAULT_CORE = 'cdf-core-development';

/** Reads the command line. Throws StartError `bad-arguments` with a sentence that names the argument. */
export function parseOptions(args: readonly string[]): SandboxOptions {
  const values = parse(withRepeatedStack(args));
  return {
    config: {
      httpPort: number('--http-port', values['http-port'] ?? '4566', 0, 65_535),
      mqttPort: number('--mqtt-port', values['mqtt-port'] ?? '8883', 0, 65_535),
      stateFolder: notEmpty('--state', values.state),
      stacks: stacksOf(values.stack ?? [DEFAULT_STACK]),
      region: matching(
        '--region',
        values.region ?? 'us-west-2',
        /^[a-z]{2}(-[a-z]+)+-\d$/,
        'a region such as us-west-2',
      ),
      accountId: matching(
        '--account-id',
        values['account-id'] ?? '123456789012',
        /^\d{12}$/,
        'twelve digits',
      ),
      limits: values['no-limits'] !== true,
      eventDelayMs: number('--event-delay-ms', values['event-delay-ms'] ?? '3000', 0, 600_000),
      assetLibraryAuth: authOf(values['asset-library-auth'] ?? 'none'),
    },
    readyFile: notEmpty('--ready-file', values['ready-file']),
    exitWithParent: values['exit-with-parent'] === true,
    exitWhenIdleMs:
      values['exit-when-idle-seconds'] === undefined
        ? undefined
        : 1000 * number('--exit-when-idle-seconds', values['exit-when-idle-seconds'], 1, 86_400),
    logLevel: levelOf(values['log-level'] ?? 'info'),
    help: values.help === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        'http-port': { type: 'string' },
        'mqtt-port': { type: 'string' },
        state: { type: 'string' },
        stack: { type: 'string', multiple: true },
        'ready-file': { type: 'string' },
        'no-limits': { type: 'boolean' },
        'event-delay-ms': { type: 'string' },
        'asset-library-auth': { type: 'string' },
        region: { type: 'string' },
        'account-id': { type: 'string' },
        'exit-with-parent': { type: 'boolean' },
        'exit-when-idle-seconds': { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw bad(error instanceof Error ? error.message : 'The arguments cannot be read.');
  }
}

/** `--stack a b` means `--stack a --stack b`. */
function withRepeatedStack(args: readonly string[]): string[] {
  const result: string[] = [];
  let naming = false;
  for (const [i, arg] of args.entries()) {
    const named = args[i - 1] === '--stack';
    if (arg.startsWith('-')) naming = false;
    else if (naming && !named) result.push('--stack');
    if (named) naming = true;
    result.push(arg);
  }
  return result;
}

/** Names become parts of ids and of keys: CloudFormation's pattern leaves no room for a path. */
function stacksOf(texts: string[]): CmsStackSpec[] {
  const specs = texts.map((text) => {
    const [name = '', core = DEFAULT_CORE, ...more] = text.split(':');
    for (const part of [name, core]) {
      if (more.length > 0 || !/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(part)) {
        throw bad(
          `--stack ${text}: a stack name is a letter and then up to 127 letters, digits and hyphens.`,
        );
      }
    }
    return { name, core };
  });
  const names = specs.map((spec) => spec.name);
  if (new Set(names).size !== names.length) throw bad('--stack: each CMS stack can be given once.');
  const shared = specs.find((spec) => names.includes(spec.core));
  if (shared) throw bad(`--stack: ${shared.core} cannot be a CMS stack and a CDF core stack.`);
  return specs;
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least || value > most) {
    throw bad(`${name} must be a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

function matching(name: string, text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw bad(`${name} must be ${what}, not "${text}".`);
  return text;
}

function notEmpty(name: string, text: string | undefined): string | undefined {
  if (text === '') throw bad(`${name} needs a name.`);
  return text;
}

function authOf(text: string): SandboxConfig['assetLibraryAuth'] {
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
