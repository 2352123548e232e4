import {
  activateCertificate,
  attachPolicy,
  attachThing,
  findCertificate,
  otherActiveCertificates,
  type CloudCertificate,
} from '../../aws/iot/certificates.ts';
import { ensureThing } from '../../aws/iot/things.ts';
import type { IotAccess } from '../../aws/connection.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { namesCertificate, type Allowed } from './judge.ts';

export interface Admission {
  certificate: Pick<CloudCertificate, 'id' | 'arn' | 'status'>;
  thingName: string;
  setup: Pick<OwnCaSetup, 'devicePolicy' | 'thingType'>;
}

/**
 * Why a certificate may not come in beside those that its vehicle has in service; undefined if it may. Where the list
 * names the very certificate or its key it may, and a warning names the others: two in service are never unsaid.
 */
export async function barredBy(
  connection: IotAccess,
  { entry, arn }: { entry: Allowed; arn: string | undefined },
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
): Promise<Message | undefined> {
  const { vin, thingName } = entry;
  const others = await otherActiveCertificates(connection, thingName, arn, signal);
  const [id] = others;
  if (id === undefined) return undefined;
  if (!namesCertificate(entry)) {
    return l10n.t('{vin} has a certificate in service, {id}, and the list does not name another', {
      vin,
      id,
    });
  }
  for (const each of others) {
    const message = l10n.t(
      'Certificate {id} of {vin} is also ACTIVE: delete it if nothing uses it anymore.',
      { id: each, vin },
    );
    progress({ step: 'admit', level: 'warn', message, vin });
  }
  return undefined;
}

/**
 * What just-in-time registration leaves to others: thing, policy, and only then ACTIVE. Each step finds it done when
 * run again. What somebody took out of service meanwhile is not put back.
 * @throws CmsError CERTIFICATE_NOT_REGISTERED for such a certificate
 * Source: AWS IoT Developer Guide, "Just-in-time registration".
 */
export async function admit(
  connection: IotAccess,
  { certificate, thingName, setup }: Admission,
  { signal }: Pick<Work, 'signal'>,
): Promise<void> {
  const { id, arn, status: before } = certificate;
  await ensureThing(connection, { name: thingName, type: setup.thingType }, signal);
  await attachPolicy(connection, { policyName: setup.devicePolicy, arn }, signal);
  await attachThing(connection, { thingName, arn }, signal);
  const status = (await findCertificate(connection, id, signal))?.status ?? 'DELETED';
  if (status !== before && status !== 'ACTIVE') {
    throw new CmsError(
      'CERTIFICATE_NOT_REGISTERED',
      l10n.t('Certificate {id} is {status} now, so it is not activated.', { id, status }),
      { step: 'admit', remedy: l10n.t('Somebody took it out of service. Give the vehicle another one.') },
    );
  }
  await activateCertificate(connection, id, signal);
}
