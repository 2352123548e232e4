import * as z from 'zod';
import type { CaCertificates } from '../registry/caCertificates.ts';
import type { CaRecord } from '../registry/records.ts';
import type { IotState } from '../registry/state.ts';
import { validityOf } from '../registry/x509.ts';
import {
  certificateId,
  DEFAULT_PAGE,
  markerPaging,
  pem,
  queryFlag,
  roleArn,
  tags,
  templateBody,
  templateName,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';
import { defined } from '../../../kit/defined.ts';

const registrationConfig = z
  .object({
    templateBody: templateBody.optional(),
    roleArn: roleArn.optional(),
    templateName: templateName.optional(),
  })
  .transform((config) => ({
    ...defined({
      templateBody: config.templateBody,
      roleArn: config.roleArn,
      templateName: config.templateName,
    }),
  }));

export function caCertificateOperations(state: IotState, cas: CaCertificates): Operation[] {
  const uri = { certificateId };

  const reference = ({ certificateId: id }: CaRecord): object => ({
    certificateArn: state.arn('cacert', id),
    certificateId: id,
  });

  return [
    operation('GetRegistrationCode', 'GET', '/registrationcode', {}, () => ({
      registrationCode: cas.registrationCode(),
    })),
    operation('DeleteRegistrationCode', 'DELETE', '/registrationcode', {}, () => {
      cas.deleteRegistrationCode();
      return {};
    }),
    operation(
      'RegisterCACertificate',
      'POST',
      '/cacertificate',
      {
        query: { setAsActive: queryFlag, allowAutoRegistration: queryFlag },
        body: {
          caCertificate: pem,
          verificationCertificate: pem.optional(),
          registrationConfig: registrationConfig.optional(),
          certificateMode: z.enum(['DEFAULT', 'SNI_ONLY']).default('DEFAULT'),
          tags,
        },
      },
      (input) =>
        reference(
          cas.register({
            caCertificate: input.caCertificate,
            verificationCertificate: input.verificationCertificate,
            active: input.setAsActive === true,
            autoRegistration: input.allowAutoRegistration === true,
            registrationConfig: input.registrationConfig,
            mode: input.certificateMode,
          }),
        ),
    ),
    operation('DescribeCACertificate', 'GET', '/cacertificate/:certificateId', { uri }, (input) => {
      const ca = cas.find(input.certificateId);
      const { notBefore, notAfter } = validityOf(ca.certificatePem);
      return {
        certificateDescription: {
          ...reference(ca),
          status: ca.status,
          certificatePem: ca.certificatePem,
          ownedBy: state.context.config.accountId,
          creationDate: seconds(ca.createdAt),
          autoRegistrationStatus: ca.autoRegistration,
          lastModifiedDate: seconds(ca.modifiedAt),
          customerVersion: ca.customerVersion,
          generationId: ca.generationId,
          validity: { notBefore: seconds(notBefore), notAfter: seconds(notAfter) },
          certificateMode: ca.mode,
        },
        registrationConfig: ca.registrationConfig,
      };
    }),
    operation(
      'UpdateCACertificate',
      'PUT',
      '/cacertificate/:certificateId',
      {
        uri,
        query: {
          newStatus: z.enum(['ACTIVE', 'INACTIVE']).optional(),
          newAutoRegistrationStatus: z.enum(['ENABLE', 'DISABLE']).optional(),
        },
        body: {
          registrationConfig: registrationConfig.optional(),
          removeAutoRegistration: z.boolean().optional(),
        },
      },
      (input) => {
        cas.update(input.certificateId, input);
      },
    ),
    operation('DeleteCACertificate', 'DELETE', '/cacertificate/:certificateId', { uri }, (input) => {
      cas.remove(input.certificateId);
      return {};
    }),
    operation(
      'ListCACertificates',
      'GET',
      '/cacertificates',
      { query: { ...markerPaging, isAscendingOrder: queryFlag, templateName: templateName.optional() } },
      (input) => {
        const { items, next } = page(cas.list(input.templateName), {
          token: input.marker,
          size: input.pageSize ?? DEFAULT_PAGE,
          descending: input.isAscendingOrder !== true,
        });
        const certificates = items.map((ca) => ({
          ...reference(ca),
          status: ca.status,
          creationDate: seconds(ca.createdAt),
        }));
        return { certificates, nextMarker: next };
      },
    ),
  ];
}
