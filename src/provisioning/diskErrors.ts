import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { errnoOf } from './fileOperations.ts';

/** Turns the disk's own errors into one sentence and a remedy. @throws CERTIFICATE_STORE_FAILED, or what `task` throws */
export async function onDisk<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (isCmsError(error) && error.code === 'PATH_UNSAFE') {
      const { sentence, remedy, cause } = error;
      throw new CmsError('CERTIFICATE_STORE_FAILED', sentence, { remedy, cause });
    }
    const errno = errnoOf(error);
    if (isCmsError(error) || errno === undefined) throw error;
    const { why, remedy } = REASONS[errno] ?? {
      why: l10n.t('the system returned {code}', { code: errno }),
      remedy: l10n.t('Check the folder, or choose another.'),
    };
    const sentence = l10n.t('The certificate folder {path} could not be used: {why}.', { path, why });
    throw new CmsError('CERTIFICATE_STORE_FAILED', sentence, { remedy, details: { errno }, cause: error });
  }
}

interface Reason {
  why: Message;
  remedy: Message;
}

const FREE_SPACE = l10n.t('Free some space and run it again; finished steps are reused.');
const PERMISSION: Reason = {
  why: l10n.t('permission is denied'),
  remedy: l10n.t('Choose a folder you may write to, or change its permissions.'),
};

const REASONS: Readonly<Record<string, Reason>> = {
  ENOSPC: { why: l10n.t('the disk is full'), remedy: FREE_SPACE },
  EDQUOT: { why: l10n.t('the disk quota is used up'), remedy: FREE_SPACE },
  EROFS: { why: l10n.t('the disk is read-only'), remedy: l10n.t('Choose a folder that can be written.') },
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  ENOENT: {
    why: l10n.t('a link in its path leads nowhere, or it was removed'),
    remedy: l10n.t('Check the path, or choose another.'),
  },
  ENOTDIR: {
    why: l10n.t('a part of its path is a file'),
    remedy: l10n.t('Choose a path in which every part is a folder.'),
  },
  EEXIST: { why: l10n.t('something else is there'), remedy: l10n.t('Choose another folder.') },
  ELOOP: {
    why: l10n.t('a file in it is a symbolic link'),
    remedy: l10n.t('Remove the link; keys are never read or written through one.'),
  },
  ENOTEMPTY: {
    why: l10n.t('another run is writing the same vehicle'),
    remedy: l10n.t('Wait for the other run to end.'),
  },
};
