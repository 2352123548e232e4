import {
  DeleteCertificateCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeProvisioningTemplateCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetPolicyCommand,
  type IoTClient,
  paginateListAttachedPolicies,
  paginateListPrincipalThings,
  paginateListThingPrincipals,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import type { Connection } from '../aws/connection.ts';
import { isAwsError, toCmsError } from '../aws/errors.ts';
import type { CloudIdentities } from './cloudIdentities.ts';

/** `CloudIdentities` over the AWS IoT control plane (AWS IoT API Reference). */
export function createCloudIdentities(connection: Connection): CloudIdentities {
  /** Runs a call; what is not there is `otherwise`, all else a CmsError that says what was tried. */
  async function call<T>(doing: string, otherwise: T, run: (client: IoTClient) => Promise<T>): Promise<T> {
    try {
      return await run(await connection.iot());
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return otherwise;
      throw toCmsError(error, doing);
    }
  }

  return {
    thing: (name, signal) =>
      call(`reading thing ${name}`, undefined, async (iot) => {
        const thing = await iot.send(new DescribeThingCommand({ thingName: name }), { abortSignal: signal });
        return { name, arn: thing.thingArn ?? '', type: thing.thingTypeName };
      }),

    template: (name, signal) =>
      call(`reading provisioning template ${name}`, undefined, async (iot) => {
        const command = new DescribeProvisioningTemplateCommand({ templateName: name });
        const template = await iot.send(command, { abortSignal: signal });
        return {
          enabled: template.enabled ?? false,
          body: template.templateBody ?? '',
          roleArn: template.provisioningRoleArn,
        };
      }),

    policyDocument: (name, signal) =>
      call(`reading policy ${name}`, undefined, async (iot) => {
        const policy = await iot.send(new GetPolicyCommand({ policyName: name }), { abortSignal: signal });
        return policy.policyDocument ?? '';
      }),

    certificate: (id, signal) =>
      call(`reading certificate ${id}`, undefined, async (iot) => {
        const command = new DescribeCertificateCommand({ certificateId: id });
        const found = (await iot.send(command, { abortSignal: signal })).certificateDescription;
        return {
          id,
          arn: found?.certificateArn ?? '',
          status: found?.status ?? 'UNKNOWN',
          notAfter: found?.validity?.notAfter,
        };
      }),

    principalsOf: (thingName, signal) =>
      call(`listing what is attached to thing ${thingName}`, [], async (client) => {
        const arns: string[] = [];
        const pages = paginateListThingPrincipals({ client }, { thingName }, { abortSignal: signal });
        for await (const page of pages) arns.push(...(page.principals ?? []));
        return arns;
      }),

    thingsOf: (principal, signal) =>
      call('listing the things of a certificate', [], async (client) => {
        const names: string[] = [];
        const pages = paginateListPrincipalThings({ client }, { principal }, { abortSignal: signal });
        for await (const page of pages) names.push(...(page.things ?? []));
        return names;
      }),

    policiesOf: (target, signal) =>
      call('listing the policies of a certificate', [], async (client) => {
        const names: string[] = [];
        const pages = paginateListAttachedPolicies({ client }, { target }, { abortSignal: signal });
        for await (const page of pages)
          names.push(...(page.policies ?? []).flatMap((p) => p.policyName ?? []));
        return names;
      }),

    detachThing: (thingName, principal, signal) =>
      call(`detaching a certificate from thing ${thingName}`, false, async (iot) => {
        await iot.send(new DetachThingPrincipalCommand({ thingName, principal }), { abortSignal: signal });
        return true;
      }),

    detachPolicy: (policyName, target, signal) =>
      call(`detaching policy ${policyName}`, false, async (iot) => {
        await iot.send(new DetachPolicyCommand({ policyName, target }), { abortSignal: signal });
        return true;
      }),

    deactivate: (certificateId, signal) =>
      call(`deactivating certificate ${certificateId}`, false, async (iot) => {
        const command = new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' });
        await iot.send(command, { abortSignal: signal });
        return true;
      }),

    deleteCertificate: (certificateId, signal) =>
      call(`deleting certificate ${certificateId}`, false, async (iot) => {
        await iot.send(new DeleteCertificateCommand({ certificateId }), { abortSignal: signal });
        return true;
      }),

    deleteThing: (thingName, signal) =>
      call(`deleting thing ${thingName}`, false, async (iot) => {
        // AWS answers a delete of a missing thing with success, so look first to say what was done.
        await iot.send(new DescribeThingCommand({ thingName }), { abortSignal: signal });
        await iot.send(new DeleteThingCommand({ thingName }), { abortSignal: signal });
        return true;
      }),
  };
}
