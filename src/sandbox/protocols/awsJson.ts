import type * as z from 'zod';
import {
  AwsError,
  type HttpRequest,
  type HttpResponse,
  type HttpService,
  type Problem,
} from '../kernel/http.ts';
import type { AccountRate } from '../kernel/rates.ts';
import { constraintText, type ConstraintWords } from './constraint.ts';

/** Reads the body of a request by a schema. */
type ReadInput = <T>(schema: z.ZodType<T>, body: Buffer) => T;

/** One operation: checks its input, does its work, gives the answer. `undefined` is an answer without a body. */
export interface Operation {
  /** Whether AWS accepts it without a signature. */
  readonly unsigned: boolean;
  call(request: HttpRequest, read: ReadInput): Promise<unknown>;
}

export type Operations = Readonly<Record<string, Operation>>;

export function operation<T>(
  schema: z.ZodType<T>,
  work: (input: T) => unknown,
  options: { unsigned?: boolean } = {},
): Operation {
  return {
    unsigned: options.unsigned ?? false,
    async call(request, read) {
      return await work(read(schema, request.body));
    },
  };
}

export interface AwsJsonService {
  /** As faults and the log name it, such as `ssm`. */
  name: string;
  /** What stands before the dot in `X-Amz-Target`, such as `AmazonSSM`. */
  target: string;
  version: '1.0' | '1.1';
  /** What stands before the `#` in the type of an error, for services that have it (DynamoDB). */
  errorNamespace?: string;
  /** The name of the error for an input that breaks a constraint of the model. */
  invalid: 'ValidationException' | 'InvalidParameterException';
  /** Members whose values stand in no sentence. */
  sensitive?: readonly string[];
  rates?: readonly AccountRate[];
  /** The name of the error for too many calls. */
  tooFast: 'ThrottlingException' | 'TooManyRequestsException';
  operations: Operations;
}

/**
 * A service of AWS's JSON protocols 1.0 and 1.1: the operation in the header `X-Amz-Target`, JSON in and out (Smithy,
 * "AWS JSON protocol").
 */
export function createAwsJsonService(options: AwsJsonService): HttpService {
  const { name, version, rates = [] } = options;
  const prefix = `${options.target}.`;
  const operations = new Map(Object.entries(options.operations));
  const type = `application/x-amz-json-${version}`;
  const sensitive = new Set(options.sensitive);
  const read = createReader(options.invalid, wordsOf(sensitive));
  const headers = (request: HttpRequest): Record<string, string> => ({
    'content-type': type,
    'x-amzn-requestid': request.requestId,
  });
  const targetOf = ({ headers: given }: HttpRequest): string => given['x-amz-target'] ?? '';

  return {
    name,
    operations: [...operations.keys()],
    rates,
    tooFast: { code: options.tooFast, message: 'Rate exceeded', status: 400 },
    unknownStatus: 400,
    claims: (request) => targetOf(request).startsWith(prefix),
    operation(request) {
      const target = targetOf(request);
      const called = target.startsWith(prefix) ? target.slice(prefix.length) : '';
      return operations.has(called) ? called : undefined;
    },
    unsigned: (called) => operations.get(called)?.unsigned === true,
    async handle(called, request): Promise<HttpResponse> {
      const found = operations.get(called);
      if (found === undefined) throw new AwsError('UnknownOperationException', '');
      const value = await found.call(request, read);
      return {
        status: 200,
        headers: headers(request),
        body: value === undefined ? '' : JSON.stringify(value),
      };
    },
    error: (problem, request) => jsonError(problem, headers(request), options.errorNamespace),
  };
}

/** The name in the body and, followed by a colon, in a header. */
function jsonError(
  { code, message, status, members }: Problem,
  headers: Record<string, string>,
  namespace?: string,
): HttpResponse {
  const type = namespace === undefined ? code : `${namespace}#${code}`;
  return {
    status,
    headers: { ...headers, 'x-amzn-errortype': `${code}:` },
    body: JSON.stringify({ __type: type, ...(message === '' ? {} : { message }), ...members }),
  };
}

/** What AWS says to a target that no service has. */
export function unknownTarget(request: HttpRequest): HttpResponse {
  const code = 'UnknownOperationException';
  const message = `No service of the sandbox has the target ${request.headers['x-amz-target']}.`;
  const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
  return {
    status: 400,
    headers: { 'content-type': type, 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message }),
  };
}

/** Members in camel case, items counted from one; values of sensitive members and structures are left out. */
function wordsOf(sensitive: ReadonlySet<string>): ConstraintWords {
  return {
    member: (path) => path.map(memberName).join('.'),
    hides(path, value) {
      if (value === undefined) return false;
      const last = path.findLast((part) => typeof part === 'string');
      return typeof value === 'object' || (last !== undefined && sensitive.has(last));
    },
  };
}

function memberName(part: PropertyKey, index: number): string {
  if (typeof part === 'number') return `${part + 1}.member`;
  const name = String(part);
  return index === 0 ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** A value of another type is no input at all; what breaks a constraint is named. */
function createReader(invalid: string, words: ConstraintWords): ReadInput {
  return (schema, body) => {
    const result = schema.safeParse(parseBody(body), { reportInput: true });
    if (result.success) return result.data;
    const mistyped = result.error.issues.find(
      (issue) => issue.code === 'invalid_type' && issue.input !== undefined,
    );
    if (mistyped?.code === 'invalid_type') {
      throw new AwsError(
        'SerializationException',
        `${typeof mistyped.input} can not be converted to a ${mistyped.expected}`,
      );
    }
    throw new AwsError(invalid, constraintText(result.error.issues, words));
  };
}

function parseBody(body: Buffer): unknown {
  let value: unknown;
  try {
    // AWS treats an explicit null as an absent member.
    value = JSON.parse(body.toString('utf8') || '{}', (_key, inner: unknown) => inner ?? undefined);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body is not a structure.');
  }
  return value;
}
