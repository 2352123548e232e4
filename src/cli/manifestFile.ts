import { readFile } from 'node:fs/promises';
import { CmsError, messageOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';

/** @throws CmsError MANIFEST_INVALID when the file cannot be read */
export async function readManifestFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = messageOf(error);
    throw new CmsError(
      'MANIFEST_INVALID',
      l10n.t('The fleet manifest cannot be read: {reason}.', { reason }),
      {
        remedy: l10n.t('Check the path.'),
        cause: error,
      },
    );
  }
}
