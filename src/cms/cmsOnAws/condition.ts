import { l10n, type Message } from '../../core/message.ts';
import { type AuthorizedRow, currentRow, type ProvisionedRow, STRANGER } from './rows.ts';

/** What is known of a vehicle; `certificate` of its current row, as far as somebody looked. */
export interface Known {
  readonly authorized: AuthorizedRow | undefined;
  readonly rows: readonly ProvisionedRow[];
  /** Status in AWS IoT, `gone` where it knows no such certificate; undefined where nobody looked. */
  readonly certificate?: string | undefined;
  /** Another app's template registered its thing last; undefined also where nobody looked. */
  readonly otherTemplate?: string | undefined;
}

export type ConditionKind =
  | 'authorized' | 'not-allowed' | 'pending' | 'provisioned' | 'connected' | 'certificate-off' | 'stuck'
  | 'refused' | 'leftover' | 'offboarded' | 'foreign'; // prettier-ignore

/** Where a vehicle stands between being authorized and having said hello. */
export interface Condition {
  readonly kind: ConditionKind;
  readonly words: Message;
  /** What to do about it; undefined where nothing has to be done. */
  readonly remedy: Message | undefined;
}

/** Cannot be provisioned until somebody mends its rows: the hook throws whenever it reads them. */
export const DOCTOR = l10n.t(
  'Run doctor for the vehicle with --fix, or "Diagnose Vehicle" and its button Fix.',
);
const ONBOARD = l10n.t('Run onboard for this vehicle: it continues where it is incomplete.');

export function conditionOf({ authorized, rows, certificate, otherTemplate }: Known): Condition {
  const current = currentRow(rows);
  const status = current?.status;
  const isNamed = status === 'ACTIVE' || status === 'PENDING_ACTIVATION';
  if (otherTemplate !== undefined) {
    // Its greeting reaches every app of the region, and leaves an incomplete row.
    return { kind: 'foreign', words: l10n.t('belongs to another app'), remedy: undefined };
  }
  if (rows.some(({ missing }) => missing.length > 0)) {
    return stuck(l10n.t('stuck: a row of it is incomplete'));
  }
  if (authorized !== undefined && authorized.missing.length > 0) {
    return { ...stuck(l10n.t('stuck: its authorization is incomplete')), remedy: ONBOARD };
  }
  if (isNamed && certificate === 'gone')
    return stuck(l10n.t('stuck: a row names a certificate that is gone'));
  if (status === 'ACTIVE' && certificate !== undefined && certificate !== 'ACTIVE')
    return off(current, certificate);
  if (status === 'ACTIVE') {
    return current?.hasConnected === true
      ? { kind: 'connected', words: l10n.t('connected once'), remedy: undefined }
      : { kind: 'provisioned', words: l10n.t('provisioned, never connected'), remedy: ONBOARD };
  }
  if (status === 'PENDING_ACTIVATION') {
    return { kind: 'pending', words: l10n.t('being provisioned'), remedy: ONBOARD };
  }
  if (status === 'INACTIVE') return off(current, certificate);
  if (authorized?.allowed === true) {
    return { kind: 'authorized', words: l10n.t('authorized'), remedy: ONBOARD };
  }
  if (authorized !== undefined) {
    return { kind: 'not-allowed', words: l10n.t('not allowed to be provisioned'), remedy: ONBOARD };
  }
  if (rows.some(({ make }) => make === STRANGER)) {
    return { kind: 'refused', words: l10n.t('refused: it was not authorized'), remedy: ONBOARD };
  }
  if (rows.length === 0) {
    const remedy = l10n.t('Offboard the vehicle to remove it, or onboard it.');
    return { kind: 'leftover', words: l10n.t('only its thing is left'), remedy };
  }
  return { kind: 'offboarded', words: l10n.t('offboarded'), remedy: undefined };
}

function stuck(words: Message): Condition {
  return { kind: 'stuck', words, remedy: DOCTOR };
}

/** The doctor activates what is INACTIVE, and nothing else. */
function off(row: ProvisionedRow | undefined, certificate: string | undefined): Condition {
  const words =
    row?.hasConnected === true ? l10n.t('certificate off, connected once') : l10n.t('certificate off');
  const remedy = certificate === undefined || certificate === 'INACTIVE' ? DOCTOR : ONBOARD;
  return { kind: 'certificate-off', words, remedy };
}

/** Whether somebody has to do something before the vehicle can work. */
export function isWrong({ kind }: Condition): boolean {
  return kind === 'stuck' || kind === 'certificate-off' || kind === 'not-allowed';
}
