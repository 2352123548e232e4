/**
 * The context that every part of the sandbox gets, and the interface of the parts behind the HTTP port. A part is
 * built by a `create…(context)` function; sandbox.ts wires them together.
 */

export interface CmsStackSpec {
  name: string;
  /** Name of the CDF core stack it is paired with. */
  core: string;
}

export interface SandboxConfig {
  httpPort: number;
  mqttPort: number;
  /** Folder for state. Undefined means a temporary folder, removed on exit. */
  stateFolder: string | undefined;
  stacks: CmsStackSpec[];
  region: string;
  accountId: string;
  /** Whether AWS quotas are enforced. */
  limits: boolean;
  /** Milliseconds between an asset library event and the fleet manager knowing it (AWS: about 3,000). */
  eventDelayMs: number;
  /** The documented installation leaves the asset library open (`none`); the full one uses Cognito. */
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

/** All state of the sandbox. Written atomically as one snapshot, shortly after a change and on exit. */
export interface Store {
  /** The same name gives the same table. `volatile` tables are not saved; `permanent` ones (the CA) survive a reset. */
  table<T>(name: string, options?: { volatile?: boolean; permanent?: boolean }): Table<T>;
  /** Empties all tables that are not permanent. Call `seed()` of the parts afterwards. */
  reset(): void;
  /** Resolves when the current state is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;

/** Passed to every part. */
export interface Context {
  readonly config: SandboxConfig;
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly log: Log;
  /** Only set once the ports are open, so read them at call time and do not store copies. */
  readonly endpoints: { http: string; mqttHost: string; mqttPort: number };
}

// --- faults

export interface Fault {
  /**
   * `iot:CreateThing`, `cognito-idp:SignUp`, `facade:POST /users`, `mqtt:publish`, `mqtt:connect`, `mqtt:claim`, … `*`
   * at the end matches any tail.
   */
  operation: string;
  /** How many calls it affects. */
  count: number;
  action:
    | { kind: 'error'; code: string; message?: string; status?: number }
    | { kind: 'throttle' }
    /** Waits, then answers as usual. */
    | { kind: 'delay'; ms: number }
    /** Never answers. */
    | { kind: 'hang' }
    /** The connection is reset before the call is performed, or after it was performed but before the answer. */
    | { kind: 'reset'; when: 'before' | 'after' }
    /** MQTT: the connection drops before or after the acknowledgment. */
    | { kind: 'drop'; when: 'before-ack' | 'after-ack' }
    /** MQTT reserved topics: the answer is swallowed, or sent twice. */
    | { kind: 'swallow' }
    | { kind: 'twice' };
}

export interface Faults {
  add(fault: Fault): void;
  /**
   * Returns the action for this call and counts it as used once. A fault for `operation:detail` (such as
   * `mqtt:publish:dt/cvra/VIN/cardata`) takes precedence over one for the whole operation.
   */
  take(operation: string, detail?: string): Fault['action'] | undefined;
  list(): Fault[];
  clear(): void;
}

// --- HTTP

export interface HttpRequest {
  method: string;
  /** Still percent-encoded, without the query. Route before decoding: `%2F` does not separate segments. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Buffer;
  requestId: string;
  /** From the credential scope of the signature; otherwise the sandbox's region. */
  region: string;
  /** Whether an AWS signature was present (header or query). */
  signed: boolean;
  /** Whether it came with the secret of this start. */
  trusted: boolean;
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
  /** All names that `operation` can return; docs/sandbox.md has a row for each. */
  readonly operations: readonly string[];
  /** The operation of a request, such as `CreateThing` or `POST /users`; undefined if unknown. */
  operation(request: HttpRequest): string | undefined;
  /** Whether AWS accepts this operation unsigned (SignUp, CMS REST, JWKS). */
  unsigned(operation: string): boolean;
  handle(operation: string, request: HttpRequest): Promise<HttpResponse>;
  /** An error in the service's own format, for faults and for requests that the edge refuses. */
  error(code: string, message: string, status: number, request: HttpRequest): HttpResponse;
}

/** An error with AWS's code and message. Services convert it to their wire format. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
