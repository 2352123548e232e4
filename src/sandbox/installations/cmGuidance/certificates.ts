import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';
import type { Aws } from '../../services/services.ts';
import type { Data } from './data.ts';
import { policyOf } from './policies.ts';
import { isoUtc } from './times.ts';

/** What the answer to a create says of the certificate, and no row. */
export type CertificateResult =
  { hasCertificate: true; certificateId: string } | { hasCertificate: false; certificateError?: string };

/** What AWS IoT takes as the name of a thing. */
const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
/** A fault that hits the making of a certificate. */
export const CERTIFICATE_FAULT = 'cm-guidance:certificate';

/**
 * What a create does in AWS IoT: keys, thing, policy, attachments, and the row with the private key in clear. A step
 * that fails leaves what the steps before it made.
 */
export async function mintCertificate(
  context: Context,
  { iot }: Pick<Aws, 'iot'>,
  data: Data,
  { vehicleId, vin }: { vehicleId: string; vin: string },
): Promise<CertificateResult> {
  if (vin === '') return { hasCertificate: false };
  const { certificates, things, policies, state } = iot.parts;
  const { names, switches } = data;
  try {
    const { record, keys } = await certificates.createKeys('ACTIVE');
    const { certificateId, certificatePem } = record;
    const certificateArn = state.arn('cert', certificateId);
    const fault = context.faults.take(CERTIFICATE_FAULT);
    if (fault?.kind === 'error') throw new AwsError(fault.code, fault.message ?? 'Injected by the sandbox');
    const isScoped = switches().policy === 'scoped';
    if (!THING_NAME.test(vin)) {
      throw new AwsError(
        'InvalidRequestException',
        `1 validation error detected: Value '${vin}' at 'thingName'`,
      );
    }
    if (!state.things.has(vin)) things.create(vin, undefined, isScoped ? { vehicleId } : {});
    const { name, document } = policyOf(context, switches().policy, names.rule, names.productRule);
    // One that is there is left as it is, whatever it says.
    if (!state.policies.has(name)) policies.create(name, document);
    things.attach(vin, certificateArn, isScoped ? 'EXCLUSIVE_THING' : 'NON_EXCLUSIVE_THING');
    policies.attach(name, certificateArn);
    const at = isoUtc(data.now());
    data.storage('vehicle-certificates').put({
      ...{ vehicleId, vin, thingName: vin, certificateId },
      certificateArn: arnOf(context.config, 'iot', `cert/${certificateId}`),
      ...{ certificatePem, publicKey: keys.publicKeyPem, privateKey: keys.privateKeyPem },
      ...{ policyName: name, status: 'ACTIVE', createdAt: at, updatedAt: at },
    });
    return { hasCertificate: true, certificateId };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {
      hasCertificate: false,
      certificateError: `An error occurred (${error.code}) when creating the certificate: ${error.message}`,
    };
  }
}
