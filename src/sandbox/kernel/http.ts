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
