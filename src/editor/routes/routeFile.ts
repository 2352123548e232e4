import path from 'node:path';
import * as vscode from 'vscode';
import { CmsError, messageOf } from '../../core/errors.ts';
import { BOUNDS } from '../../telemetry/routes/bounds.ts';
import type { ReadRoutes } from '../../telemetry/routes/readRoutes.ts';
import type { App } from '../app.ts';

/** The routes in a file. Throws ROUTE_INVALID: with the line or element, or why the file cannot be read. */
export async function readRouteFile(app: App, uri: vscode.Uri): Promise<ReadRoutes> {
  const file = path.posix.basename(uri.path);
  let bytes: Uint8Array;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    // Asked before it is in memory; the reader would refuse it, too.
    if (size > BOUNDS.bytes) {
      throw invalid(vscode.l10n.t('{0} is larger than {1} MB.', file, BOUNDS.bytes / 2 ** 20));
    }
    bytes = await vscode.workspace.fs.readFile(uri);
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError)) throw error;
    const why = reasons()[error.code] ?? messageOf(error);
    throw invalid(vscode.l10n.t('{0} cannot be read: {1}.', file, why), error);
  }
  return app.work().readRoutes(bytes, file);
}

const reasons = (): Readonly<Record<string, string>> => ({
  FileNotFound: vscode.l10n.t('there is no such file'),
  FileIsADirectory: vscode.l10n.t('it is a folder'),
  NoPermissions: vscode.l10n.t('permission is denied'),
});

function invalid(message: string, cause?: unknown): CmsError {
  return new CmsError('ROUTE_INVALID', message, {
    remedy: vscode.l10n.t('Choose another file.'),
    ...(cause === undefined ? {} : { cause }),
  });
}
