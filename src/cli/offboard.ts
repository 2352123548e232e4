import type { Command } from 'commander';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import { offboard } from '../onboarding/offboard.ts';
import { type OffboardPlan, planOffboard } from '../onboarding/offboardPlan.ts';
import { vehicleName } from '../cms/contract/vin.ts';
import type { Generation } from '../cms/contract/generation.ts';
import type { OffboardChoices, OffboardOption } from '../cms/contract/removals.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { openVehicles } from './open.ts';
import { type CmsFlags, examples, type SignInFlags, withCms, withOutput, withSignIn } from './options.ts';
import { confirmed } from './password.ts';
import { inSession, type Session } from './session.ts';

type OffboardFlags = CmsFlags &
  SignInFlags & {
    vin: string;
    yes?: boolean;
    dryRun?: boolean;
    keepFiles?: boolean;
  } & Record<string, unknown>;

export function addOffboard(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('offboard')
    .description('undo an onboarding; first lists what it will remove')
    .requiredOption('--vin <vin>', 'the vehicle to offboard')
    .option('--dry-run', 'only say what would be removed')
    .option('-y, --yes', 'do not ask')
    .option('--keep-files', 'leave certificates and keys on this machine');
  for (const { name, description } of optionsOf(generations)) {
    command.option(`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} <name>`, description);
  }
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement offboard --vin LSH14J4C4LA046511 --username testCMSUser1 --dry-run',
    'cms-enablement offboard --vin LSH14J4C4LA046511 --username testCMSUser1 --yes --remove-user testCMSUser1',
  );
  command.action((flags: OffboardFlags) => inSession(flags, (session) => run(flags, session)));
}

/** An option that several generations have is one flag; the first of them describes it. */
function optionsOf(generations: readonly Generation[]): readonly OffboardOption[] {
  const all = generations.flatMap(({ offboarding }) => offboarding);
  return all.filter((option, i) => all.findIndex(({ name }) => name === option.name) === i);
}

async function run(flags: OffboardFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const name = vehicleName(flags.vin);
  const { keepFiles = false } = flags;
  if (!flags.yes && !flags.dryRun && (flags.json || !process.stdin.isTTY)) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('Offboarding removes things, and nobody can be asked here.'),
      { remedy: l10n.t('Look with --dry-run first, then use --yes.') },
    );
  }
  const deps = await openVehicles(flags, session);
  const choices = choicesOf(flags, session, deps.deployment.generation);
  const plan = await planOffboard({ vin: name, keepFiles, choices }, deps, work);
  const { vin } = plan;
  const lines = plan.removals.map(({ what }) => `  - ${english(what)}`);
  const planned =
    lines.length === 0 ? `There is nothing to remove for ${vin}.` : `To remove:\n${lines.join('\n')}`;
  output.result('plan', planJson(plan), [planned, ...plan.keeps.map(english)].join('\n'));
  if (flags.dryRun || plan.removals.length === 0) return EXIT.ok;
  if (!flags.yes && !(await confirmed(`Remove all this of ${vin}?`, work.signal))) {
    output.note('Nothing was removed.');
    return EXIT.cancelled;
  }
  const result = await offboard(plan, work);
  output.result(
    'result',
    result,
    [
      `${vin} is offboarded: ${counted(result.removed.length, 'thing was', 'things were')} removed.`,
      // Of what the plan did not know yet.
      ...result.keeps.slice(plan.keeps.length).map(english),
    ].join('\n'),
  );
  return EXIT.ok;
}

/** The plan for machines: of each removal what it is, beside the words. */
export function planJson({ removals, ...plan }: OffboardPlan): object {
  return { ...plan, removals: removals.map(({ kind, what, about }) => ({ ...about, kind, what })) };
}

/** @throws CmsError REQUEST_INVALID for one that the generation does not have */
function choicesOf(flags: OffboardFlags, { generations }: Session, generation: string): OffboardChoices {
  const chosen: Record<string, string> = {};
  const own = generations.find(({ id }) => id === generation)?.offboarding ?? [];
  for (const { name } of optionsOf(generations)) {
    const value = flags[name];
    if (typeof value !== 'string') continue;
    if (!own.some((option) => option.name === name)) {
      throw new CmsError('REQUEST_INVALID', l10n.t('This CMS does not support {option}.', { option: name }), {
        remedy: l10n.t('Leave out that option.'),
      });
    }
    chosen[name] = value;
  }
  return chosen;
}
