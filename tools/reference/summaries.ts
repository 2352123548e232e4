import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { createProgram } from '../../src/cli/main.ts';
import { root } from './manifest.ts';

/** Where it stands. */
export const SUMMARIES_FILE = 'src/cli/summaries.ts';

/** What the help of the program says of each command, without the commands. */
export async function summaries(): Promise<string> {
  const program = await createProgram();
  const help = program.createHelp();
  const all = help
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .map((command) => ({
      term: help.subcommandTerm(command),
      description: help.subcommandDescription(command),
    }));
  const text = `/**
 * What \`cms-enablement --help\` says of each command. \`npm run docs\` writes it from the commands, so that the help needs
 * none of them.
 */
export const SUMMARIES: readonly { term: string; description: string }[] = ${JSON.stringify(all)};
`;
  const options = await resolveConfig(path.join(root, SUMMARIES_FILE));
  return format(text, { ...options, parser: 'typescript' });
}
