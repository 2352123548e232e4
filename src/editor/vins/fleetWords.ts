import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { Driving } from '../base/driving.ts';
import { sayPlural } from '../base/say.ts';
import { type CertificateState, certificateStatusWords } from '../vehicles/certificateState.ts';

const DAY_MS = 86_400_000;
/** A certificate that is good for longer is told by its date. */
const SOON_DAYS = 90;

/** How an onboarded vehicle stands. */
export interface Standing {
  drive: ReturnType<Driving['driveOf']>;
  isLive: boolean;
  certificate: CertificateState;
}

/** All of it in words, such as "onboarded · driving · certificate expires in 12 days". @param now milliseconds since 1970 */
export function standingWords({ drive, isLive, certificate }: Standing, now: number): string {
  const words = [vscode.l10n.t('onboarded')];
  if (drive === 'driving') words.push(vscode.l10n.t('driving'));
  else if (drive === 'paused') words.push(vscode.l10n.t('drive paused'));
  else if (isLive) words.push(vscode.l10n.t('live'));
  return [...words, certificateWords(certificate, now)].join(' · ');
}

function certificateWords(certificate: CertificateState, now: number): string {
  const { inWorkspace, notAfter, problem, status } = certificate;
  if (!inWorkspace) return vscode.l10n.t('no certificate in this workspace');
  if (problem !== undefined) return vscode.l10n.t('certificate unusable');
  if (status !== undefined && status !== 'ACTIVE') return certificateStatusWords(status);
  if (notAfter === undefined) return vscode.l10n.t('certificate in workspace');
  const count = Math.floor((notAfter.getTime() - now) / DAY_MS);
  if (count < 0) return vscode.l10n.t('certificate expired');
  if (count > SOON_DAYS)
    return vscode.l10n.t('certificate valid until {0}', notAfter.toISOString().slice(0, 10));
  if (count === 0) return vscode.l10n.t('certificate expires within a day');
  return sayPlural(
    count,
    l10n.t('certificate expires in 1 day'),
    l10n.t('certificate expires in {count} days', { count }),
  );
}
