import type { Command } from 'commander';
import type { Connection } from '../aws/connection.ts';
import type { Capability } from '../cms/contract/capability.ts';
import type { FoundDeployment } from '../cms/contract/generation.ts';
import { findDeployments } from '../cms/discover.ts';
import { labelOf } from '../cms/generations.ts';
import { defined } from '../core/defined.ts';
import { isCancelled, sentenceOf } from '../core/errors.ts';
import { english } from '../core/wording.ts';
import { EXIT } from './exitCodes.ts';
import { columns } from './format.ts';
import { connect, credentialsOf } from './open.ts';
import { type CommonFlags, examples, withConnection, withOutput } from './options.ts';
import { inSession, type Session } from './session.ts';

const STACK_WIDTHS = [24, 24, 24, 12];
const WIDTHS = [20, 20, 14, 12, 60];

export function addStacks(program: Command): void {
  const command = program.command('stacks').description('list the CMS stacks of an account and region');
  withOutput(withConnection(command));
  examples(command, 'cms-enablement stacks --profile dev --region us-west-2', 'cms-enablement stacks --json');
  command.action((flags: CommonFlags) =>
    inSession(flags, async (session) => {
      const { output, work, generations } = session;
      const connection = await connect(flags, session);
      let found = 0;
      for await (const deployment of findDeployments(connection, work.signal, generations)) {
        const { stack, generation } = deployment;
        if (found++ === 0) output.note(columns(['STACK', 'WITH', 'STATUS', 'STATE'], STACK_WIDTHS));
        const facts = factsOf(deployment, session);
        output.result(
          'stack',
          { name: stack.name, ...facts, status: stack.status, generation, state: stateOf(deployment) },
          columns(
            [stack.name, Object.values(facts).join(', ') || '-', stack.status, stateText(deployment)],
            STACK_WIDTHS,
          ),
        );
      }
      if (found === 0) output.note(`No CMS stack was found (${english(connection.label)}).`);
      return EXIT.ok;
    }),
  );
}

export function addDeployments(program: Command): void {
  const command = program
    .command('deployments')
    .description(
      'list the CMS deployments of every generation in an account and region, and what each supports',
    );
  withOutput(withConnection(command));
  examples(command, 'cms-enablement deployments --region us-west-2', 'cms-enablement deployments --json');
  command.action((flags: CommonFlags) =>
    inSession(flags, async (session) => {
      const { output, work, generations } = session;
      const connection = await connect(flags, session);
      const { region } = connection;
      let found = 0;
      for await (const deployment of findDeployments(connection, work.signal, generations)) {
        const { name, stack, generation } = deployment;
        if (found++ === 0)
          output.note(columns(['DEPLOYMENT', 'GENERATION', 'REGION', 'STATE', 'WORKS'], WIDTHS));
        const capabilities = await capabilitiesOf(deployment, connection, session);
        const label = labelOf(generation, generations);
        output.result(
          'deployment',
          {
            name,
            generation,
            region,
            stack: stack.name,
            facts: factsOf(deployment, session),
            state: stateOf(deployment),
            capabilities: capabilities.map(({ id, needs, no }) =>
              defined({ id, needs: needs.kind, works: no === undefined, reason: no && english(no) }),
            ),
          },
          columns([name, label, region, stateText(deployment), worksText(capabilities)], WIDTHS),
        );
      }
      if (found === 0) output.note(`No CMS was found (${english(connection.label)}).`);
      return EXIT.ok;
    }),
  );
}

function factsOf(found: FoundDeployment, { generations }: Session): Record<string, string> {
  const facts = generations.find(({ id }) => id === found.generation)?.facts(found) ?? [];
  return Object.fromEntries(facts.map(({ id, value }) => [id, value]));
}

/** Empty for one that cannot be opened. On the one connection: another would ask for the code of MFA again. */
async function capabilitiesOf(
  found: FoundDeployment,
  connection: Connection,
  session: Session,
): Promise<readonly Capability[]> {
  if (found.state.kind !== 'ready') return [];
  const { work, generations } = session;
  const generation = generations.find(({ id }) => id === found.generation);
  try {
    const { signal } = work;
    const deployment = await generation?.open?.(connection, found, credentialsOf({}, session), signal);
    return (await deployment?.capabilities(signal)) ?? [];
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = sentenceOf(error);
    work.progress({ step: 'capabilities', level: 'warn', message });
    return [];
  }
}

function stateOf({ state }: FoundDeployment): { kind: string; reason?: string } {
  return state.kind === 'ready' ? { kind: state.kind } : { kind: state.kind, reason: english(state.reason) };
}

function stateText({ state }: FoundDeployment): string {
  return state.kind === 'ready' ? state.kind : `${state.kind}: ${english(state.reason)}`;
}

/** "list vehicles, onboard vehicles (password); watch telemetry (iam); not: open the web page". */
function worksText(capabilities: readonly Capability[]): string {
  const byNeed = new Map<string, string[]>();
  for (const { title, needs, no } of capabilities) {
    if (no === undefined) byNeed.set(needs.kind, [...(byNeed.get(needs.kind) ?? []), english(title)]);
  }
  const works = [...byNeed].map(([need, titles]) => `${titles.join(', ')} (${need})`);
  const not = capabilities.flatMap(({ title, no }) => (no === undefined ? [] : [english(title)]));
  if (not.length > 0) works.push(`not: ${not.join(', ')}`);
  return works.join('; ');
}
