import {
  DeleteCACertificateCommand,
  DescribeCACertificateCommand,
  GetRegistrationCodeCommand,
  paginateListCACertificates,
  paginateListCertificatesByCA,
  RegisterCACertificateCommand,
  type RegistrationConfig,
  UpdateCACertificateCommand,
} from '@aws-sdk/client-iot';
import { defined } from '../../core/defined.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import { calling, unlessMissing } from '../calls.ts';
import type { Connection } from '../connection.ts';

/** A CA certificate that is registered in AWS IoT. */
export interface CloudCa {
  /** SHA-256 of the DER in lower-case hex. */
  id: string;
  arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  /** Whether certificates of this CA register themselves at their first connect. */
  autoRegistration: boolean;
  /** `DEFAULT`: the account has proved to hold its key; only then devices register themselves. `SNI_ONLY`: it has not. */
  mode: 'DEFAULT' | 'SNI_ONLY';
  notAfter: Date | undefined;
  /** Of its JITP template, by name or as text; both undefined without one. */
  templateName: string | undefined;
  templateBody: string | undefined;
  roleArn: string | undefined;
}

/** What the verification certificate of a CA must be named. Source: AWS IoT API Reference, GetRegistrationCode. */
export async function registrationCode(connection: Connection, signal: AbortSignal): Promise<string> {
  const iot = await connection.iot();
  const answer = await calling(l10n.t('asking for the registration code'), () =>
    iot.send(new GetRegistrationCodeCommand({}), { abortSignal: signal }),
  );
  return expectField(answer, 'registrationCode', 'GetRegistrationCode');
}

/** Undefined if this account and region do not know the CA. */
export async function findCa(
  connection: Connection,
  id: string,
  signal: AbortSignal,
): Promise<CloudCa | undefined> {
  const iot = await connection.iot();
  const call = 'DescribeCACertificate';
  const answer = await unlessMissing(l10n.t('reading CA certificate {id}', { id }), () =>
    iot.send(new DescribeCACertificateCommand({ certificateId: id }), { abortSignal: signal }),
  );
  if (answer === undefined) return undefined;
  const found = expectField(answer, 'certificateDescription', call);
  const config = answer.registrationConfig;
  return {
    id,
    arn: expectField(found, 'certificateArn', call),
    status: expectField(found, 'status', call),
    autoRegistration: found.autoRegistrationStatus === 'ENABLE',
    mode: found.certificateMode ?? 'DEFAULT',
    notAfter: found.validity?.notAfter,
    templateName: config?.templateName,
    templateBody: config?.templateBody,
    roleArn: config?.roleArn,
  };
}

/** Ids of all CA certificates of the account and region, a page at a time. */
export async function* listCas(connection: Connection, signal: AbortSignal): AsyncGenerator<string> {
  const client = await connection.iot();
  const doing = l10n.t('listing the CA certificates');
  const pages = paginateListCACertificates({ client }, {}, { abortSignal: signal });
  const ending = endingPages(pages, doing, ({ nextMarker: next, certificates: items }) => ({ next, items }));
  for await (const { certificates = [] } of ending) {
    for (const each of certificates) yield expectField(each, 'certificateId', 'ListCACertificates');
  }
}

/** More than an account may have of one subject; nobody looks through more. */
const MOST_CAS = 50;

/** The CA certificates of the account and region; of many, the first. */
export async function findCas(connection: Connection, signal: AbortSignal): Promise<CloudCa[]> {
  const cas: CloudCa[] = [];
  for await (const id of listCas(connection, signal)) {
    if (cas.length === MOST_CAS) break;
    const found = await findCa(connection, id, signal);
    if (found !== undefined) cas.push(found);
  }
  return cas;
}

/** How a CA is registered. */
export interface CaRegistration {
  caPem: string;
  /** Proves that the key is held, signed by the CA; undefined in mode `SNI_ONLY`. */
  verificationPem: string | undefined;
  autoRegistration: boolean;
  /** The JITP template of its devices; undefined for just-in-time registration, and for none. */
  registrationConfig?: RegistrationConfig | undefined;
}

/** Registers a CA certificate, switched on. Returns its id. */
export async function registerCa(
  connection: Connection,
  { caPem, verificationPem, autoRegistration, registrationConfig }: CaRegistration,
  signal: AbortSignal,
): Promise<string> {
  const iot = await connection.iot();
  const command = new RegisterCACertificateCommand({
    caCertificate: caPem,
    setAsActive: true,
    allowAutoRegistration: autoRegistration,
    certificateMode: verificationPem === undefined ? 'SNI_ONLY' : 'DEFAULT',
    ...defined({ verificationCertificate: verificationPem, registrationConfig }),
  });
  // Bare: its caller tells "there already" from failures.
  const answer = await iot.send(command, { abortSignal: signal });
  return expectField(answer, 'certificateId', 'RegisterCACertificate');
}

export interface CaChange {
  status?: CloudCa['status'];
  autoRegistration?: boolean;
  registrationConfig?: RegistrationConfig;
}

export async function updateCa(
  connection: Connection,
  id: string,
  { status, autoRegistration, registrationConfig }: CaChange,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  const switched = autoRegistration === true ? ('ENABLE' as const) : ('DISABLE' as const);
  const newAutoRegistrationStatus = autoRegistration === undefined ? undefined : switched;
  const command = new UpdateCACertificateCommand({
    certificateId: id,
    ...defined({ newStatus: status, newAutoRegistrationStatus, registrationConfig }),
  });
  await calling(l10n.t('changing CA certificate {id}', { id }), () =>
    iot.send(command, { abortSignal: signal }),
  );
}

/** False if it was gone already. It has to be INACTIVE. */
export async function deleteCa(connection: Connection, id: string, signal: AbortSignal): Promise<boolean> {
  const iot = await connection.iot();
  const answer = await unlessMissing(l10n.t('deleting CA certificate {id}', { id }), () =>
    iot.send(new DeleteCACertificateCommand({ certificateId: id }), { abortSignal: signal }),
  );
  return answer !== undefined;
}

/** A device certificate, as a list shows it. */
export interface ListedCertificate {
  id: string;
  arn: string;
  status: string;
}

/** The device certificates that a CA signed, as far as they are registered. */
export async function* certificatesOfCa(
  connection: Connection,
  caId: string,
  signal: AbortSignal,
): AsyncGenerator<ListedCertificate> {
  const client = await connection.iot();
  const call = 'ListCertificatesByCA';
  const doing = l10n.t('listing the certificates of CA {id}', { id: caId });
  const pages = paginateListCertificatesByCA({ client }, { caCertificateId: caId }, { abortSignal: signal });
  const ending = endingPages(
    pages,
    doing,
    ({ nextMarker: next, certificates: items }) => ({ next, items }),
    MOST_CERTIFICATE_PAGES,
  );
  for await (const { certificates = [] } of ending) {
    for (const each of certificates) {
      yield {
        id: expectField(each, 'certificateId', call),
        arn: expectField(each, 'certificateArn', call),
        status: expectField(each, 'status', call),
      };
    }
  }
}

/** A factory's CA may have signed a million; a page has 25 of them, unless the service gives more. */
const MOST_CERTIFICATE_PAGES = 100_000;
