import * as z from 'zod';
import { AwsError } from '../../../kernel/http.ts';
import type { CertificateStatus } from '../contract.ts';
import type { CaCertificates } from '../registry/caCertificates.ts';
import type { Certificates } from '../registry/certificates.ts';
import type { CertificateRecord } from '../registry/records.ts';
import type { IotState } from '../registry/state.ts';
import { parseCertificate, validityOf } from '../registry/x509.ts';
import { invalidRequest } from '../wire/errors.ts';
import {
  certificateId,
  DEFAULT_PAGE,
  markerPaging,
  pem,
  queryFlag,
  registeredStatus,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';

export function certificateOperations(
  state: IotState,
  certificates: Certificates,
  cas: CaCertificates,
): Operation[] {
  const uri = { certificateId };
  const active = { setAsActive: queryFlag };
  const listed = { ...markerPaging, isAscendingOrder: queryFlag };

  const reference = ({
    certificateId: id,
  }: CertificateRecord): { certificateArn: string; certificateId: string } => ({
    certificateArn: state.arn('cert', id),
    certificateId: id,
  });

  function list(
    input: {
      marker?: string | undefined;
      pageSize?: number | undefined;
      isAscendingOrder?: boolean | undefined;
    },
    caCertificateId?: string,
  ): object {
    const { items, next } = page(certificates.list(caCertificateId), {
      token: input.marker,
      size: input.pageSize ?? DEFAULT_PAGE,
      descending: input.isAscendingOrder !== true,
    });
    const listedItems = items.map((each) => ({
      ...reference(each),
      status: each.status,
      certificateMode: each.mode,
      creationDate: seconds(each.createdAt),
    }));
    return { certificates: listedItems, nextMarker: next };
  }

  return [
    operation(
      'CreateKeysAndCertificate',
      'POST',
      '/keys-and-certificate',
      { query: active },
      async ({ setAsActive }) => {
        const { record, keys } = await certificates.createKeys(setAsActive === true ? 'ACTIVE' : 'INACTIVE');
        return {
          ...reference(record),
          certificatePem: record.certificatePem,
          keyPair: { PublicKey: keys.publicKeyPem, PrivateKey: keys.privateKeyPem },
        };
      },
    ),
    operation(
      'CreateCertificateFromCsr',
      'POST',
      '/certificates',
      { query: active, body: { certificateSigningRequest: z.string().min(1).max(4096) } },
      async ({ setAsActive, certificateSigningRequest }) => {
        const status = setAsActive === true ? 'ACTIVE' : 'INACTIVE';
        const record = await certificates.createFromCsr(certificateSigningRequest, status);
        return { ...reference(record), certificatePem: record.certificatePem };
      },
    ),
    operation('DescribeCertificate', 'GET', '/certificates/:certificateId', { uri }, (input) => {
      const record = certificates.find(input.certificateId);
      const { notBefore, notAfter } = validityOf(record.certificatePem);
      return {
        certificateDescription: {
          ...reference(record),
          caCertificateId: record.caCertificateId,
          status: record.status,
          certificatePem: record.certificatePem,
          ownedBy: state.context.config.accountId,
          creationDate: seconds(record.createdAt),
          lastModifiedDate: seconds(record.modifiedAt),
          customerVersion: record.customerVersion,
          transferData: {},
          generationId: record.generationId,
          validity: { notBefore: seconds(notBefore), notAfter: seconds(notAfter) },
          certificateMode: record.mode,
        },
      };
    }),
    operation('ListCertificates', 'GET', '/certificates', { query: listed }, (input) => list(input)),
    operation(
      'ListCertificatesByCA',
      'GET',
      '/certificates-by-ca/:caCertificateId',
      { uri: { caCertificateId: certificateId }, query: listed },
      (input) => list(input, input.caCertificateId),
    ),
    operation(
      'UpdateCertificate',
      'PUT',
      '/certificates/:certificateId',
      { uri, query: { newStatus: registeredStatus } },
      (input) => {
        certificates.update(input.certificateId, input.newStatus);
      },
    ),
    operation(
      'DeleteCertificate',
      'DELETE',
      '/certificates/:certificateId',
      { uri, query: { forceDelete: queryFlag } },
      (input) => {
        certificates.remove(input.certificateId, input.forceDelete === true);
      },
    ),
    operation(
      'RegisterCertificate',
      'POST',
      '/certificate/register',
      {
        query: active,
        body: { certificatePem: pem, caCertificatePem: pem.optional(), status: registeredStatus.optional() },
      },
      (input) => {
        const status = statusOf(input.setAsActive === true ? 'ACTIVE' : undefined, input.status);
        const { certificateId: id, certificatePem, x509 } = parseCertificate(input.certificatePem);
        const ca = cas.signerOf({ certificateId: id, certificatePem, x509 }, input.caCertificatePem);
        const created = {
          certificateId: id,
          certificatePem,
          status,
          mode: ca.mode,
          caCertificateId: ca.certificateId,
        };
        return reference(certificates.register(created));
      },
    ),
    operation(
      'RegisterCertificateWithoutCA',
      'POST',
      '/certificate/register-no-ca',
      { body: { certificatePem: pem, status: registeredStatus.optional() } },
      (input) => {
        const status = statusOf(undefined, input.status);
        const { certificateId: id, certificatePem } = parseCertificate(input.certificatePem);
        return reference(
          certificates.register({ certificateId: id, certificatePem, status, mode: 'SNI_ONLY' }),
        );
      },
    ),
  ];
}

/** The status a certificate is registered with. Default: INACTIVE. Throws if flag and member contradict each other. */
function statusOf(
  fromFlag: CertificateStatus | undefined,
  requested: CertificateStatus | undefined,
): CertificateStatus {
  if (fromFlag !== undefined && requested !== undefined && fromFlag !== requested) {
    throw invalidRequest('setAsActive and status contradict each other.');
  }
  const status = requested ?? fromFlag ?? 'INACTIVE';
  if (status === 'PENDING_ACTIVATION') {
    throw new AwsError(
      'CertificateStateException',
      'Not allowed to register certificate with PENDING_ACTIVATION status',
      406,
    );
  }
  if (status === 'ACTIVE' || status === 'INACTIVE' || status === 'REVOKED') return status;
  throw invalidRequest(`A certificate can not be registered with the status ${status}.`);
}
