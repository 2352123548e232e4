import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freeOperations, permissionsTable, policyFiles, tasksTable } from '../iam/policies.ts';
import { manifestWithTools } from './chatTools.ts';
import { cliPage, cliTable } from './cli.ts';
import { commandsPage, commandsTable } from './commands.ts';
import { errorsTable } from './errors.ts';
import { root } from './manifest.ts';
import { fill } from './markdown.ts';
import { settingsPage, settingsTable } from './settings.ts';
import { summaries, SUMMARIES_FILE } from './summaries.ts';

/** All documents that are generated from the code, in whole or in part, by path and with their current text. */
export async function madeDocuments(): Promise<Map<string, string>> {
  let readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  readme = fill(readme, 'permissions', permissionsTable());
  readme = fill(readme, 'commands of the editor', commandsTable());
  readme = fill(readme, 'settings', settingsTable());
  readme = fill(readme, 'commands of the command line', await cliTable());
  readme = fill(readme, 'errors', errorsTable());
  let iam = readFileSync(path.join(root, 'docs/iam/README.md'), 'utf8');
  iam = fill(iam, 'tasks', tasksTable());
  const free = freeOperations().map((operation) => `\`${operation}\``);
  iam = fill(iam, 'free', `AWS answers these calls from everybody: ${free.join(', ')}.`);
  return new Map([
    ['README.md', readme],
    ['docs/iam/README.md', iam],
    ...policyFiles(),
    ['docs/commands.md', commandsPage()],
    ['docs/settings.md', settingsPage()],
    ['docs/cli.md', await cliPage()],
    [SUMMARIES_FILE, await summaries()],
    ['package.json', manifestWithTools()],
  ]);
}
