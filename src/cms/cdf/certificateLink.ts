import type { Connection } from '../../aws/connection.ts';
import { isAwsError, toCmsError } from '../../aws/errors.ts';

/** How a certificate stands to a thing. */
export type Link = 'attached' | 'not-attached' | 'no-thing';

export async function linkOf(
  connection: Connection,
  thingName: string,
  certificateId: string,
  signal: AbortSignal,
): Promise<Link> {
  const { paginateListThingPrincipals } = await import('@aws-sdk/client-iot');
  const client = await connection.iot();
  try {
    const pages = paginateListThingPrincipals({ client }, { thingName }, { abortSignal: signal });
    for await (const page of pages) {
      if (page.principals?.some((arn) => arn.endsWith(`:cert/${certificateId}`))) return 'attached';
    }
    return 'not-attached';
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return 'no-thing';
    throw toCmsError(error, `reading the certificates of thing ${thingName}`);
  }
}

/** Does what the facade's register does for a certificate: attaches it to the thing, and the policy to it. */
export async function linkCertificate(
  connection: Connection,
  link: { thingName: string; certificateId: string; policyName: string },
  signal: AbortSignal,
): Promise<void> {
  const sdk = await import('@aws-sdk/client-iot');
  const client = await connection.iot();
  const options = { abortSignal: signal };
  try {
    const { certificateId } = link;
    const answer = await client.send(new sdk.DescribeCertificateCommand({ certificateId }), options);
    const arn = answer.certificateDescription?.certificateArn;
    await client.send(new sdk.AttachPolicyCommand({ policyName: link.policyName, target: arn }), options);
    await client.send(
      new sdk.AttachThingPrincipalCommand({ thingName: link.thingName, principal: arn }),
      options,
    );
  } catch (error) {
    throw toCmsError(error, `attaching the certificate to thing ${link.thingName}`);
  }
}
