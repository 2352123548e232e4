import path from 'node:path';
import * as vscode from 'vscode';
import { readTextFile } from '../../core/bounded.ts';
import { CmsError } from '../../core/errors.ts';
import { inMarkdown } from '../../core/foreignText.ts';
import { l10n } from '../../core/message.ts';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import type { CertificateFacts } from '../../provisioning/certificateFacts.ts';
import { endsSoonWords } from '../base/expiry.ts';
import { sayError } from '../base/say.ts';
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
  const name = vscode.l10n.t('Certificate of {0}', vin);
  const file = vscode.Uri.joinPath(storage, 'certificates', `${name.replaceAll(/[^\w. -]/g, '_')}.md`);
  await makeFolder(storage.fsPath, path.dirname(file.fsPath));
  await writeFileSafely(file.fsPath, certificatePage(name, facts, inCloud));
  await vscode.commands.executeCommand('markdown.showPreview', file);

  /** In Restricted Mode nothing is asked of AWS because a file of the workspace names it. */
  async function lookUp(): Promise<InCloud | string> {
    if (!vscode.workspace.isTrusted)
      return vscode.l10n.t('Not asked in Restricted Mode. Trust the workspace first.');
    try {
      const cloud = createCloudIdentities(await access.connections.open(ref.connectionId));
      const known = await cloud.certificate(facts?.fingerprint ?? id, signal);
      if (known === undefined) return { status: undefined, things: [], policies: [] };
      const [things, policies] = await Promise.all([
        cloud.thingsOf(known.arn, signal),
        cloud.policiesOf(known.arn, signal),
      ]);
      return { status: known.status, things, policies };
    } catch (error) {
      if (signal.aborted) throw error;
      return sayError(error);
    }
  }
}

/** @param inCloud or why AWS IoT could not be asked, a sentence */
export function certificatePage(
  title: string,
  facts: CertificateFacts,
  inCloud: InCloud | string,
  now = Date.now(),
): string {
  const { subject, issuer, serial, notBefore, notAfter, key, fingerprint } = facts;
  const ends = endsSoonWords(notAfter, now);
  const date = (of: Date): string =>
    of.toLocaleString(vscode.env.language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }) +
    ' UTC';
  const row = (label: string, value: string): string => `| ${label} | ${inMarkdown(value)} |`;
  const none = vscode.l10n.t('none');
  const said =
    typeof inCloud === 'string'
      ? [inMarkdown(inCloud)]
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
    `# ${inMarkdown(title)}`,
    '',
    ...(ends === undefined ? [] : [`> ⚠ **${inMarkdown(ends)}**`, '']),
    '| | |',
    '|---|---|',
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
