import type { Command, Option } from 'commander';
import { EXIT_CODES } from '../../src/cli/exitCodes.ts';
import { createProgram } from '../../src/cli/main.ts';
import { page, table } from './markdown.ts';

/** All commands in the order of the help, with links to their options. */
export async function cliTable(): Promise<string> {
  const { commands } = await createProgram();
  return table(
    ['command', 'does'],
    commands
      .flatMap(withCommandsBelow)
      .map((command) => [
        `[\`${fullNameOf(command)}\`](docs/cli.md#${fullNameOf(command).replaceAll(' ', '-')})`,
        command.description(),
      ]),
  );
}

export async function cliPage(): Promise<string> {
  const { commands } = await createProgram();
  return page(
    'The command line',
    [
      'In a clone: `npm run build`, then `node dist/cli.js <command>`; `npm link` adds it to the path as `cms-enablement`.',
      'Every command has `--help`. With `--json` it prints one JSON object per line, each with a `type`.',
    ].join(' '),
    [
      `Exit codes: ${EXIT_CODES.join('; ')}.`,
      'Passwords come from `CMS_PASSWORD`, `--password-stdin` or a prompt, tokens of an OAuth issuer from `CMS_TOKEN` or a prompt, the passphrase of a CA from `CMS_CA_PASSPHRASE` or a prompt; never from the command line.',
      'AWS credentials, profile and region are read from where the AWS CLI reads them.',
    ].join(' '),
    ...commands.flatMap(withCommandsBelow).map(section),
  );
}

/** A command that only holds others, such as `ca`, does nothing itself. */
export function withCommandsBelow(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands;
}

/** As it is typed: `ca create`. */
export function fullNameOf(command: Command): string {
  const above = command.parent?.parent == null ? '' : `${command.parent.name()} `;
  return `${above}${command.name()}`;
}

/** The examples in a command's help, as typed in a shell. */
export function examplesOf(command: Command): string[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 1000 });
  command.outputHelp();
  return [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);
}

function section(command: Command): string {
  const name = fullNameOf(command);
  const parts = [`## ${name}`, sentence(command.description())];
  if (name === 'sandbox') {
    parts.push('Its options are in [sandbox.md](sandbox.md#options).');
    return parts.join('\n\n');
  }
  const options = command.options.filter(({ hidden }) => !hidden);
  const headings = [...new Set(options.map(headingOf))];
  const rows = headings.flatMap((heading) =>
    options
      .filter((option) => headingOf(option) === heading)
      .map((option) => [heading, `\`${option.flags}\``, meaning(option), defaultOf(option)]),
  );
  parts.push(table(['about', 'option', 'means', 'default'], rows));
  const lines = examplesOf(command);
  if (lines.length > 0) parts.push(`\`\`\`text\n${lines.join('\n')}\n\`\`\``);
  return parts.join('\n\n');
}

function headingOf({ helpGroupHeading = 'Command:' }: Option): string {
  return helpGroupHeading.replace(/:$/, '');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Some options state their default in their description, because a schema applies it. */
const STATED = / ?\(default: ((?:[^()]|\([^()]*\))*)\)/;

function meaning({ description, mandatory, argChoices }: Option): string {
  const text = description.replace(STATED, '');
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  return `${mandatory ? '**required**; ' : ''}${text}${choices}`;
}

function defaultOf({ description, defaultValue }: Option): string {
  const stated = STATED.exec(description)?.[1];
  if (stated !== undefined) return stated.replace(/^"(.*)"$/, '`$1`');
  return defaultValue === undefined ? '' : `\`${String(defaultValue)}\``;
}
