import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isPolicyArn } from '../aws/arn.ts';
import { readShard, type Shard } from '../scale/shard.ts';
import { UNITS } from '../text/measures.ts';
import type { Generation } from '../cms/contract/generation.ts';
import type { SessionOptions } from './session.ts';
import type { PasswordOptions } from './password.ts';

export interface ConnectionFlags {
  profile?: string;
  region?: string;
  endpoint?: string;
  /** No option: of a sandbox that this program started itself. */
  endpointSecret?: string;
  ca?: string;
  mqttPort?: number;
}

/** With the options that generations bring, such as `core`; `partsOf` reads them. */
export interface StackFlags {
  deployment?: string;
  stack?: string;
}

export interface CertificateFlags {
  certs: string;
}

export interface RoleFlags {
  roleBoundary?: string;
}

export interface CaFlags {
  caFolder?: string;
}

export interface SignInFlags extends PasswordOptions {
  username?: string;
}

export type CommonFlags = ConnectionFlags & SessionOptions;

/** Flags of commands that work on a CMS and use certificates on this machine. */
export type CmsFlags = CommonFlags & StackFlags & CertificateFlags;

/** Options for reaching AWS or a compatible endpoint. */
export function withConnection(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option(
      '--profile <name>',
      'profile in ~/.aws (default: AWS_PROFILE, then AWS_DEFAULT_PROFILE, otherwise the usual provider chain)',
      notEmpty,
    )
    .option('--region <region>', 'AWS region (default: AWS_REGION, else the profile)', notEmpty)
    .option('--endpoint <url>', 'base URL instead of AWS, such as the local sandbox', notEmpty)
    .option(
      '--ca <file>',
      'PEM file to trust in addition to the usual roots; with --endpoint, for devices too',
      notEmpty,
    )
    .option('--mqtt-port <port>', 'port of MQTT (default: 8883, or 443 if that is blocked)', portNumber);
}

export function withStack(command: Command, generations: readonly Generation[]): Command {
  command
    .optionsGroup('Connection:')
    .option(
      '--deployment <name>',
      'CMS deployment, as "deployments" lists it (default: the only one there is)',
      notEmpty,
    )
    .option('--stack <name>', 'the same, named by its stack', notEmpty);
  const known = new Set<string>();
  for (const { choose } of generations) {
    if (choose === undefined || known.has(choose.part)) continue;
    known.add(choose.part);
    command.option(`--${choose.part} <name>`, choose.description, notEmpty);
  }
  return command;
}

/** What was said of the other stacks of a deployment, by what they are to it. */
export function partsOf(flags: object, generations: readonly Generation[]): Record<string, string> {
  const said = new Map<string, unknown>(Object.entries(flags));
  return Object.fromEntries(
    generations.flatMap(({ choose }) => {
      const name = choose && said.get(choose.part);
      return choose && typeof name === 'string' ? [[choose.part, name]] : [];
    }),
  );
}

export function withCertificates(command: Command): Command {
  return command
    .optionsGroup('Files:')
    .option('--certs <folder>', 'folder of certificates and keys', notEmpty, 'certs');
}

/** Options for the CMS, the connection and the certificate folder: those of `CmsFlags` except the output options. */
export function withCms(command: Command, generations: readonly Generation[]): Command {
  return withCertificates(withStack(withConnection(command), generations));
}

/** The option of commands that print speeds and distances; JSON stays in SI units. */
export function withUnits(command: Command): Command {
  return command.addOption(
    new Option('--units <units>', 'of speeds and distances in text; JSON stays in SI units')
      .choices([...UNITS])
      .default('metric'),
  );
}

/** The option for commands that make the IAM role of the provisioning template when it is missing. */
export function withRoleBoundary(command: Command): Command {
  return command
    .optionsGroup('Certificate:')
    .option(
      '--role-boundary <arn>',
      'permissions boundary for the IAM role, if it has to be created: ARN of a policy',
      boundaryArn,
    );
}

/** Below the current folder. */
const CA_FOLDER = 'ca';

export function caFolderOf({ caFolder = CA_FOLDER }: CaFlags): string {
  return resolve(caFolder);
}

/** The folder of one's own CA, which signs certificates for the provisioners `jitp` and `jitr`. */
export function withCaFolder(command: Command): Command {
  return command
    .optionsGroup('Certificate:')
    .option(
      '--ca-folder <folder>',
      'folder of your own CA, for the provisioners jitp and jitr',
      notEmpty,
      CA_FOLDER,
    );
}

/** Options for the source of the password. The password itself is never an option. */
export function withPassword(command: Command): Command {
  return command
    .optionsGroup('Sign-in:')
    .option('--password-stdin', 'read the password from standard input (else CMS_PASSWORD, else a prompt)');
}

export function withSignIn(command: Command): Command {
  withPassword(command);
  return command.option('--username <name>', 'user to sign in as, if the CMS needs one', notEmpty);
}

export function withOutput(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object per line: progress, result, error')
    .option('-v, --verbose', 'also show log messages');
}

export function examples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

/** Refuses empty values, such as from unset shell variables: they would mean the current folder, or no region. */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

function boundaryArn(text: string): string {
  if (!isPolicyArn(text)) {
    throw new InvalidArgumentError(
      'It must be the ARN of a policy, such as arn:aws:iam::123456789012:policy/boundary.',
    );
  }
  return text;
}

/** Parses a whole number of at least 1. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 up.');
  return value;
}

/** Parses the number of a port. */
function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('It must be a port, from 1 to 65535.');
  return value;
}

export function secondsOf(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1e6)) throw new InvalidArgumentError('It must be seconds, more than 0.');
  return value;
}

export function shardOption(text: string): Shard {
  const shard = readShard(text);
  if (shard === undefined)
    throw new InvalidArgumentError('It must be a shard and how many there are, from 1: 3/40.');
  return shard;
}
