import { createPrivateKey, X509Certificate } from 'node:crypto';
import { refuseExposed } from '../../aws/exposed.ts';
import { findAttachedCertificate } from '../../aws/iot/certificates.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { poll, waits } from '../../core/retry.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { MintedIdentity } from '../contract/provisioner.ts';
import type { Sources } from './sources.ts';
import type { CertificateRow } from './certificateTable.ts';

/** The row is written after the vehicle was created. */
const SOON = { attempts: Infinity, withinMs: 10_000, backoff: waits(500, 1000, 2000) };

/** The pair that the table has. @throws CmsError CERTIFICATE_MISSING, CERTIFICATE_UNUSABLE */
export async function fetchKept(
  vehicle: VehicleRef,
  { connection, store, names }: Pick<Sources, 'connection' | 'store' | 'names'>,
  work: Work,
): Promise<MintedIdentity> {
  const { id, vin } = vehicle;
  refuseExposed(connection.endpoint, 'key');
  const row = await poll(work, SOON, () => store.certificate(id, work.signal));
  const table = names.tables.certificates;
  const remedy = l10n.t(
    'Have a certificate made for a key of this computer: onboard {vin} with --keys csr-ec.',
    {
      vin,
    },
  );
  if (row === undefined) {
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t('The table {table} has no certificate of {vin}.', { table, vin }),
      {
        remedy,
      },
    );
  }
  const { certificatePem, privateKeyPem } = row;
  if (!isOf(row, vehicle)) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('The table {table} has the certificate of {other} for {id}, which is {vin}.', {
        ...{ table, id, vin, other: row.vin ?? row.thingName ?? '-' },
      }),
      { remedy },
    );
  }
  if (privateKeyPem === undefined) {
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t(
        'The table {table} has the certificate of {vin}, but not its key: that was generated elsewhere.',
        {
          ...{ table, vin },
        },
      ),
      { remedy },
    );
  }
  if (!belongTogether(certificatePem, privateKeyPem)) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('Certificate and key of {vin} in the table {table} do not belong together.', { table, vin }),
      { remedy },
    );
  }
  return { certificatePem, privateKeyPem };
}

/** Whether a vehicle can work with the pair of its row: then it can be fetched, and AWS IoT lets the vehicle in with it. */
export async function isUsable(
  row: CertificateRow,
  vehicle: VehicleRef,
  { connection }: Pick<Sources, 'connection'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { certificateId, certificatePem, privateKeyPem } = row;
  if (privateKeyPem === undefined || !isOf(row, vehicle)) return false;
  if (!belongTogether(certificatePem, privateKeyPem)) return false;
  const cloud = await findAttachedCertificate(connection, certificateId, signal);
  return cloud?.status === 'ACTIVE' && cloud.things.includes(vehicle.thingName);
}

/** Of two vehicles that were created in one second the row may be that of the other one. */
function isOf(row: CertificateRow, { vin, thingName }: VehicleRef): boolean {
  return (row.vin ?? vin) === vin && (row.thingName ?? thingName) === thingName;
}

function belongTogether(certificatePem: string, privateKeyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}
