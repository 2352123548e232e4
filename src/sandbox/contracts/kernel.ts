/**
 * What every part of the sandbox gets (its context), and how the parts behind the HTTP port are called. A part is
 * built by a `create…(context)` function; sandbox.ts puts them together.
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
