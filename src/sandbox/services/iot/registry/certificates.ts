import { randomUUID } from 'node:crypto';
import type { Authority } from '../../../authority/contract.ts';
import type { CertificateStatus } from '../contract.ts';
import { BadCsr } from '../../../authority/csr.ts';
import { certificateState, deleteConflict, invalidRequest, notFound, alreadyExists } from '../wire/errors.ts';
import type { CertificateMode, CertificateRecord } from './records.ts';
import type { IotState } from './state.ts';

export interface NewCertificate {
  certificateId: string;
  certificatePem: string;
  status: CertificateStatus;
  mode?: CertificateMode;
  caCertificateId?: string;
}

export interface Certificates {
  createKeys(status: CertificateStatus): Promise<{
    record: CertificateRecord;
    keys: { publicKeyPem: string; privateKeyPem: string };
  }>;
  /** Throws InvalidRequestException when the CSR is invalid. */
  createFromCsr(csrPem: string, status: CertificateStatus): Promise<CertificateRecord>;
  /** Throws ResourceAlreadyExistsException. */
  register(certificate: NewCertificate): CertificateRecord;
  find(certificateId: string): CertificateRecord;
  list(caCertificateId?: string): Iterable<CertificateRecord>;
  /** Sets a status that UpdateCertificate allows. */
  update(certificateId: string, status: CertificateStatus): void;
  /** Sets any status, for provisioning. */
  setStatus(certificateId: string, status: CertificateStatus): void;
  remove(certificateId: string, force: boolean): void;
  /** Removes it with all its attachments. For certificates that nobody claimed. */
  discard(certificateId: string): void;
}

export function createCertificates(state: IotState, authority: Authority): Certificates {
  const { certificates, thingPrincipals, policyTargets } = state;

  function find(certificateId: string): CertificateRecord {
    const found = certificates.get(certificateId);
    if (found === undefined) throw notFound(`Certificate ${certificateId} not found`);
    return found;
  }

  function register(certificate: NewCertificate): CertificateRecord {
    if (certificates.has(certificate.certificateId) || state.claims.has(certificate.certificateId)) {
      throw alreadyExists(
        'The certificate is already provisioned or registered',
        certificate.certificateId,
        state.arn('cert', certificate.certificateId),
      );
    }
    const now = state.now();
    const record: CertificateRecord = {
      mode: 'DEFAULT',
      ...certificate,
      createdAt: now,
      modifiedAt: now,
      customerVersion: 1,
      generationId: randomUUID(),
      sequence: state.next(),
    };
    certificates.set(certificate.certificateId, record);
    return record;
  }

  function setStatus(certificateId: string, status: CertificateStatus): void {
    const record = find(certificateId);
    if (record.status === status) return;
    certificates.set(certificateId, {
      ...record,
      status,
      modifiedAt: state.now(),
      customerVersion: record.customerVersion + 1,
    });
    state.changed(certificateId);
  }

  function detachPolicies(arn: string): void {
    for (const { key } of policyTargets.leftsOf(arn)) policyTargets.remove(key, arn);
  }

  return {
    find,
    register,
    setStatus,
    async createKeys(status) {
      const { certificateId, certificatePem, ...keys } = await authority.issueKeysAndCertificate();
      return { record: register({ certificateId, certificatePem, status }), keys };
    },
    async createFromCsr(csrPem, status) {
      const issued = await authority.issueFromCsr(csrPem).catch((error: unknown) => {
        throw error instanceof BadCsr ? invalidRequest(error.message) : error;
      });
      return register({ ...issued, status });
    },
    *list(caCertificateId) {
      for (const record of certificates.values()) {
        if (caCertificateId === undefined || record.caCertificateId === caCertificateId) yield record;
      }
    },
    update(certificateId, status) {
      const record = find(certificateId);
      if (
        status === 'PENDING_TRANSFER' ||
        status === 'PENDING_ACTIVATION' ||
        status === 'REGISTER_INACTIVE'
      ) {
        throw invalidRequest(`The status ${status} can not be set with UpdateCertificate.`);
      }
      if (record.status === 'REVOKED' && status !== 'REVOKED') {
        throw certificateState('A revoked certificate can not be used again.', certificateId);
      }
      setStatus(certificateId, status);
    },
    remove(certificateId, force) {
      const { status } = find(certificateId);
      const arn = state.arn('cert', certificateId);
      if (status === 'ACTIVE') {
        throw certificateState(
          'Certificate must be deactivated (not ACTIVE) before deletion.',
          certificateId,
        );
      }
      if (thingPrincipals.hasRight(arn)) {
        throw deleteConflict(`Things must be detached before deletion (arn: ${arn})`);
      }
      if (!force && policyTargets.hasRight(arn)) {
        throw deleteConflict(`Certificate policies must be detached before deletion (arn: ${arn})`);
      }
      detachPolicies(arn);
      certificates.delete(certificateId);
      state.changed(certificateId);
    },
    discard(certificateId) {
      if (!certificates.has(certificateId)) return;
      const arn = state.arn('cert', certificateId);
      for (const { key } of thingPrincipals.leftsOf(arn)) thingPrincipals.remove(key, arn);
      detachPolicies(arn);
      certificates.delete(certificateId);
      state.changed(certificateId);
    },
  };
}
