/**
 * What the parts of the sandbox know of each other. Every part is built by a `create…(context)` function
 * that returns one of these; main.ts puts them together. Nothing here is imported by product code.
 */

export interface CmsStackSpec {
  name: string;
  /** Name of the CDF core stack it is paired with. */
  core: string;
}

export interface SandboxConfig {
  httpPort: number;
  mqttPort: number;
  /** Folder for state; undefined = a temporary one, removed at the end. */
  stateFolder: string | undefined;
  stacks: CmsStackSpec[];
  region: string;
  accountId: string;
  /** AWS quotas are enforced. */
  limits: boolean;
  /** Milliseconds between an asset library event and the fleet manager knowing it (AWS: about 3,000). */
  eventDelayMs: number;
  /** The documented install leaves the asset library open (`none`); the full one uses Cognito. */
  assetLibraryAuth: 'none' | 'cognito';
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** A named collection of JSON values that survives a restart. Change a value only through `set`. */
export interface Table<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  readonly size: number;
  /** Insertion order. */
  keys(): IterableIterator<string>;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  clear(): void;
}

/** All state of the sandbox: written as one snapshot, atomically, shortly after a change and at the end. */
export interface Store {
  /** The same name gives the same table. `volatile` tables are not written; `permanent` ones outlive a reset (the CA). */
  table<T>(name: string, options?: { volatile?: boolean; permanent?: boolean }): Table<T>;
  /** Empties every table that is not permanent; parts then seed again through their `seed()`. */
  reset(): void;
  /** Resolves when what is in memory now is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;

/** Given to every part. */
export interface Context {
  readonly config: SandboxConfig;
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly log: Log;
  /** Known once the ports are open: read them at call time, never keep them. */
  readonly endpoints: { http: string; mqttHost: string; mqttPort: number };
}

// --- HTTP

export interface HttpRequest {
  method: string;
  /** Still percent-encoded, no query: route before decoding (`%2F` is one segment). */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Buffer;
  requestId: string;
  /** From the credential scope of the signature, else the sandbox's region. */
  region: string;
  /** Whether an AWS signature was present (header or query). */
  signed: boolean;
}

export interface HttpResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** One service behind the HTTP port. `operation` names the call for faults, limits and the log. */
export interface HttpService {
  /** Such as `iot`, `cognito-idp`, `facade`. */
  readonly name: string;
  /** Everything it answers, by the names that `operation` gives; docs/sandbox.md has a row for each. */
  readonly operations: readonly string[];
  /** The operation a request means, such as `CreateThing` or `POST /users`; undefined = unknown. */
  operation(request: HttpRequest): string | undefined;
  /** Whether AWS lets this operation be called unsigned (SignUp, CMS REST, JWKS). */
  unsigned(operation: string): boolean;
  handle(operation: string, request: HttpRequest): Promise<HttpResponse>;
  /** The service's own error shape, for faults and for what the edge refuses. */
  error(code: string, message: string, status: number, request: HttpRequest): HttpResponse;
}

// --- faults

export interface Fault {
  /** `iot:CreateThing`, `cognito-idp:SignUp`, `facade:POST /users`, `mqtt:publish`, `mqtt:connect`, `mqtt:claim`, … `*` at the end matches any tail. */
  operation: string;
  /** How many calls it hits. */
  count: number;
  action:
    | { kind: 'error'; code: string; message?: string; status?: number }
    | { kind: 'throttle' }
    /** Waits, then answers as usual. */
    | { kind: 'delay'; ms: number }
    /** Never answers. */
    | { kind: 'hang' }
    /** The connection is reset before (nothing done) or after (done, unanswered) the work. */
    | { kind: 'reset'; when: 'before' | 'after' }
    /** MQTT: the connection drops before or after the acknowledgement. */
    | { kind: 'drop'; when: 'before-ack' | 'after-ack' }
    /** MQTT reserved topics: the answer is swallowed, or sent twice. */
    | { kind: 'swallow' }
    | { kind: 'twice' };
}

export interface Faults {
  add(fault: Fault): void;
  /**
   * The action for this call, and one use of it spent. A fault for `operation:detail` (such as
   * `mqtt:publish:dt/cvra/VIN/cardata`) comes before one for the operation as a whole.
   */
  take(operation: string, detail?: string): Fault['action'] | undefined;
  list(): Fault[];
  clear(): void;
}

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

/** An error in AWS's words: services turn it into their wire shape. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
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

// --- CMS

/** The REST APIs of the stacks, and the fleet manager's ingest. */
export interface CmsApis {
  /** `assetlibrary`, `facade`, `fleetmanager`: each serves `/execute-api/<apiId>/Prod/…`. */
  readonly services: HttpService[];
  /** Base URLs for the stack outputs: no trailing slash, ends `/Prod`. */
  urlsOf(cmsStack: string): { facade: string; fleetManager: string };
  urlOfCore(coreStack: string): { assetLibrary: string };
  readonly onMessage: MessageListener;
  /** A job's execution has come to its end: of an update over the air the fleet manager learns the version. */
  onJobEnded(execution: { jobId: string; thingName: string; status: string }): void;
  /** What the cloud received of a VIN, newest last. Answers `GET /_sandbox/vehicles/<VIN>/messages`. */
  messages(vin: string, query: URLSearchParams): unknown;
  /** Seeds templates, groups and policies into stacks that have none. */
  seed(): void;
}
