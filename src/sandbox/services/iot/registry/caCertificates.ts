import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../../../kernel/http.ts';
import { parseStoredTemplate } from '../provisioning/template.ts';
import {
  certificateInvalid,
  certificateState,
  invalidRequest,
  notFound,
  alreadyExists,
} from '../wire/errors.ts';
import { defined } from '../../../kit/defined.ts';
import type { CaRecord, CertificateMode, RegistrationConfig } from './records.ts';
import type { IotState } from './state.ts';
import { checkRole, type Templates } from './templates.ts';
import { commonNameOf, isSignedBy, parseCertificate, type ParsedCertificate } from './x509.ts';

export interface NewCa {
  caCertificate: string;
  verificationCertificate: string | undefined;
  active: boolean;
  autoRegistration: boolean;
  registrationConfig: RegistrationConfig | undefined;
  mode: CertificateMode;
}

export interface CaChange {
  newStatus?: CaRecord['status'] | undefined;
  newAutoRegistrationStatus?: CaRecord['autoRegistration'] | undefined;
  registrationConfig?: RegistrationConfig | undefined;
  removeAutoRegistration?: boolean | undefined;
}

export interface CaCertificates {
  /** Stays the same until it is deleted. */
  registrationCode(): string;
  /** Invalidates the current code. */
  deleteRegistrationCode(): void;
  register(ca: NewCa): CaRecord;
  find(certificateId: string): CaRecord;
  list(templateName?: string): Iterable<CaRecord>;
  update(certificateId: string, change: CaChange): void;
  remove(certificateId: string): void;
  /** The body of the template for provisioning devices with certificates of this CA. */
  templateBodyOf(ca: CaRecord): string | undefined;
  /** The ACTIVE registered CA that signed a certificate. `caPem` selects one of several with the same name and key. */
  signerOf(certificate: ParsedCertificate, caPem: string | undefined): CaRecord;
}

export function createCaCertificates(state: IotState, templates: Templates): CaCertificates {
  const { cas } = state;

  function find(certificateId: string): CaRecord {
    const found = cas.get(certificateId);
    if (found === undefined) throw notFound(`CA certificate ${certificateId} not found`);
    return found;
  }

  function registrationCode(): string {
    const existing = state.account().registrationCode;
    if (existing !== undefined) return existing;
    const created = newCode();
    state.setAccount({ registrationCode: created });
    return created;
  }

  function checkConfig(config: RegistrationConfig | undefined): RegistrationConfig | undefined {
    if (config === undefined) return undefined;
    const { templateBody, templateName, roleArn } = config;
    if (templateBody !== undefined && templateName !== undefined) {
      throw invalidRequest('A registration configuration has templateBody or templateName, not both.');
    }
    if (templateName !== undefined) {
      if (templates.find(templateName).type !== 'JITP') {
        throw invalidRequest(`The template ${templateName} is not of type JITP.`);
      }
    } else if (templateBody !== undefined) {
      parseStoredTemplate(templateBody);
      if (roleArn === undefined) throw invalidRequest('A registration template needs a roleArn.');
    }
    if (roleArn !== undefined) checkRole(roleArn);
    return config;
  }

  function checkVerification(ca: ParsedCertificate, pem: string): void {
    const verification = parseCertificate(pem, 'The verification certificate');
    if (commonNameOf(verification.certificatePem) !== registrationCode()) {
      throw new AwsError(
        'RegistrationCodeValidationException',
        "The common name of the verification certificate is not the account's registration code.",
        400,
      );
    }
    if (!isSignedBy(verification.x509, ca.x509)) {
      throw certificateInvalid('The verification certificate is not signed by the CA certificate.');
    }
  }

  return {
    find,
    registrationCode,
    deleteRegistrationCode() {
      state.setAccount({ registrationCode: newCode() });
    },
    register({ caCertificate, verificationCertificate, registrationConfig, ...ca }) {
      const parsed = parseCertificate(caCertificate, 'The CA certificate');
      const { certificateId, certificatePem, x509 } = parsed;
      if (!x509.ca)
        throw certificateInvalid('The CA certificate does not have the basic constraint CA:TRUE.');
      if (Date.parse(x509.validTo) <= state.now())
        throw certificateInvalid('The CA certificate has expired.');
      if (ca.mode === 'SNI_ONLY' && verificationCertificate !== undefined) {
        throw invalidRequest('In SNI_ONLY mode the verification certificate must be empty.');
      }
      if (ca.mode === 'DEFAULT') {
        if (verificationCertificate === undefined) {
          throw invalidRequest('In DEFAULT mode the verification certificate must not be empty.');
        }
        checkVerification(parsed, verificationCertificate);
      }
      const config = checkConfig(registrationConfig);
      if (cas.has(certificateId)) {
        throw alreadyExists(
          'The CA certificate is already registered.',
          certificateId,
          state.arn('cacert', certificateId),
        );
      }
      const now = state.now();
      const created: CaRecord = {
        certificateId,
        certificatePem,
        status: ca.active ? 'ACTIVE' : 'INACTIVE',
        autoRegistration: ca.autoRegistration ? 'ENABLE' : 'DISABLE',
        mode: ca.mode,
        ...defined({ registrationConfig: config }),
        createdAt: now,
        modifiedAt: now,
        customerVersion: 1,
        generationId: randomUUID(),
        sequence: state.next(),
      };
      cas.set(certificateId, created);
      return created;
    },
    *list(templateName) {
      for (const ca of cas.values()) {
        if (templateName === undefined || ca.registrationConfig?.templateName === templateName) yield ca;
      }
    },
    update(certificateId, change) {
      const { registrationConfig: configBefore, ...ca } = find(certificateId);
      const config =
        change.removeAutoRegistration === true
          ? undefined
          : (checkConfig(change.registrationConfig) ?? configBefore);
      cas.set(certificateId, {
        ...ca,
        status: change.newStatus ?? ca.status,
        autoRegistration:
          change.removeAutoRegistration === true
            ? 'DISABLE'
            : (change.newAutoRegistrationStatus ?? ca.autoRegistration),
        ...defined({ registrationConfig: config }),
        modifiedAt: state.now(),
        customerVersion: ca.customerVersion + 1,
      });
    },
    remove(certificateId) {
      if (find(certificateId).status === 'ACTIVE') {
        throw certificateState('A CA certificate must be INACTIVE before it is deleted.', certificateId);
      }
      cas.delete(certificateId);
    },
    templateBodyOf({ registrationConfig }) {
      if (registrationConfig?.templateName === undefined) return registrationConfig?.templateBody;
      const template = templates.find(registrationConfig.templateName);
      return template.enabled ? templates.bodyOf(template) : undefined;
    },
    signerOf(certificate, caPem) {
      const wanted =
        caPem === undefined ? undefined : parseCertificate(caPem, 'The CA certificate').certificateId;
      const signers = [...cas.values()].filter(
        (ca) =>
          (wanted === undefined || ca.certificateId === wanted) &&
          isSignedBy(certificate.x509, parseCertificate(ca.certificatePem).x509),
      );
      const [signer] = signers;
      if (signer === undefined) {
        throw certificateInvalid(
          'The certificate is not signed by a CA certificate registered in this account.',
        );
      }
      if (signers.length > 1) {
        throw new AwsError(
          'CertificateConflictException',
          'Several registered CA certificates could have signed the certificate: name one in caCertificatePem.',
          409,
        );
      }
      if (signer.status !== 'ACTIVE') {
        throw certificateState('The CA certificate must be ACTIVE.', signer.certificateId);
      }
      return signer;
    },
  };
}

function newCode(): string {
  return randomBytes(32).toString('hex');
}
