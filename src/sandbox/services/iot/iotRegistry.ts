import { AwsError } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import type { IotRegistry, RegisteredCertificate } from './contract.ts';
import { parseTemplate } from './provisioning/template.ts';
import { certificateInvalid } from './wire/errors.ts';
import type { RegistryParts } from './registerThing.ts';
import type { Claims } from './registry/claims.ts';
import type { CaRecord, CertificateRecord, ClaimRecord } from './registry/records.ts';
import type { Templates } from './registry/templates.ts';
import { groupArnsOf } from './registry/thingGroups.ts';
import { isSignedBy, parseCertificate, templateParametersOf } from './registry/x509.ts';

export interface AllParts extends RegistryParts {
  templates: Templates;
  claims: Claims;
  registerThing: IotRegistry['registerThing'];
}

/** The registry as the message broker and the CMS services see it. */
export function createRegistry(parts: AllParts): IotRegistry {
  const { state, certificates, claims, policies, cas, templates } = parts;
  const arnOf = (certificateId: string): string => state.arn('cert', certificateId);

  /** JITP: failures are only logged, as on AWS. */
  async function provision(
    ca: CaRecord,
    { certificateId, certificatePem }: CertificateRecord,
  ): Promise<void> {
    try {
      const body = cas.templateBodyOf(ca);
      if (body === undefined) return;
      const parameters = {
        ...templateParametersOf(certificatePem),
        'AWS::IoT::Certificate::Id': certificateId,
      };
      const missing = Object.keys(parseTemplate(body).Parameters).filter(
        (name) => !Object.hasOwn(parameters, name),
      );
      if (missing.length > 0) {
        throw new AwsError('InvalidRequestException', `the certificate has no ${missing.join(', ')}`);
      }
      await parts.registerThing(body, parameters);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      state.context.log(
        'warn',
        `JITP of certificate ${certificateId} failed: ${error.code}: ${error.message}`,
      );
    }
  }

  return {
    registerThing: parts.registerThing,
    certificate(certificateId) {
      const record = state.certificates.get(certificateId);
      if (record !== undefined) return registered(record, arnOf(certificateId));
      const claim = claims.find(certificateId);
      return claim === undefined ? undefined : registeredClaim(claim, arnOf(certificateId));
    },
    policyDocuments(certificateId) {
      if (state.certificates.has(certificateId)) {
        return policies.attachedTo(arnOf(certificateId)).map((policy) => policies.documentOf(policy));
      }
      const claim = claims.find(certificateId);
      return claim === undefined ? [] : [claims.documentOf(claim)];
    },
    groupPolicyDocuments: (thingName) =>
      groupArnsOf(state, thingName)
        .flatMap((arn) => policies.attachedTo(arn))
        .map((policy) => policies.documentOf(policy)),
    exclusiveThingOf: (certificateId) =>
      state.thingPrincipals.leftsOf(arnOf(certificateId)).find(({ type }) => type === 'EXCLUSIVE_THING')?.key,
    thingsOf: (certificateId) => state.thingPrincipals.leftsOf(arnOf(certificateId)).map(({ key }) => key),
    thing(thingName) {
      const thing = state.things.get(thingName);
      if (thing === undefined) return undefined;
      const { attributes, version, thingTypeName } = thing;
      return {
        thingName,
        thingArn: state.arn('thing', thingName),
        attributes,
        version,
        ...defined({ thingTypeName }),
      };
    },
    template(templateName) {
      const template = state.templates.get(templateName);
      if (template === undefined) return undefined;
      const { enabled, type, preProvisioningHook } = template;
      const templateArn = state.arn('provisioningtemplate', templateName);
      const hookArn = preProvisioningHook?.targetArn;
      const body = templates.bodyOf(template);
      return { templateName, templateArn, body, enabled, type, ...defined({ hookArn }) };
    },
    onCertificateChange: (listener) => state.onCertificateChange(listener),
    async createPendingCertificate(csrPem) {
      if (csrPem === undefined) {
        const { record, keys } = await certificates.createKeys('PENDING_ACTIVATION');
        const { certificateId, certificatePem } = record;
        return { certificateId, certificatePem, privateKeyPem: keys.privateKeyPem };
      }
      const { certificateId, certificatePem } = await certificates.createFromCsr(
        csrPem,
        'PENDING_ACTIVATION',
      );
      return { certificateId, certificatePem, privateKeyPem: undefined };
    },
    deleteCertificate: (certificateId) => certificates.discard(certificateId),
    caCertificates: () =>
      [...state.cas.values()]
        .filter((ca) => ca.status === 'ACTIVE')
        .map((ca) => ({
          caCertificateId: ca.certificateId,
          certificatePem: ca.certificatePem,
          autoRegistration: registersItself(ca),
          hasTemplate: ca.registrationConfig !== undefined,
        })),
    async autoRegister(certificatePem, caCertificateId) {
      const ca = cas.find(caCertificateId);
      const parsed = parseCertificate(certificatePem);
      const { certificateId } = parsed;
      const usable = ca.status === 'ACTIVE' && registersItself(ca);
      if (!usable || !isSignedBy(parsed.x509, parseCertificate(ca.certificatePem).x509)) {
        throw certificateInvalid('The certificate can not be registered automatically with this CA.');
      }
      const record =
        state.certificates.get(certificateId) ??
        certificates.register({
          certificateId,
          certificatePem: parsed.certificatePem,
          status: 'PENDING_ACTIVATION',
          mode: ca.mode,
          caCertificateId,
        });
      if (record.status === 'PENDING_ACTIVATION') await provision(ca, record);
      return registered(record, arnOf(certificateId));
    },
  };
}

/** Not in mode SNI_ONLY, whatever it says of auto-registration (measured on AWS, ministack 1755). */
function registersItself({ autoRegistration, mode }: CaRecord): boolean {
  return autoRegistration === 'ENABLE' && mode === 'DEFAULT';
}

function registered(record: CertificateRecord, certificateArn: string): RegisteredCertificate {
  const { certificateId, certificatePem, status, createdAt, caCertificateId } = record;
  return {
    certificateId,
    certificateArn,
    certificatePem,
    status,
    createdAt,
    ...defined({ caCertificateId }),
  };
}

function registeredClaim(claim: ClaimRecord, certificateArn: string): RegisteredCertificate {
  return {
    certificateId: claim.certificateId,
    certificateArn,
    certificatePem: claim.certificatePem,
    status: 'ACTIVE',
    createdAt: claim.createdAt,
    claimExpiresAt: claim.expiresAt,
    claimTemplate: claim.templateName,
  };
}
