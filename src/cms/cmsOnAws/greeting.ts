import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { EncodedMessage } from '../../telemetry/sample.ts';
import { encodeHello } from './codec/encode.ts';
import type { ProvisionedRow } from './rows.ts';
import type { Store } from './store.ts';

interface Greeter {
  readonly vin: string;
  readonly certificateId: string;
}

/**
 * What a vehicle says when it has connected. CMS notes it in the row of the certificate, and makes an incomplete one
 * where there is none, which keeps the VIN from being provisioned for ever: so it is said only where there is one.
 * @throws CmsError CERTIFICATE_UNUSABLE
 */
export async function greetingOf(
  greeter: Greeter,
  store: Pick<Store, 'provisioned'>,
  signal: AbortSignal,
): Promise<readonly EncodedMessage[]> {
  const { vin, certificateId } = greeter;
  await wholeRow(greeter, store, signal);
  return [encodeHello(vin, certificateId)];
}

/** The row of a certificate, as it stands now. @throws CmsError CERTIFICATE_UNUSABLE if there is no whole one */
export async function wholeRow(
  { vin, certificateId }: Greeter,
  store: Pick<Store, 'provisioned'>,
  signal: AbortSignal,
): Promise<ProvisionedRow> {
  const rows = await store.provisioned(vin, signal);
  const row = rows.find((each) => each.certificateId === certificateId);
  if (row?.missing.length === 0) return row;
  throw new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('CMS has no complete row of certificate {id} of {vin}: it did not provision it.', {
      ...{ id: certificateId, vin },
    }),
    {
      remedy: l10n.t(
        'Run rotate for this vehicle; if it belongs to another app of this CMS, specify that deployment.',
      ),
    },
  );
}
