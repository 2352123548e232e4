import { X509Certificate } from 'node:crypto';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  DescribeCertificateCommand,
  type IoTClient,
  paginateListAttachedPolicies,
  paginateListPrincipalThings,
  RegisterCertificateWithoutCACommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { defined } from '../../core/defined.ts';
import { endingPages } from '../../core/pages.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import { calling, unlessMissing } from '../calls.ts';
import type { IotAccess } from '../connection.ts';
import { principalsOf } from './things.ts';

/** A certificate as AWS IoT knows it. */
export interface CloudCertificate {
  id: string;
  arn: string;
  /** `ACTIVE`, `INACTIVE`, `REVOKED`, `PENDING_ACTIVATION`, … */
  status: string;
  notAfter: Date | undefined;
  /** Whether its status is the one it was registered with. */
  isUnchanged?: boolean | undefined;
  /** The common name of the subject that AWS IoT, or the CA that signed it, vouches for. */
  commonName?: string | undefined;
  /** The certificate itself. */
  pem?: string | undefined;
  /** The registered CA that signed it. */
  caId?: string | undefined;
}

/** With the names of the things and policies that are attached to it. */
export interface AttachedCertificate extends CloudCertificate {
  things: string[];
  policies: string[];
}

/** The id in the ARN of a certificate; undefined for any other principal. */
export function certificateIdOf(principalArn: string): string | undefined {
  return /:cert\/([0-9a-f]{64})$/.exec(principalArn)?.[1];
}

/** Undefined if this account and region do not know the certificate. */
export async function findCertificate(
  connection: IotAccess,
  certificateId: string,
  signal: AbortSignal,
): Promise<CloudCertificate | undefined> {
  const client = await connection.iot();
  return unlessMissing(reading(certificateId), () => describe(client, certificateId, signal));
}

/** The certificate and what is attached to it; undefined if this account and region do not know it. */
export async function findAttachedCertificate(
  connection: IotAccess,
  certificateId: string,
  signal: AbortSignal,
): Promise<AttachedCertificate | undefined> {
  const client = await connection.iot();
  return unlessMissing(reading(certificateId), async () => {
    const certificate = await describe(client, certificateId, signal);
    const things = await listThings(client, certificate.arn, signal);
    const policies = await listPolicies(client, certificate.arn, signal);
    return { ...certificate, things, policies };
  });
}

/** Names of the things that a certificate is attached to. */
export async function thingsOf(
  connection: IotAccess,
  certificateArn: string,
  signal: AbortSignal,
): Promise<string[]> {
  const client = await connection.iot();
  const doing = l10n.t('listing the things of a certificate');
  return (await unlessMissing(doing, () => listThings(client, certificateArn, signal))) ?? [];
}

/** Names of the policies that are attached to a certificate. */
export async function policiesOf(
  connection: IotAccess,
  certificateArn: string,
  signal: AbortSignal,
): Promise<string[]> {
  const client = await connection.iot();
  const doing = l10n.t('listing the policies of a certificate');
  return (await unlessMissing(doing, () => listPolicies(client, certificateArn, signal))) ?? [];
}

/** Ids of the ACTIVE certificates of a thing, except the given one, if any. */
export async function otherActiveCertificates(
  connection: IotAccess,
  thingName: string,
  certificateArn: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const ids: string[] = [];
  for (const arn of (await principalsOf(connection, thingName, signal)) ?? []) {
    const id = certificateIdOf(arn);
    if (id === undefined || arn === certificateArn) continue;
    if ((await findCertificate(connection, id, signal))?.status === 'ACTIVE') ids.push(id);
  }
  return ids;
}

export async function activateCertificate(
  connection: IotAccess,
  certificateId: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(l10n.t('activating certificate {id}', { id: certificateId }), () =>
    iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }), { abortSignal: signal }),
  );
}

