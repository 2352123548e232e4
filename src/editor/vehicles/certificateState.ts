import * as vscode from 'vscode';
import type { CertificateStore, ProvisioningFacts } from '../../provisioning/certificates.ts';
import { arnIn, usablePair, type Whose } from '../../provisioning/stored.ts';
import { sayError } from '../base/say.ts';
import { endWords, expiryOf } from '../base/expiry.ts';
import { FactNode } from '../base/factNode.ts';
import { MessageNode, type Node } from '../base/node.ts';
import { forLabel } from '../base/shown.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';

/** What is known of a vehicle's certificate in the workspace and in AWS IoT. */
export interface CertificateState {
  inWorkspace: boolean;
  certificateId: string | undefined;
  /** What the files say of it. */
  facts?: ProvisioningFacts | undefined;
  notAfter: Date | undefined;
  /** AWS IoT's word, once asked, or `UNKNOWN_TO_AWS`. */
  status: string | undefined;
  problem: string | undefined;
}

export const noCertificate: CertificateState = {
  inWorkspace: false,
  certificateId: undefined,
  notAfter: undefined,
  status: undefined,
  problem: undefined,
};

/**
 * Reads what the workspace has of a vehicle, and keeps what AWS IoT said of the same certificate.
 * @param known what is known of it once the files are read
 */
export async function readCertificate(
  store: Pick<CertificateStore, 'production'>,
  vin: string,
  known: () => CertificateState,
): Promise<CertificateState> {
  try {
    const pair = usablePair(await store.production(vin));
    const before = known();
    return {
      inWorkspace: pair !== undefined,
      certificateId: pair?.certificateId,
      facts: pair?.facts,
      notAfter: pair?.notAfter,
      status: pair?.certificateId === before.certificateId ? before.status : undefined,
      problem: undefined,
    };
  } catch (error) {
    return { ...known(), inWorkspace: true, problem: sayError(error) };
  }
}

/** That a certificate ends soon, or has ended, in words; undefined for any other. @param now milliseconds since 1970 */
export function expiryWords(
  { notAfter }: Pick<CertificateState, 'notAfter'>,
  now: number,
): string | undefined {
  const expiry = expiryOf(notAfter, now);
  if (expiry === undefined) return undefined;
  return expiry === 'expired'
    ? vscode.l10n.t('certificate expired')
    : vscode.l10n.t('certificate expires soon');
}

/** In place of a status where AWS IoT has no such certificate. */
export const UNKNOWN_TO_AWS = 'UNKNOWN_TO_AWS';

/** What AWS IoT says of a certificate, in a sentence about the vehicle. */
export function certificateStatusWords(status: string): string {
  switch (status) {
    case 'ACTIVE':
      return vscode.l10n.t('certificate active');
    case 'INACTIVE':
      return vscode.l10n.t('certificate inactive');
    case 'REVOKED':
      return vscode.l10n.t('certificate revoked');
    case 'PENDING_TRANSFER':
      return vscode.l10n.t('certificate pending transfer');
    case 'PENDING_ACTIVATION':
      return vscode.l10n.t('certificate pending activation');
    case 'REGISTER_INACTIVE':
      return vscode.l10n.t('certificate registered as inactive');
    case UNKNOWN_TO_AWS:
      return vscode.l10n.t('certificate unknown to AWS IoT');
    default:
      return vscode.l10n.t('certificate not active ({0})', forLabel(status));
  }
}

/** The same beside the word “certificate”. */
function statusWords(status: string): string {
  switch (status) {
    case 'ACTIVE':
      return vscode.l10n.t('active');
    case 'INACTIVE':
      return vscode.l10n.t('inactive');
    case 'REVOKED':
      return vscode.l10n.t('revoked');
    case 'PENDING_TRANSFER':
      return vscode.l10n.t('pending transfer');
    case 'PENDING_ACTIVATION':
      return vscode.l10n.t('pending activation');
    case 'REGISTER_INACTIVE':
      return vscode.l10n.t('registered as inactive');
    case UNKNOWN_TO_AWS:
      return vscode.l10n.t('unknown to AWS IoT');
    default:
      return vscode.l10n.t('not active ({0})', forLabel(status));
  }
}

/** The certificate as a row below its vehicle. */
export function certificateRow(
  parent: Node,
  certificate: CertificateState,
  { vehicle, deployment }: { vehicle: VehicleOfStack; deployment: Whose },
): Node {
  if (!certificate.inWorkspace) {
    return new MessageNode(parent, vscode.l10n.t('No certificate in this workspace. Provision…'), {
      icon: 'key',
      command: {
        command: 'cmsEnablement.provisionCertificates',
        title: vscode.l10n.t('Provision Certificates'),
        arguments: [parent],
      },
    });
  }
  const fact = { key: 'certificate', label: vscode.l10n.t('Certificate'), vehicle };
  if (certificate.problem !== undefined) {
    return new FactNode(parent, { ...fact, words: certificate.problem, icon: 'warning' });
  }
  const { status, notAfter, certificateId, facts } = certificate;
  const ends = endWords(notAfter);
  const words = [
    status === undefined ? undefined : statusWords(status),
    ...ends.words,
    certificateId?.slice(0, 8),
  ];
  // That it ends hides less than that nobody can connect with it.
  const icon = ends.isWarning && (status === undefined || status === 'ACTIVE') ? 'warning' : undefined;
  return new FactNode(parent, {
    ...fact,
    words: words.filter(Boolean).join(' · '),
    icon: icon ?? (status === 'ACTIVE' ? 'key' : 'circle-slash'),
    isWarning: ends.isWarning,
    arn: facts && arnIn(facts, deployment),
  });
}
