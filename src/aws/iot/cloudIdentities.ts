import type { Retrying } from '../../core/retry.ts';
import type { Connection } from '../connection.ts';
import { findCas, type CloudCa } from './caCertificates.ts';
import { findCertificate, policiesOf, thingsOf, type CloudCertificate } from './certificates.ts';
import { findPolicy, type CloudPolicy } from './policies.ts';
import { deleteCertificate, type RetiringCertificate } from './retireCertificate.ts';
import { findTemplate, type CloudTemplate } from './templates.ts';
import { deleteThing, detachThing, findThing, principalsOf, type CloudThing } from './things.ts';

/**
 * The calls of this room with their connection, as an interface, so that the tests of the work above can stand in for
 * AWS IoT. Reading gives undefined for what does not exist; removing gives false for it.
 */
export interface CloudIdentities {
  thing(name: string, signal: AbortSignal): Promise<CloudThing | undefined>;
  template(name: string, signal: AbortSignal): Promise<CloudTemplate | undefined>;
  policy(name: string, signal: AbortSignal): Promise<CloudPolicy | undefined>;
  certificate(id: string, signal: AbortSignal): Promise<CloudCertificate | undefined>;
  /** The CAs that are registered, as many as anybody looks through. */
  cas(signal: AbortSignal): Promise<CloudCa[]>;
  /** ARNs of what is attached to a thing: certificates, mostly. */
  principalsOf(thingName: string, signal: AbortSignal): Promise<string[]>;
  thingsOf(certificateArn: string, signal: AbortSignal): Promise<string[]>;
  policiesOf(certificateArn: string, signal: AbortSignal): Promise<string[]>;
  detachThing(thingName: string, certificateArn: string, signal: AbortSignal): Promise<boolean>;
  deleteCertificate(certificate: RetiringCertificate, work: Retrying): Promise<boolean>;
  deleteThing(name: string, work: Retrying): Promise<boolean>;
}

export function createCloudIdentities(connection: Connection): CloudIdentities {
  return {
    thing: (name, signal) => findThing(connection, name, signal),
    template: (name, signal) => findTemplate(connection, name, signal),
    policy: (name, signal) => findPolicy(connection, name, signal),
    certificate: (id, signal) => findCertificate(connection, id, signal),
    cas: (signal) => findCas(connection, signal),
    principalsOf: async (thingName, signal) => (await principalsOf(connection, thingName, signal)) ?? [],
    thingsOf: (arn, signal) => thingsOf(connection, arn, signal),
    policiesOf: (arn, signal) => policiesOf(connection, arn, signal),
    detachThing: (thingName, arn, signal) => detachThing(connection, thingName, arn, signal),
    deleteCertificate: (certificate, work) => deleteCertificate(connection, certificate, work),
    deleteThing: (name, work) => deleteThing(connection, name, work),
  };
}
