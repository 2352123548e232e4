import type { Command } from 'commander';
import { CmsError, isCancelled } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import { readCaFolder } from '../provisioning/ca/caFolder.ts';
import { ownCaOf } from '../provisioning/ca/ensureOwnCa.ts';
import type { Newcomer } from '../provisioning/ca/decideNewcomer.ts';
import { newcomerWords } from '../provisioning/ca/newcomerWords.ts';
import { watchRegistrations } from '../provisioning/ca/watchRegistrations.ts';
import { allowListIn } from './caOptions.ts';
import { EXIT } from './exitCodes.ts';
import { readManifestFile } from './manifestFile.ts';
import { openStack } from './open.ts';
import { type CaFlags, caFolderOf, type CmsFlags, notEmpty, secondsOf } from './options.ts';
import type { Session } from './session.ts';

export interface WatchFlags {
  watchRegistrations?: boolean;
  allow?: string;
  revokeOthers?: boolean;
  duration?: number;
  id?: string;
}

export function withWatch(command: Command): Command {
  return command
    .optionsGroup('Just-in-time registration:')
    .option('--watch-registrations', 'let vehicles of your own CA in as they come (jitr), until Ctrl-C')
    .option(
      '--allow <file>',
      'vehicles that may register: a list as "certificates issue" writes it, or a fleet file',
      notEmpty,
    )
    .option('--revoke-others', 'revoke the certificates of all others, instead of leaving them pending')
    .option('--duration <seconds>', 'stop after this long', secondsOf)
    .option('--id <id>', 'id of the CA, as "ca list" shows it (default: that of the folder)', notEmpty);
}

/** What counts only where vehicles are watched for, and what only where not. @throws CmsError REQUEST_INVALID */
export function checkWatchFlags(flags: WatchFlags & { vin?: string; fleet?: string }): void {
  const given = (names: readonly (keyof typeof NAMES)[]): string[] =>
    names.filter((name) => flags[name] !== undefined).map((name) => NAMES[name]);
  const watches = flags.watchRegistrations === true;
  const [name] = watches ? given(['vin', 'fleet']) : given(['allow', 'revokeOthers', 'duration', 'id']);
  if (name === undefined) return;
  throw new CmsError(
    'REQUEST_INVALID',
    watches
      ? l10n.t('{name} cannot be used with --watch-registrations.', { name })
      : l10n.t('{name} can only be used with --watch-registrations.', { name }),
    {
      remedy: watches
        ? l10n.t('Name the vehicles that may come in with --allow.')
        : l10n.t('Add --watch-registrations, or leave it out.'),
    },
  );
}

const NAMES: Readonly<Record<keyof WatchFlags | 'vin' | 'fleet', string>> = {
  ...{ vin: '--vin', fleet: '--fleet', watchRegistrations: '--watch-registrations', allow: '--allow' },
  ...{ revokeOthers: '--revoke-others', duration: '--duration', id: '--id' },
};

/** `provision --watch-registrations`: decides about each vehicle that comes. */
export async function watchNewcomers(
  flags: WatchFlags & CmsFlags & CaFlags,
  session: Session,
): Promise<number> {
  const { output, work } = session;
  if (flags.allow === undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('No list says which vehicles may come in.'), {
      remedy: l10n.t('Name it with --allow. Nothing is let in that is not in it.'),
    });
  }
  const text = await readManifestFile(flags.allow);
  const caId = flags.id ?? (await readCaFolder(caFolderOf(flags))).id;
  const { connection, deployment } = await openStack(flags, session);
  const list = allowListIn(text, flags.allow, deployment, session);
  const setup = ownCaOf({ provisioner: provisionerOf(deployment) });
  const end = flags.duration === undefined ? undefined : AbortSignal.timeout(flags.duration * 1000);
  const signal = end === undefined ? work.signal : AbortSignal.any([work.signal, end]);
  const counts = { admitted: 0, refused: 0, revoked: 0, failed: 0 };
  const tellCounts = (): void =>
    output.result(
      'result',
      counts,
      `${counts.admitted} let in, ${counts.refused + counts.revoked} refused, ${counts.failed} failed.`,
    );
  try {
    await watchRegistrations(
      { caId, list, setup, revoke: flags.revokeOthers === true },
      connection,
      {
        newcomer(newcomer) {
          counts[newcomer.result] += 1;
          output.result('newcomer', jsonOf(newcomer), english(newcomerWords(newcomer)));
        },
        state(state, why) {
          const message =
            state === 'online'
              ? l10n.t('Watching for vehicles of CA {id}', { id: caId })
              : l10n.t('Offline: {reason}', { reason: why?.message ?? '' });
          work.progress({ step: 'watch', level: state === 'online' ? 'info' : 'warn', message });
        },
      },
      { ...work, signal },
    );
  } catch (error) {
    if (!isCancelled(error)) throw error;
    tellCounts();
    if (work.signal.aborted) throw error;
  }
  return counts.failed > 0 ? EXIT.partlyFailed : EXIT.ok;
}

function jsonOf(newcomer: Newcomer): Record<string, unknown> {
  switch (newcomer.result) {
    case 'admitted':
      return { ...newcomer };
    case 'refused':
    case 'revoked':
      return { ...newcomer, why: english(newcomer.why) };
    case 'failed':
      return {
        certificateId: newcomer.certificateId,
        result: newcomer.result,
        code: newcomer.error.code,
        why: newcomer.error.message,
      };
  }
}
