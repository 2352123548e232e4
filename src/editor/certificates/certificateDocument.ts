import { createHash } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { readTextFile } from '../../core/bounded.ts';
import { CmsError, isCancelled } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import { unlessAborted } from '../../core/shared.ts';
import type { CertificateFacts } from '../../provisioning/certificateFacts.ts';
import { endsSoonWords } from '../base/expiry.ts';
import { sayError } from '../base/say.ts';
import { forMarkdown } from '../base/shown.ts';
import type { KnownVehicle, VehicleOfStack } from '../base/stackRef.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

/** A certificate with those that signed it is a few kilobytes. */
const MOST_BYTES = 256 * 1024;

/** What AWS IoT says of a certificate. */
export interface InCloud {
  /** `ACTIVE`, `INACTIVE`, …; undefined where AWS IoT has no such certificate. */
  status: string | undefined;
  things: readonly string[];
  policies: readonly string[];
}

/** Whose certificate a page shows. */
interface PageOf {
  vin: string;
  stack: string;
  /** The connection in words. */
  connection: string;
}

type Access = Pick<VehicleAccess, 'backend' | 'certificates' | 'connections'>;

/** Shows the certificate of a vehicle as a page. The file with the key is not read. Throws CmsError. */
export async function showCertificate(
  { access, storage }: { access: Access; storage: vscode.Uri },
  { ref, vin, id }: VehicleOfStack & KnownVehicle,
  certificateFile: vscode.Uri,
  signal: AbortSignal,
): Promise<void> {
  const { certificateFacts, createCloudIdentities } = access.backend();
  const facts = certificateFacts(await readTextFile(certificateFile.fsPath, { mostBytes: MOST_BYTES }));
  if (facts === undefined) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('{file} cannot be read as a certificate.', { file: certificateFile.fsPath }),
      { remedy: l10n.t('Provision the vehicle again: the file is set aside, and nothing is deleted.') },
    );
  }
  const inCloud = await lookUp();
  const of = { vin, stack: ref.stack, connection: access.connections.labelOf(ref.connectionId) };
  const file = vscode.Uri.joinPath(storage, 'certificates', pageFile({ ref, vin, id }));
  await makeFolder(storage.fsPath, path.dirname(file.fsPath));
  await writeFileSafely(file.fsPath, certificatePage(of, facts, inCloud));
  await vscode.commands.executeCommand('markdown.showPreview', file);

  /** In Restricted Mode nothing is asked of AWS because a file of the workspace names it. */
  async function lookUp(): Promise<InCloud | string> {
    if (!vscode.workspace.isTrusted)
      return vscode.l10n.t('Not asked in Restricted Mode. Trust the workspace first.');
    try {
      // It may wait for a one-time code.
      const connection = await unlessAborted(access.connections.open(ref.connectionId), signal);
      const cloud = createCloudIdentities(connection);
      const known = await cloud.certificate(facts?.fingerprint ?? id, signal);
      if (known === undefined) return { status: undefined, things: [], policies: [] };
      const [things, policies] = await Promise.all([
        cloud.thingsOf(known.arn, signal),
        cloud.policiesOf(known.arn, signal),
      ]);
      return { status: known.status, things, policies };
    } catch (error) {
      if (signal.aborted || isCancelled(error)) throw error;
      return sayError(error);
    }
  }
}

/** The name of its file. A VIN may be known to several stacks and connections. */
export function pageFile({ ref, vin, id }: VehicleOfStack & KnownVehicle): string {
  const hash = createHash('sha256').update(JSON.stringify([ref.connectionId, ref.stack, id]));
  const name = vscode.l10n.t('Certificate of {0}', vin).replaceAll(/[^\w. -]/g, '_');
  return `${name} (${hash.digest('hex').slice(0, 8)}).md`;
}

/** @param inCloud or why AWS IoT could not be asked, a sentence */
export function certificatePage(
  { vin, stack, connection }: PageOf,
  facts: CertificateFacts,
  inCloud: InCloud | string,
  now = Date.now(),
): string {
  const { subject, issuer, serial, notBefore, notAfter, key, fingerprint } = facts;
  const ends = endsSoonWords(notAfter, now);
  const date = (of: Date): string =>
    of.toLocaleString(vscode.env.language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }) +
    ' UTC';
  const row = (label: string, value: string): string => `| ${label} | ${forMarkdown(value)} |`;
  const none = vscode.l10n.t('none');
  const said =
    typeof inCloud === 'string'
      ? [forMarkdown(inCloud)]
      : inCloud.status === undefined
        ? [vscode.l10n.t('AWS IoT has no such certificate in this account and region.')]
        : [
            '| | |',
            '|---|---|',
            row(vscode.l10n.t('Status'), inCloud.status),
            row(vscode.l10n.t('Things'), inCloud.things.join(', ') || none),
            row(vscode.l10n.t('Policies'), inCloud.policies.join(', ') || none),
          ];
  return [
    `# ${forMarkdown(vscode.l10n.t('Certificate of {0}', vin))}`,
    '',
    ...(ends === undefined ? [] : [`> ⚠ **${forMarkdown(ends)}**`, '']),
    '| | |',
    '|---|---|',
    row(vscode.l10n.t('Stack'), `${stack} (${connection})`),
    // VS Code shows the page again after a restart.
    row(vscode.l10n.t('As of'), date(new Date(now))),
    row(vscode.l10n.t('Subject'), subject || none),
    row(vscode.l10n.t('Issuer'), issuer || none),
    row(vscode.l10n.t('Serial number'), serial),
    row(vscode.l10n.t('Valid from'), date(notBefore)),
    row(vscode.l10n.t('Valid until'), date(notAfter)),
    row(vscode.l10n.t('Key'), key),
    row(vscode.l10n.t('Fingerprint (SHA-256), the certificate’s id in AWS IoT'), fingerprint),
    '',
    `## ${vscode.l10n.t('In AWS IoT')}`,
    '',
    ...said,
    '',
  ].join('\n');
}
