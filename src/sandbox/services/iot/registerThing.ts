import type { IotRegistry } from '../../contracts/aws.ts';
import { AwsError } from '../../contracts/kernel.ts';
import type { CaCertificates } from './registry/caCertificates.ts';
import type { Certificates } from './registry/certificates.ts';
import type { Policies } from './registry/policies.ts';
import { checkPolicyDocument } from './registry/policyDocument.ts';
import type { CertificateRecord } from './registry/records.ts';
import type { IotState } from './registry/state.ts';
import type { Things } from './registry/things.ts';
import type { ThingTypes } from './registry/thingTypes.ts';
import { parseCertificate } from './registry/x509.ts';
import { invalidRequest, notFound } from './wire/errors.ts';
import { type Plan, type PlannedCertificate, type PlannedThing, planOf } from './provisioning/plan.ts';
import { parseTemplate } from './provisioning/template.ts';

export interface RegistryParts {
  state: IotState;
  things: Things;
  thingTypes: ThingTypes;
  certificates: Certificates;
  cas: CaCertificates;
  policies: Policies;
}

/**
 * Makes what a template declares ("Provisioning templates"): thing, policies, attachments, and last the status of
 * the certificate, so that nobody connects before everything is there. What can be checked is checked before
 * anything is made. A resource that can not be made gives ResourceRegistrationFailureException.
 */
export function createRegisterThing(parts: RegistryParts): IotRegistry['registerThing'] {
  const { state, things, certificates, policies } = parts;

  return async (templateBody, parameters) => {
    const plan = planOf(parseTemplate(templateBody), parameters);
    const resourceArns: Record<string, string> = {};
    let certificatePem = '';
    await asRegistration(async () => {
      check(parts, plan);
      // First what can still be refused: a CSR, or a certificate of an unknown CA.
      const record = plan.certificate && (await makeCertificate(parts, plan.certificate));
      if (plan.thing !== undefined) {
        makeThing(things, state, plan.thing);
        resourceArns[plan.thing.logicalName] = state.arn('thing', plan.thing.thingName);
      }
      if (plan.certificate === undefined || record === undefined) return;
      for (const { policyName, document } of plan.policies) {
        if (document !== undefined && !state.policies.has(policyName)) policies.create(policyName, document);
      }
      const arn = state.arn('cert', record.certificateId);
      certificatePem = record.certificatePem;
      resourceArns[plan.certificate.logicalName] = arn;
      for (const { logicalName, policyName } of plan.policies) {
        policies.attach(policyName, arn);
        resourceArns[logicalName] = state.arn('policy', policyName);
      }
      if (plan.thing !== undefined) things.attach(plan.thing.thingName, arn);
      const status = statusAfter(record, plan.certificate);
      certificates.setStatus(record.certificateId, status);
    });
    return {
      // A template may make a certificate without a thing.
      thingName: plan.thing?.thingName ?? '',
      certificatePem,
      resourceArns,
      deviceConfiguration: plan.deviceConfiguration,
    };
  };
}

/** Everything that would fail half way. */
function check({ state, thingTypes, certificates, policies }: RegistryParts, plan: Plan): void {
  const { thing, certificate } = plan;
  if (thing !== undefined) {
    const known = state.things.get(thing.thingName);
    if (known !== undefined && Object.values(thing.override).includes('FAIL')) {
      throw conflict(`Thing ${thing.thingName} already exists.`);
    }
    const typeIsSet = known === undefined || thing.override.type === 'REPLACE';
    if (thing.thingTypeName !== undefined && typeIsSet && known?.thingTypeName !== thing.thingTypeName) {
      thingTypes.checkUsable(thing.thingTypeName);
    }
    const [group] = known === undefined || thing.override.groups !== 'DO_NOTHING' ? thing.groups : [];
    if (group !== undefined) throw notFound(`Thing group ${group} does not exist.`);
    if (thing.billingGroup !== undefined && known === undefined) {
      throw notFound(`Billing group ${thing.billingGroup} does not exist.`);
    }
  }
  for (const { policyName, document } of plan.policies) {
    if (document === undefined) policies.find(policyName);
    else checkPolicyDocument(document, state.context.config.limits);
  }
  if (certificate !== undefined && 'id' in certificate.source) {
    const record = certificates.find(certificate.source.id);
    if (record.status === 'REVOKED')
      throw invalidRequest(`The certificate ${record.certificateId} is revoked.`);
    if (certificate.override === 'FAIL' && record.status !== 'PENDING_ACTIVATION') {
      throw conflict(`The certificate ${record.certificateId} already exists.`);
    }
  }
}

function makeThing(things: Things, state: IotState, planned: PlannedThing): void {
  const known = state.things.get(planned.thingName);
  if (known === undefined) {
    things.create(planned.thingName, planned.thingTypeName, planned.attributes ?? {});
    return;
  }
  const setAttributes = planned.override.attributes !== 'DO_NOTHING' && planned.attributes !== undefined;
  const setType = planned.override.type === 'REPLACE' && planned.thingTypeName !== undefined;
  if (!setAttributes && !setType) return;
  things.update(planned.thingName, {
    ...(setAttributes
      ? { attributes: planned.attributes, merge: planned.override.attributes === 'MERGE' }
      : {}),
    ...(setType ? { thingTypeName: planned.thingTypeName } : {}),
  });
}

async function makeCertificate(
  { certificates, cas, state }: RegistryParts,
  { source }: PlannedCertificate,
): Promise<CertificateRecord> {
  if ('id' in source) return certificates.find(source.id);
  if ('csr' in source) return certificates.createFromCsr(source.csr, 'PENDING_ACTIVATION');
  const parsed = parseCertificate(source.pem);
  const known = state.certificates.get(parsed.certificateId);
  if (known !== undefined) return known;
  const ca = cas.signerOf(parsed, source.caPem);
  const { certificateId, certificatePem } = parsed;
  return certificates.register({
    certificateId,
    certificatePem,
    status: 'PENDING_ACTIVATION',
    mode: ca.mode,
    caCertificateId: ca.certificateId,
  });
}

/** A new certificate is always decided by the template; one in use only unless DO_NOTHING is said. */
function statusAfter(record: CertificateRecord, planned: PlannedCertificate): CertificateRecord['status'] {
  if (record.status === 'PENDING_ACTIVATION') return planned.status ?? 'ACTIVE';
  if (planned.status === undefined || planned.override === 'DO_NOTHING') return record.status;
  return planned.status;
}

function conflict(message: string): AwsError {
  return new AwsError('ResourceConflictsException', message, 409);
}

async function asRegistration(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'ResourceConflictsException') throw error;
    throw new AwsError('ResourceRegistrationFailureException', error.message, 400);
  }
}
