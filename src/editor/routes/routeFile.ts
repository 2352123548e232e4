import path from 'node:path';
import * as vscode from 'vscode';
import { CmsError, messageOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { unlessAborted } from '../../core/shared.ts';
import type { Work } from '../../core/work.ts';
import { BOUNDS } from '../../telemetry/routes/bounds.ts';
import type { ReadRoutes } from '../../telemetry/routes/readRoutes.ts';
import type { LoadBackend } from '../base/loadBackend.ts';

/**
 * The routes in a file; how far it is, is told when it takes longer than a second. Throws ROUTE_INVALID, with the line
 * or element, or why the file cannot be read, and CANCELLED.
 */
export async function readRouteFile(
  backend: LoadBackend<'readRoutes'>,
  uri: vscode.Uri,
  { signal, progress: say, clock }: Pick<Work, 'signal' | 'progress' | 'clock'>,
): Promise<ReadRoutes> {
  const file = path.posix.basename(uri.path);
  let bytes: Uint8Array;
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if (!canEnd(type)) throw invalid(l10n.t('{file} is not a regular file.', { file }));
    // Asked before it is in memory; the reader would refuse it, too.
    if (size > BOUNDS.bytes) {
      throw invalid(l10n.t('{file} is larger than {limit} MB.', { file, limit: BOUNDS.bytes / 2 ** 20 }));
    }
    // A drive of the network, or a machine far away, can take its time.
    bytes = await unlessAborted(Promise.resolve(vscode.workspace.fs.readFile(uri)), signal);
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError)) throw error;
    const reason = reasons[error.code] ?? messageOf(error);
    throw invalid(l10n.t('{file} cannot be read: {reason}.', { file, reason }), error);
  }
  const progress = (percent: number): void =>
    say({ step: 'route', level: 'info', message: l10n.t('{percent} %', { percent }) });
  return backend().readRoutes(bytes, file, { signal, progress, clock });
}

/** The same of what stands in an editor. @throws the same */
export function readRouteText(
  backend: LoadBackend<'readRoutes'>,
  uri: vscode.Uri,
  text: string,
  { signal, clock }: Pick<Work, 'signal' | 'clock'>,
): Promise<ReadRoutes> {
  const file = path.posix.basename(uri.path);
  return backend().readRoutes(Buffer.from(text), file, { signal, progress: () => undefined, clock });
}

/** A link to a device has no end. */
export function canEnd(type: vscode.FileType): boolean {
  return (type & (vscode.FileType.File | vscode.FileType.Directory)) !== 0;
}

const reasons: Readonly<Record<string, Message>> = {
  FileNotFound: l10n.t('there is no such file'),
  FileIsADirectory: l10n.t('it is a folder'),
  NoPermissions: l10n.t('permission is denied'),
};

function invalid(sentence: Message, cause?: unknown): CmsError {
  return new CmsError('ROUTE_INVALID', sentence, {
    remedy: l10n.t('Choose another file.'),
    cause,
  });
}
