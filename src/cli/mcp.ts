import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Command } from 'commander';
import { version } from '../../package.json';
import { callTool, problemText, type Tool } from '../automation/tool.ts';
import { TOOLS } from '../automation/tools.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { hearingWaits } from '../core/patience.ts';
import type { Work } from '../core/work.ts';
import { english } from '../core/wording.ts';
import { EXIT } from './exitCodes.ts';
import { McpHost, type McpFlags } from './mcp/host.ts';
import type * as protocol from './mcp/protocol.ts';
import { examples, notEmpty, withCms, withRoleBoundary } from './options.ts';
import { forTerminal } from './output.ts';
import { inSession, type Session } from './session.ts';

const INSTRUCTIONS =
  'Onboards vehicles to AWS Connected Mobility deployments, with certificates made just in time, and lets them drive. ' +
  'Begin with list_deployments. Passwords are never an input: they come from the environment of this server.';

export function addMcp(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('mcp')
    .description('serve the tools of this program to an MCP client on standard input and output')
    .summary('serve tools to an MCP client');
  withRoleBoundary(command)
    .optionsGroup('Sign-in:')
    .option('--username <name>', 'user to sign in as, with CMS_PASSWORD, where the CMS needs one', notEmpty);
  withCms(command, generations);
  examples(
    command,
    'cms-enablement mcp --profile dev --region us-west-2',
    'CMS_PASSWORD=… cms-enablement mcp --deployment cms-dev1 --username testCMSUser1 --certs ./certs',
  );
  command.action((flags: McpFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: McpFlags, session: Session): Promise<number> {
  if (process.stdin.isTTY) {
    // Nobody types this protocol, and a question at this terminal would be part of it.
    throw new CmsError('REQUEST_INVALID', l10n.t('An MCP client starts this, not a person in a terminal.'), {
      remedy: l10n.t('Add the command to the settings of your MCP client.'),
    });
  }
  // Not a literal require: the bundler would pull it into the bundle of all commands.
  const load = createRequire(join(__dirname, 'cli.js'));
  const { serve } = load('./mcp.js') as typeof protocol;
  const { work } = session;
  const host = new McpHost(flags, session, (question, signal) => served.ask(question, signal));
  const served = await serve({
    version,
    instructions: INSTRUCTIONS,
    tools: TOOLS.map(servedTool),
    async call(name, input, { signal, say }) {
      const tool = TOOLS.find((each) => each.name === name);
      if (tool === undefined) {
        const unknown = new CmsError('REQUEST_INVALID', l10n.t('There is no tool {name}.', { name }));
        return { text: problemText(unknown), failed: true };
      }
      const progress: Work['progress'] = (event) => {
        work.progress(event);
        if (event.level !== 'debug') say(forTerminal(english(event.message)));
      };
      return hearingWaits(
        (message) => progress({ step: 'network', level: 'info', message }),
        () =>
          callTool(tool, input, host, { ...work, progress, signal: AbortSignal.any([signal, work.signal]) }),
      );
    },
  });
  work.signal.addEventListener('abort', () => void served.close(), { once: true });
  await served.closed;
  await host.simulations.close();
  return EXIT.ok;
}

function servedTool({ name, title, description, effect, inputSchema }: Tool): protocol.ServedTool {
  return {
    ...{ name, title, description, inputSchema },
    annotations: {
      readOnlyHint: effect === 'looks',
      destructiveHint: effect === 'removes',
      // Each step looks first; only a drive begins anew.
      idempotentHint: name !== 'simulate_drive',
      openWorldHint: true,
    },
  };
}
