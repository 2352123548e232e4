import type { Command } from 'commander';
import { findDeployments } from '../cms/discover.ts';
import { defined } from '../core/defined.ts';
import { english } from '../core/wording.ts';
import { EXIT } from './exitCodes.ts';
import { columns } from './format.ts';
import { connect } from './open.ts';
import { type CommonFlags, examples, withConnection, withOutput } from './options.ts';
import { inSession } from './session.ts';

const WIDTHS = [24, 24, 24, 12];

export function addStacks(program: Command): void {
  const command = program.command('stacks').description('list the CMS stacks of an account and region');
  withOutput(withConnection(command));
  examples(command, 'cms-enablement stacks --profile dev --region us-west-2', 'cms-enablement stacks --json');
  command.action((flags: CommonFlags) =>
    inSession(flags, async (session) => {
      const { output, work } = session;
      const connection = await connect(flags, session);
      let found = 0;
      for await (const { stack, core, state, generation } of findDeployments(connection, work.signal)) {
        if (found++ === 0) output.note(columns(['STACK', 'CORE', 'STATUS', 'STATE'], WIDTHS));
        const { kind } = state;
        const reason = kind === 'ready' ? undefined : english(state.reason);
        const why = reason === undefined ? kind : `${kind}: ${reason}`;
        output.result(
          'stack',
          {
            name: stack.name,
            core: core?.name,
            status: stack.status,
            generation,
            state: defined({ kind, reason }),
          },
          columns([stack.name, core?.name ?? '-', stack.status, why], WIDTHS),
        );
      }
      if (found === 0) output.note(`No CMS stack was found (${english(connection.label)}).`);
      return EXIT.ok;
    }),
  );
}
