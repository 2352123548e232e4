/** What the emulated services of AWS offer each other and the APIs of CMS. */

// --- Cognito

export type TokenCheck =
  { ok: true; username: string } | { ok: false; reason: 'missing' | 'invalid' | 'expired' };

export interface Tokens {
  /** What an API Gateway COGNITO_USER_POOLS authorizer decides of a raw `Authorization` header. */
  checkIdToken(userPoolId: string, authorization: string | undefined): Promise<TokenCheck>;
}

export interface UserPools {
  /** The pool and client of a CMS stack, made on first use with the settings of its template. */
  poolOf(stackName: string): { userPoolId: string; userPoolArn: string; clientId: string };
}

// --- certificates

export interface Authority {
  /** PEM of the sandbox's root: signs the server's and every device certificate. */
  readonly rootPem: string;
  /** Key and certificate of the MQTT listener: SAN localhost, 127.0.0.1, ::1. */
  readonly server: { certificatePem: string; privateKeyPem: string };
  issueKeysAndCertificate(days?: number): Promise<IssuedKeys>;
  /** Accepts PEM with or without line ends. Throws Error with a sentence when the CSR is bad. */
  issueFromCsr(csrPem: string, days?: number): Promise<{ certificateId: string; certificatePem: string }>;
}

export interface IssuedKeys {
  /** SHA-256 of the DER, lower-case hex. */
  certificateId: string;
  certificatePem: string;
  publicKeyPem: string;
  privateKeyPem: string;
}

// --- the IoT registry: things, certificates, policies, templates

export type CertificateStatus =
  'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_TRANSFER' | 'REGISTER_INACTIVE' | 'PENDING_ACTIVATION';

export interface RegisteredCertificate {
  certificateId: string;
  certificateArn: string;
  certificatePem: string;
  status: CertificateStatus;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** A claim made by CreateProvisioningClaim: not listed, gone at this time. */
  claimExpiresAt?: number;
  /** The template a provisioning claim belongs to. */
  claimTemplate?: string;
  /** The registered CA that signed it, when it is not the sandbox's own. */
  caCertificateId?: string;
}

/** A CA certificate of the account (RegisterCACertificate) that is ACTIVE. */
export interface RegisteredCa {
  caCertificateId: string;
  certificatePem: string;
  /** Certificates it signed register themselves when they first connect. */
  autoRegistration: boolean;
  /** With a template (JITP) provisioning follows by itself; without (JITR) somebody else activates. */
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
}

export interface IotRegistry {
  certificate(certificateId: string): RegisteredCertificate | undefined;
  /** Documents of the default versions of the policies attached to a certificate. */
  policyDocuments(certificateId: string): string[];
  /** Names of things the certificate is attached to. */
  thingsOf(certificateId: string): string[];
  thing(thingName: string): Thing | undefined;
  template(templateName: string): ProvisioningTemplate | undefined;
  /** Called when a certificate's status changes or it is deleted, or what is attached to it changes. */
  onCertificateChange(listener: (certificateId: string) => void): void;

  /** As over MQTT: PENDING_ACTIVATION until RegisterThing makes it active. */
  createPendingCertificate(csrPem?: string): Promise<{
    certificateId: string;
    certificatePem: string;
    privateKeyPem: string | undefined;
  }>;
  deleteCertificate(certificateId: string): void;
  /** The ACTIVE CA certificates of the account. */
  caCertificates(): RegisteredCa[];
  /**
   * First TLS contact of a certificate signed by a CA with auto registration: registers it as
   * PENDING_ACTIVATION and, when the CA has a template, provisions it (JITP; a failure is logged, as AWS logs
   * it to CloudWatch only). The certificate is returned as it was registered, before a template activated it;
   * the connection that brought it is refused either way.
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

// --- AWS IoT Jobs

/** The jobs of the account, as CMS calls them through its own AWS client. Throws AwsError in AWS's words. */
export interface IotJobs {
  /** `targets` are ARNs of things, `document` is JSON text. */
  create(job: { jobId: string; targets: string[]; document: string }): void;
  /** SNAPSHOT jobs, newest first, as ListJobs answers. */
  list(page: JobsPage): { jobs: object[]; nextToken?: string };
  /** As ListJobExecutionsForJob answers. */
  executions(
    jobId: string,
    page: JobsPage,
  ): { executionSummaries: { thingArn: string; jobExecutionSummary: object }[]; nextToken?: string };
  /** As DescribeJobExecution answers. */
  execution(jobId: string, thingName: string): { execution: object };
  document(jobId: string): string;
  /** Called with each execution that has come to its end. */
  onEnded(listener: (execution: { jobId: string; thingName: string; status: string }) => void): void;
}

export interface JobsPage {
  size: number;
  token?: string | undefined;
}

// --- what devices reach on reserved topics

/** A service of AWS IoT that takes requests on `$aws/things/<thing>/<name>/…`, already authorised. */
export interface ThingService {
  readonly name: 'jobs' | 'shadow';
  /** Whether a request is an ordinary message besides, which subscribers of its topic get. */
  readonly isMessage: boolean;
  /** Does what a publish to `$aws/things/<thingName>/<name>/<rest>` asks for. Must not throw for a bad request. */
  handle(thingName: string, rest: string, payload: Buffer): ThingAnswer[];
  /** Once a second: what is due. */
  tick(): void;
}

export interface ThingAnswer {
  /** Of the topic: `$aws/things/<thingName>/<name>/<rest>`. */
  rest: string;
  /** Sent as JSON. */
  body: object;
  /** To the client that asked alone, subscribed or not; or to whoever subscribed. */
  to: 'client' | 'subscribers';
}

// --- MQTT

export interface Broker {
  /** Publishes as the cloud does (topic rules' answers, CMS notices), QoS 1. */
  publish(topic: string, payload: string | Buffer): void;
  /** The HTTPS twin of a publish (`POST /topics/{topic}`), already authorised. */
  publishFromHttp(topic: string, payload: Buffer): void;
  /** Opens the TLS listener; resolves with the port taken. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
  /** Ends every connection and session, as after `store.reset()`: call it right after that. */
  reset(): void;
  readonly connections: number;
}

/** Called once for each message a client published and was allowed to, before it is acknowledged. Must not throw. */
export type MessageListener = (message: {
  topic: string;
  payload: Buffer;
  clientId: string;
  certificateId: string | undefined;
}) => void;
