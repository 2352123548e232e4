import type { Principal } from './principal.ts';
import type { AccountRate } from './rates.ts';

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
  /** The device whose certificate the connection was opened with, on the TLS port. */
  client?: Principal;
}

export interface HttpResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** What a service answers in place of a result. */
export interface Problem {
  /** AWS's name of the error, such as `ResourceNotFoundException`. */
  readonly code: string;
  /** Empty for the errors that AWS sends without one. */
  readonly message: string;
  readonly status: number;
  /** What the error has beside its message. */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
}

/** An error with AWS's code and message. The service that it is thrown in puts it into its wire format. */
export class AwsError extends Error implements Problem {
  readonly code: string;
  readonly status: number;
  readonly members: Problem['members'];
  constructor(code: string, message: string, status = 400, members?: Problem['members']) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/**
 * One service behind the HTTP port. It says which requests are its own, names their operations for faults, rates and
 * the log, and answers them one at a time.
 */
export interface HttpService {
  /** Such as `iot`, `cognito-idp`, `facade`. */
  readonly name: string;
  /** All names that `operation` can return; docs/sandbox.md has a row for each. */
  readonly operations: readonly string[];
  /** How often an account may call them. What has no rate is not limited. */
  readonly rates?: readonly AccountRate[];
  /** The answer to a call beyond its rate. */
  readonly tooFast: Problem;
  /** The status of the error for an operation that is unknown. */
  readonly unknownStatus: 400 | 403 | 404;
  /** Whether a request is for this service. Of those that claim it, the first in the list gets it. */
  claims(request: HttpRequest): boolean;
  /** The operation of a request, such as `CreateThing` or `POST /users`; undefined if unknown. */
  operation(request: HttpRequest): string | undefined;
  /** Whether AWS accepts this operation unsigned (SignUp, CMS REST, JWKS), from this client. */
  unsigned(operation: string, client?: Principal): boolean;
  /** Throws AwsError, which the HTTP port answers by `error`. */
  handle(operation: string, request: HttpRequest): Promise<HttpResponse>;
  /** An error in the service's own format. */
  error(problem: Problem, request: HttpRequest): HttpResponse;
}
