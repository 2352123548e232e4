import {
  type CertificateStatus,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  paginateListAttachedPolicies,
  paginateListPrincipalThings,
  paginateListThingPrincipals,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { Connection } from '../aws/connection.ts';
import { calling, unlessMissing } from './awsCalls.ts';

/** A certificate as AWS IoT knows it, and what hangs on it. */
export interface CloudCertificate {
  certificateId: string;
  certificateArn: string;
  status: CertificateStatus | 'UNKNOWN';
  notAfter: Date | undefined;
  things: string[];
  policies: string[];
}

/** What AWS IoT says of a certificate; undefined if this account and region do not know it. */
export async function describeCertificate(
  connection: Connection,
  certificateId: string,
  signal: AbortSignal,
): Promise<CloudCertificate | undefined> {
  const client = await connection.iot();
  const abort = { abortSignal: signal };
  return unlessMissing(`reading certificate ${certificateId}`, async () => {
    const { certificateDescription: found } = await client.send(
      new DescribeCertificateCommand({ certificateId }),
      abort,
    );
    const certificateArn = found?.certificateArn ?? '';
    const things: string[] = [];
    for await (const page of paginateListPrincipalThings({ client }, { principal: certificateArn }, abort)) {
      things.push(...(page.things ?? []));
    }
    const policies: string[] = [];
    for await (const page of paginateListAttachedPolicies({ client }, { target: certificateArn }, abort)) {
      policies.push(...(page.policies ?? []).flatMap(({ policyName }) => policyName ?? []));
    }
    return {
      certificateId,
      certificateArn,
      status: found?.status ?? 'UNKNOWN',
      notAfter: found?.validity?.notAfter,
      things,
      policies,
    };
  });
}

/** Ids of ACTIVE certificates that are attached to a thing besides the given one. */
export async function otherActiveCertificates(
  connection: Connection,
  thingName: string,
  certificateArn: string,
  signal: AbortSignal,
): Promise<string[]> {
  const client = await connection.iot();
  const abort = { abortSignal: signal };
  const ids: string[] = [];
  await calling(`listing what is attached to thing ${thingName}`, async () => {
    for await (const { principals = [] } of paginateListThingPrincipals({ client }, { thingName }, abort)) {
      for (const arn of principals) {
        const certificateId = /:cert\/([0-9a-f]{64})$/.exec(arn)?.[1];
        if (certificateId === undefined || arn === certificateArn) continue;
        const { certificateDescription } = await client.send(
          new DescribeCertificateCommand({ certificateId }),
          abort,
        );
        if (certificateDescription?.status === 'ACTIVE') ids.push(certificateId);
      }
    }
  });
  return ids;
}

/**
 * Takes a certificate out of service: INACTIVE first, which ends its connections; then, if `remove`, detached from
 * its policies and things and deleted, for good. Only these calls: the Connected Device Framework's own removal would
 * take policies with it that other vehicles live on. A certificate that is gone already is fine.
 */
export async function retireCertificate(
  connection: Connection,
  certificateId: string,
  options: { remove: boolean },
  signal: AbortSignal,
): Promise<void> {
  const certificate = await describeCertificate(connection, certificateId, signal);
  if (certificate === undefined) return;
  const iot = await connection.iot();
  const abort = { abortSignal: signal };
  const { certificateArn, things, policies } = certificate;
  // A pending certificate never was in service and may be deleted as it is.
  if (certificate.status !== 'INACTIVE' && certificate.status !== 'PENDING_ACTIVATION') {
    await unlessMissing(`deactivating certificate ${certificateId}`, () =>
      iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }), abort),
    );
  }
  if (!options.remove) return;
  for (const policyName of policies) {
    await unlessMissing(`detaching policy ${policyName}`, () =>
      iot.send(new DetachPolicyCommand({ policyName, target: certificateArn }), abort),
    );
  }
  for (const thingName of things) {
    await unlessMissing(`detaching thing ${thingName}`, () =>
      iot.send(new DetachThingPrincipalCommand({ thingName, principal: certificateArn }), abort),
    );
  }
  await unlessMissing(`deleting certificate ${certificateId}`, () =>
    iot.send(new DeleteCertificateCommand({ certificateId }), abort),
  );
}

/** Makes a certificate ACTIVE. */
export async function activateCertificate(
  connection: Connection,
  certificateId: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(`activating certificate ${certificateId}`, () =>
    iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }), { abortSignal: signal }),
  );
}
