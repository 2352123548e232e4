import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Stored } from './stored.ts';

/** Whoever read a key can be the vehicle. */
export function openKey(what: Message, file: string): Stored<never> {
  const why = new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('{what}: others can read its private key {file}, so it is not used.', { what, file }),
    {
      remedy: l10n.t(
        'Restrict access to it (chmod 600 {file}); if others may have read it, rotate the certificate as well.',
        {
          file,
        },
      ),
    },
  );
  return { kind: 'unusable', why, foreignIssuer: false };
}

/** A part of a pair, which may be all there is of a key. */
export function halfPair(what: Message, kept: 'key' | 'certificate', path: string): Stored<never> {
  const sentence =
    kept === 'key'
      ? l10n.t('{what} has no certificate; its private key is kept.', { what })
      : l10n.t('{what} has no private key; its certificate is kept.', { what });
  const remedy = l10n.t(
    'Restore the missing file in {path}, or provision the vehicle with "replace" (--replace), which sets the rest aside.',
    { path },
  );
  const why = new CmsError('CERTIFICATE_UNUSABLE', sentence, { remedy });
  return { kind: 'unusable', why, foreignIssuer: false };
}
