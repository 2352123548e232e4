import { basename } from 'node:path';
import { limitOf, readFileBounded } from '../../core/bounded.ts';
import { CmsError, messageOf, throwIfAborted } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { BOUNDS } from './bounds.ts';
import { type ReadRoutes, readRoutes } from './readRoutes.ts';
import { routeInvalid } from './routeInvalid.ts';

/** The routes in a file of this machine. @throws CmsError ROUTE_INVALID, CANCELLED */
export async function readRouteFile(
  path: string,
  { signal, progress: say, clock }: Pick<Work, 'signal' | 'progress' | 'clock'>,
): Promise<ReadRoutes> {
  const file = basename(path);
  const progress = (percent: number) =>
    say({ step: 'route', level: 'info', message: l10n.t('Reading {file}: {percent} %', { file, percent }) });
  return readRoutes(await bytesOf(path, signal), path, { signal, progress, clock });
}

async function bytesOf(file: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFileBounded(file, { mostBytes: BOUNDS.bytes, signal });
  } catch (error) {
    throwIfAborted(signal);
    const why = limitOf(error);
    if (why !== undefined) throw routeInvalid(basename(file), why);
    const reason = messageOf(error);
    throw new CmsError('ROUTE_INVALID', l10n.t('The route cannot be read: {reason}.', { reason }), {
      remedy: l10n.t('Check the path.'),
      cause: error,
    });
  }
}
