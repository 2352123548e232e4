import { activateCertificate, findCertificate } from '../../aws/iot/certificates.ts';
import type { Connection } from '../../aws/connection.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { ProvisionedRow } from './rows.ts';
import type { Store } from './store.ts';

/** A row as its certificate is now. */
export interface Attempt {
  readonly row: ProvisionedRow;
  /** Status in AWS IoT; `gone` where it knows no such certificate. */
  readonly certificate: string;
}

/** Looks at the certificate of each row that is whole and not over. */
export async function attemptsOf(
  connection: Connection,
  rows: readonly ProvisionedRow[],
  signal: AbortSignal,
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const row of rows) {
    if (row.missing.length > 0 || row.status === 'DELETED') continue;
    const found = await findCertificate(connection, row.certificateId, signal);
    attempts.push({ row, certificate: found?.status ?? 'gone' });
  }
  return attempts;
}

/** Whether a row says that its certificate is in service, or will be: the hook switches off what such a row names. */
export function isNamed({ status }: Pick<ProvisionedRow, 'status'>): boolean {
  return status === 'ACTIVE' || status === 'PENDING_ACTIVATION';
}

/** Rows that say a certificate is in service, or will be, which AWS IoT does not know: the hook throws on reading one. */
export function deadAttempts(attempts: readonly Attempt[]): Attempt[] {
  return attempts.filter(({ row, certificate }) => certificate === 'gone' && isNamed(row));
}

/** Marks such rows as over, which is all that has to be done about them. */
export async function buryAttempts(
  store: Pick<Store, 'setStatus'>,
  dead: readonly Attempt[],
  signal: AbortSignal,
): Promise<void> {
  for (const { row } of dead) await store.setStatus(row.vin, row.certificateId, 'DELETED', signal);
}

/** Puts a certificate into service again, and says so in its row. */
export async function reactivate(
  connection: Connection,
  store: Pick<Store, 'setStatus'>,
  { vin, certificateId }: Pick<ProvisionedRow, 'vin' | 'certificateId'>,
  signal: AbortSignal,
): Promise<Message> {
  await activateCertificate(connection, certificateId, signal);
  await store.setStatus(vin, certificateId, 'ACTIVE', signal);
  return l10n.t('Certificate {id} of {vin}, which was switched off, is ACTIVE again.', {
    id: certificateId,
    vin,
  });
}

/** Rows that lack nothing but a status that the hook knows: AWS IoT says what it is. */
export function withoutStatus(rows: readonly ProvisionedRow[]): ProvisionedRow[] {
  return rows.filter(({ missing }) => missing.length === 1 && missing[0] === 'certificate_status');
}

/** Gives a row the status of its certificate. */
export async function restoreStatus(
  connection: Connection,
  store: Pick<Store, 'setStatus'>,
  { vin, certificateId }: Pick<ProvisionedRow, 'vin' | 'certificateId'>,
  signal: AbortSignal,
): Promise<void> {
  const found = await findCertificate(connection, certificateId, signal);
  const known = (['PENDING_ACTIVATION', 'ACTIVE', 'INACTIVE'] as const).find(
    (each) => each === found?.status,
  );
  await store.setStatus(vin, certificateId, known ?? 'DELETED', signal);
}
