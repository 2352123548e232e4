import { CmsError, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import { readFileOfOurs } from '../../core/safeFiles.ts';
import { type KeptDrive, keptDriveSchema } from '../../protocol/driveHistory.ts';
import { packed, type PointOfRoute } from '../../protocol/packedPoints.ts';

/** A hundred thousand rows of every column. */
const LONGEST_FILE = 128 * 1024 * 1024;

/** A drive before it is written: its routes are lists of points. */
export type DriveToKeep = Omit<KeptDrive, 'drive'> & {
  drive: { routes: readonly { name: string; points: readonly PointOfRoute[] }[] };
};

/** The text of the file in which a drive is kept. */
export function keptDriveText({ drive, ...kept }: DriveToKeep): string {
  const routes = drive.routes.map(({ name, points }) => ({ name, points: packed(points) }));
  return JSON.stringify({ ...kept, drive: { ...drive, routes } });
}

/** What was kept of a drive. Throws CmsError RECORDING_FAILED. */
export async function readKeptDrive(file: string): Promise<KeptDrive> {
  let text: string;
  try {
    text = await readFileOfOurs(file, LONGEST_FILE);
  } catch (error) {
    throw unreadable(file, error);
  }
  const read = parseJson(keptDriveSchema, text);
  if (!read.ok) throw unreadable(file, undefined);
  return read.value;
}

function unreadable(file: string, cause: unknown): CmsError {
  if (isCmsError(cause) && cause.code !== 'PATH_UNSAFE') return cause;
  return new CmsError(
    'RECORDING_FAILED',
    l10n.t('What was kept of the drive in {file} cannot be read.', { file }),
    {
      remedy: l10n.t('Clear the drive from the list, and simulate it again.'),
      cause,
    },
  );
}
