/**
 * Things, certificates, their links and provisioning templates as AWS IoT knows them. Reading gives undefined or
 * an empty list for what is not there; removing gives false for it. Throws CmsError.
 */
export interface CloudIdentities {
  thing(name: string, signal: AbortSignal): Promise<CloudThing | undefined>;
  template(name: string, signal: AbortSignal): Promise<CloudTemplate | undefined>;
  policyDocument(name: string, signal: AbortSignal): Promise<string | undefined>;
  certificate(id: string, signal: AbortSignal): Promise<CloudCertificate | undefined>;
  /** ARNs of what is attached to a thing: certificates, mostly. */
  principalsOf(thingName: string, signal: AbortSignal): Promise<string[]>;
  thingsOf(certificateArn: string, signal: AbortSignal): Promise<string[]>;
  policiesOf(certificateArn: string, signal: AbortSignal): Promise<string[]>;
  detachThing(thingName: string, certificateArn: string, signal: AbortSignal): Promise<boolean>;
  detachPolicy(policyName: string, certificateArn: string, signal: AbortSignal): Promise<boolean>;
  deactivate(certificateId: string, signal: AbortSignal): Promise<boolean>;
  /** Only an INACTIVE certificate with nothing attached can be deleted. */
  deleteCertificate(certificateId: string, signal: AbortSignal): Promise<boolean>;
  deleteThing(name: string, signal: AbortSignal): Promise<boolean>;
}

export interface CloudThing {
  name: string;
  arn: string;
  type: string | undefined;
}

export interface CloudCertificate {
  id: string;
  arn: string;
  /** `ACTIVE`, `INACTIVE`, `REVOKED`, `PENDING_ACTIVATION`, … */
  status: string;
  notAfter: Date | undefined;
}

export interface CloudTemplate {
  enabled: boolean;
  body: string;
  roleArn: string | undefined;
}

/** `<region>:<account>:cert/<id>` → the id; undefined for other principals. */
export function certificateIdOfArn(principalArn: string): string | undefined {
  return /:cert\/([0-9a-f]{64})$/.exec(principalArn)?.[1];
}