/** Makes a certificate known whose CA is not, switched off. Bare: its caller tells "there already" from failures. */
export async function registerWithoutCa(
  connection: IotAccess,
  certificatePem: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  const command = new RegisterCertificateWithoutCACommand({ certificatePem, status: 'INACTIVE' });
  await iot.send(command, { abortSignal: signal });
}

/** Takes a certificate out of service and says why: it was never to be trusted. */
export async function revokeCertificate(
  connection: IotAccess,
  certificateId: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(l10n.t('revoking certificate {id}', { id: certificateId }), () =>
    iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }), { abortSignal: signal }),
  );
}

/** Gives a certificate its policy, and then the thing that it may speak for. */
export async function attachCertificate(
  connection: IotAccess,
  { certificateId, thingName, policyName }: { certificateId: string; thingName: string; policyName: string },
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(l10n.t('attaching the certificate to thing {name}', { name: thingName }), async () => {
    const { arn } = await describe(iot, certificateId, signal);
    await iot.send(new AttachPolicyCommand({ policyName, target: arn }), { abortSignal: signal });
    await iot.send(new AttachThingPrincipalCommand({ thingName, principal: arn }), { abortSignal: signal });
  });
}

/** Lets a certificate do what a policy allows. */
export async function attachPolicy(
  connection: IotAccess,
  { policyName, arn }: { policyName: string; arn: string },
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(l10n.t('attaching policy {name} to the certificate', { name: policyName }), () =>
    iot.send(new AttachPolicyCommand({ policyName, target: arn }), { abortSignal: signal }),
  );
}

/** Lets a certificate speak for a thing. */
export async function attachThing(
  connection: IotAccess,
  { thingName, arn }: { thingName: string; arn: string },
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(l10n.t('attaching the certificate to thing {name}', { name: thingName }), () =>
    iot.send(new AttachThingPrincipalCommand({ thingName, principal: arn }), { abortSignal: signal }),
  );
}

const reading = (id: string) => l10n.t('reading certificate {id}', { id });

async function describe(
  client: IoTClient,
  certificateId: string,
  abortSignal: AbortSignal,
): Promise<CloudCertificate> {
  const call = 'DescribeCertificate';
  const answer = await client.send(new DescribeCertificateCommand({ certificateId }), { abortSignal });
  const found = expectField(answer, 'certificateDescription', call);
  return {
    id: certificateId,
    arn: expectField(found, 'certificateArn', call),
    status: expectField(found, 'status', call),
    notAfter: found.validity?.notAfter,
    isUnchanged:
      found.creationDate !== undefined && found.creationDate.getTime() === found.lastModifiedDate?.getTime(),
    ...defined({
      commonName: commonNameIn(found.certificatePem),
      pem: found.certificatePem,
      caId: found.caCertificateId,
    }),
  };
}

/** Undefined for a certificate that cannot be read, and for one with several names: then none counts. */
function commonNameIn(pem: string | undefined): string | undefined {
  if (pem === undefined) return undefined;
  try {
    const name: unknown = new X509Certificate(pem).toLegacyObject().subject.CN;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

async function listThings(client: IoTClient, principal: string, abortSignal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  const pages = paginateListPrincipalThings({ client }, { principal }, { abortSignal });
  const doing = l10n.t('listing the things of a certificate');
  const ending = endingPages(pages, doing, ({ nextToken: next, things: items }) => ({ next, items }));
  for await (const { things = [] } of ending) names.push(...things);
  return names;
}

async function listPolicies(client: IoTClient, target: string, abortSignal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  const pages = paginateListAttachedPolicies({ client }, { target }, { abortSignal });
  const doing = l10n.t('listing the policies of a certificate');
  const ending = endingPages(pages, doing, ({ nextMarker: next, policies: items }) => ({ next, items }));
  for await (const { policies = [] } of ending) {
    names.push(...policies.map((policy) => expectField(policy, 'policyName', 'ListAttachedPolicies')));
  }
  return names;
}
