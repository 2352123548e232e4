export type CertificateStatus =
  'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_TRANSFER' | 'REGISTER_INACTIVE' | 'PENDING_ACTIVATION';

export interface RegisteredCertificate {
  certificateId: string;
  certificateArn: string;
  certificatePem: string;
  status: CertificateStatus;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Only for claims from CreateProvisioningClaim, which are not listed: when the claim expires. */
  claimExpiresAt?: number;
  /** The template a provisioning claim belongs to. */
  claimTemplate?: string;
  /** The registered CA that signed it; undefined for the sandbox's own CA. */
  caCertificateId?: string;
}

/** A CA certificate of the account (RegisterCACertificate) that is ACTIVE. */
export interface RegisteredCa {
  caCertificateId: string;
  certificatePem: string;
  /** Whether certificates it signed are registered when they first connect. */
  autoRegistration: boolean;
  /**
   * With a template (JITP) devices are provisioned automatically; without (JITR) the user must activate certificates.
   */
  hasTemplate: boolean;
}

export interface Thing {
  thingName: string;
  thingArn: string;
  thingTypeName?: string;
  attributes: Record<string, string>;
  version: number;
}

export interface ProvisioningTemplate {
  templateName: string;
  templateArn: string;
  body: string;
  enabled: boolean;
  type: 'FLEET_PROVISIONING' | 'JITP';
  /** ARN of the function of its pre-provisioning hook. */
  hookArn?: string;
}

export interface IotRegistry {
  certificate(certificateId: string): RegisteredCertificate | undefined;
  /** Documents of the default versions of the policies attached to a certificate. */
  policyDocuments(certificateId: string): string[];
  /** Documents of the policies that a thing has by its groups. They hold for a client that is named like it. */
  groupPolicyDocuments(thingName: string): string[];
  /** Names of things the certificate is attached to. */
  thingsOf(certificateId: string): string[];
  /** The thing that the certificate is attached to exclusively: its variables hold for any client id. */
  exclusiveThingOf(certificateId: string): string | undefined;
  thing(thingName: string): Thing | undefined;
  template(templateName: string): ProvisioningTemplate | undefined;
  /** Called when a certificate's status changes or it is deleted, or what is attached to it changes. */
  onCertificateChange(listener: (certificateId: string) => void): void;

  /** Creates a certificate as over MQTT: PENDING_ACTIVATION until RegisterThing activates it. */
  createPendingCertificate(csrPem?: string): Promise<{
    certificateId: string;
    certificatePem: string;
    privateKeyPem: string | undefined;
  }>;
  deleteCertificate(certificateId: string): void;
  /** The ACTIVE CA certificates of the account. */
  caCertificates(): RegisteredCa[];
  /**
   * Called when a certificate signed by a CA with auto registration first connects. Registers it as
   * PENDING_ACTIVATION and, when the CA has a template, provisions it (JITP; a failure is only logged, as AWS only
   * logs it to CloudWatch). Returns the certificate as registered, before a template activates it. The connection
   * is refused either way.
   */
  autoRegister(certificatePem: string, caCertificateId: string): Promise<RegisteredCertificate>;
  /**
   * Runs a provisioning template body: thing, certificate and policy resources with Ref, Fn::Join, Fn::Sub and
   * OverrideSettings. Throws AwsError with AWS's code and message.
   */
  registerThing(
    templateBody: string,
    parameters: Record<string, string>,
  ): Promise<{
    thingName: string;
    certificatePem: string;
    resourceArns: Record<string, string>;
    deviceConfiguration: Record<string, string>;
  }>;
}

/** The jobs of the account, as CMS uses them through its AWS client. Throws AwsError with AWS's code and message. */
export interface IotJobs {
  /** `targets` are thing ARNs, `document` is JSON. */
  create(job: { jobId: string; targets: string[]; document: string }): void;
  /** SNAPSHOT jobs, newest first, as ListJobs returns them. */
  list(page: JobsPage): { jobs: object[]; nextToken?: string };
  /** As ListJobExecutionsForJob returns them. */
  executions(
    jobId: string,
    page: JobsPage,
  ): { executionSummaries: { thingArn: string; jobExecutionSummary: object }[]; nextToken?: string };
  /** As DescribeJobExecution returns it. */
  execution(jobId: string, thingName: string): { execution: object };
  document(jobId: string): string;
  /** Registers a listener for executions that have ended. */
  onEnded(listener: (execution: { jobId: string; thingName: string; status: string }) => void): void;
}

export interface JobsPage {
  size: number;
  token?: string | undefined;
}

/** An AWS IoT service for requests on `$aws/things/<thing>/<name>/…`, which are already authorized. */
export interface ThingService {
  readonly name: 'jobs' | 'shadow';
  /** Whether a request is also an ordinary message, which subscribers of its topic receive. */
  readonly isMessage: boolean;
  /** Handles a publish to `$aws/things/<thingName>/<name>/<rest>`. Must not throw for an invalid request. */
  handle(thingName: string, rest: string, payload: Buffer): ThingAnswer[];
  /** Called once a second, for timeouts. */
  tick(): void;
}

export interface ThingAnswer {
  /** The end of the topic: `$aws/things/<thingName>/<name>/<rest>`. */
  rest: string;
  /** Sent as JSON. */
  body: object;
  /** Only to the client that sent the request, subscribed or not; or to all subscribers. */
  to: 'client' | 'subscribers';
}
