import { AwsError } from '../../kernel/http.ts';
import type { IotRegistry } from './contract.ts';
import type { CaCertificates } from './registry/caCertificates.ts';
import type { Certificates } from './registry/certificates.ts';
import type { Policies } from './registry/policies.ts';
import { checkPolicyDocument } from './registry/policyDocument.ts';
import type { CertificateRecord } from './registry/records.ts';
import type { IotState } from './registry/state.ts';
import type { ThingGroups } from './registry/thingGroups.ts';
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
  groups: ThingGroups;
}

/**
 * Creates what a template declares ("Provisioning templates"): thing, policies, attachments, and last the status of
 * the certificate, so that nobody can connect before everything is in place. Checks as much as possible before it
 * creates anything. Throws ResourceRegistrationFailureException if a resource cannot be created.
 */
export function createRegisterThing(parts: RegistryParts): IotRegistry['registerThing'] {
  const { state, things, certificates, policies } = parts;

  return async (templateBody, parameters) => {
    const plan = planOf(parseTemplate(templateBody), parameters);
    const resourceArns: Record<string, string> = {};
    let certificatePem = '';
    await asRegistration(async () => {
      check(parts, plan);
      // The certificate comes first, because it can still be refused: an invalid CSR, or an unknown CA.
      const record = plan.certificate && (await obtainCertificate(parts, plan.certificate));
      if (plan.thing !== undefined) {
        createOrUpdateThing(parts, plan.thing);
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
      // A template may declare a certificate without a thing.
      thingName: plan.thing?.thingName ?? '',
      certificatePem,
      resourceArns,
      deviceConfiguration: plan.deviceConfiguration,
    };
  };
}

/** Checks everything that would otherwise fail halfway. */
function check({ state, thingTypes, certificates, policies }: RegistryParts, plan: Plan): void {
  const { thing, certificate } = plan;
  if (thing !== undefined) {
    const existing = state.things.get(thing.thingName);
    if (existing !== undefined && Object.values(thing.override).includes('FAIL')) {
      throw conflict(`Thing ${thing.thingName} already exists.`);
    }
    const typeIsSet = existing === undefined || thing.override.type === 'REPLACE';
    if (thing.thingTypeName !== undefined && typeIsSet && existing?.thingTypeName !== thing.thingTypeName) {
      thingTypes.checkUsable(thing.thingTypeName);
    }
    const missing = thing.groups.find((group) => !state.groups.has(group));
    if (missing !== undefined && (existing === undefined || thing.override.groups !== 'DO_NOTHING')) {
      throw notFound(`Thing group ${missing} does not exist.`);
    }
    if (thing.billingGroup !== undefined && existing === undefined) {
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

function createOrUpdateThing({ things, groups, state }: RegistryParts, planned: PlannedThing): void {
  const existing = state.things.get(planned.thingName);
  if (existing === undefined) {
    things.create(planned.thingName, planned.thingTypeName, planned.attributes ?? {});
    for (const group of planned.groups) groups.add(group, planned.thingName);
    return;
  }
  const { groups: groupsOverride } = planned.override;
  if (groupsOverride === 'REPLACE') {
    for (const { key } of groups.groupsOf(planned.thingName)) groups.removeThing(key, planned.thingName);
  }
  if (groupsOverride !== 'DO_NOTHING') {
    for (const group of planned.groups) groups.add(group, planned.thingName);
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

async function obtainCertificate(
  { certificates, cas, state }: RegistryParts,
  { source }: PlannedCertificate,
): Promise<CertificateRecord> {
  if ('id' in source) return certificates.find(source.id);
  if ('csr' in source) return certificates.createFromCsr(source.csr, 'PENDING_ACTIVATION');
  const parsed = parseCertificate(source.pem);
  const existing = state.certificates.get(parsed.certificateId);
  if (existing !== undefined) return existing;
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

/** The template sets the status of a new certificate. That of one in use changes only without DO_NOTHING. */
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
