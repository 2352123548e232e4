import { X509Certificate } from 'node:crypto';
import { CreateCertificateFromCsrCommand } from '@aws-sdk/client-iot';
import { calling } from '../../aws/calls.ts';
import {
  activateCertificate,
  attachPolicy,
  attachThing,
  certificateIdOf,
  findAttachedCertificate,
} from '../../aws/iot/certificates.ts';
import { fingerprintOf } from '../../aws/iot/fingerprint.ts';
import { findPolicy } from '../../aws/iot/policies.ts';
import { ensureThing, principalsOf } from '../../aws/iot/things.ts';
import { CmsError } from '../../core/errors.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { MintedProvisioner } from '../contract/provisioner.ts';
import { codec } from './codec/codec.ts';
import { fetchKept } from './kept.ts';
import { DEVICE_POLICIES } from './names.ts';
import type { Sources } from './sources.ts';
import type { CertificateRow } from './certificateTable.ts';

export const NO_OWN_CA = l10n.t(
  'it makes the key and certificate of each vehicle when the vehicle is created',
);

/** The CMS makes key and certificate when a vehicle is created, and keeps both in a table. */
export function createProvisioner(
  sources: Pick<Sources, 'connection' | 'names' | 'store'>,
): MintedProvisioner {
  return {
    kind: 'minted',
    deployment: { generation: 'cm-guidance', name: sources.names.stage },
    clientId: (vehicle) => codec.clientId(vehicle),
    // It differs between releases, and may be of somebody else's stage.
    devicePolicy: undefined,
    noOwnCa: NO_OWN_CA,
    renewal: {
      oldEnds: 'after',
      words: l10n.t(
        'A key is made on this computer, and AWS IoT signs a certificate for it, which takes the place of the one in the table of the CMS: the key itself is not written there, so the remote simulator of the CMS can no longer drive this vehicle. The old certificate is deactivated once the new one has connected.',
      ),
    },
    mint: (vehicle, work) => fetchKept(vehicle, sources, work),
    ownKey: {
      sign: async (vehicle, csrPem, { signal }) => {
        const iot = await sources.connection.iot();
        const command = new CreateCertificateFromCsrCommand({
          certificateSigningRequest: csrPem,
          setAsActive: false,
        });
        const made = await calling(
          l10n.t('having a certificate signed for {vin}', { vin: vehicle.vin }),
          () => iot.send(command, { abortSignal: signal }),
        );
        return expectField(made, 'certificatePem', 'CreateCertificateFromCsr');
      },
      admit: (vehicle, certificatePem, work) => admit(vehicle, certificatePem, sources, work),
    },
  };
}

/** Gives a certificate what the vehicle's others have, and writes it, without its key, into the table of the CMS. */
async function admit(
  vehicle: VehicleRef,
  certificatePem: string,
  { connection, store, names }: Pick<Sources, 'connection' | 'store' | 'names'>,
  { signal, clock }: Work,
): Promise<void> {
  const { id: vehicleId, vin, thingName } = vehicle;
  const certificateId = fingerprintOf(new X509Certificate(certificatePem));
  const row = await store.certificate(vehicleId, signal);
  const policyNames = await policiesFor(vehicle, row, certificateId, connection, signal);
  const [policyName] = policyNames;
  if (policyName === undefined) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('No policy is known for the certificates of the stage {stage}.', { stage: names.stage }),
      { remedy: l10n.t('Create one vehicle through the web page of the CMS, which makes the policy.') },
    );
  }
  const made = await findAttachedCertificate(connection, certificateId, signal);
  if (made === undefined) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('AWS IoT does not know the certificate that it signed.'),
    );
  }
  const { arn } = made;
  // The CMS makes it with the vehicle's first certificate, which may have failed. Its newer policies ask for the attribute.
  await ensureThing(connection, { name: thingName, attributes: { vehicleId } }, signal);
  for (const name of policyNames) await attachPolicy(connection, { policyName: name, arn }, signal);
  await attachThing(connection, { thingName, arn }, signal);
  await activateCertificate(connection, certificateId, signal);
  // An earlier run may have come so far, or the pair is the one that the table had.
  if (row?.certificateId === certificateId) return;
  const now = new Date(clock.now()).toISOString();
  const isWritten = await store.putCertificate(
    { ...{ vehicleId, vin, certificateId, arn, pem: certificatePem, policyName, now } },
    row?.certificateId,
    signal,
  );
  if (isWritten) return;
  // The SDK asks again when an answer is lost: then it is our own that is there.
  const there = (await store.certificate(vehicleId, signal))?.certificateId;
  if (there === certificateId) return;
  throw new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('Somebody else wrote another certificate of {vin}, {id}, into the table of the CMS meanwhile.', {
      ...{ vin, id: there ?? '-' },
    }),
    {
      remedy: l10n.t(
        'Find out who else gives {vin} a certificate. Then run it again here: the one of this computer takes the place of theirs.',
        { vin },
      ),
    },
  );
}

/** The policies of the certificate that the vehicle has; else the one that the CMS is known to give. */
async function policiesFor(
  { thingName }: VehicleRef,
  row: CertificateRow | undefined,
  except: string,
  connection: Sources['connection'],
  signal: AbortSignal,
): Promise<string[]> {
  const attached = ((await principalsOf(connection, thingName, signal)) ?? []).flatMap(
    (arn) => certificateIdOf(arn) ?? [],
  );
  const ids = new Set([...(row === undefined ? [] : [row.certificateId]), ...attached]);
  ids.delete(except);
  for (const certificateId of ids) {
    const { policies = [] } = (await findAttachedCertificate(connection, certificateId, signal)) ?? {};
    if (policies.length > 0) return policies;
  }
  for (const name of DEVICE_POLICIES) {
    if ((await findPolicy(connection, name, signal)) !== undefined) return [name];
  }
  return [];
}
