import { readFileBounded, whyUnread } from '../core/bounded.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { manifestText } from '../onboarding/manifestText.ts';

/** Some hundred thousand vehicles. */
const MOST_BYTES = 64 * 2 ** 20;

/** The text of a fleet file. @throws CmsError MANIFEST_INVALID when the file cannot be read or is not text */
export async function readManifestFile(file: string): Promise<string> {
  return manifestText(await bytesOf(file), file);
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFileBounded(file, { mostBytes: MOST_BYTES });
  } catch (error) {
    const reason = whyUnread(error);
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
