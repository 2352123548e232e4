import type { HTTPMethod } from 'find-my-way';
import * as z from 'zod';
import {
  AwsError,
  type HttpRequest,
  type HttpResponse,
  type HttpService,
  type Problem,
} from '../kernel/http.ts';
import type { AccountRate } from '../kernel/rates.ts';
import { parseJson } from '../kit/json.ts';
import { createRouter } from '../kit/router.ts';
import { constraintText, type ConstraintWords } from './constraint.ts';

type Shape = z.ZodRawShape;
type Shapes = Shape | undefined;
type Read<S extends Shapes> = S extends Shape ? z.output<z.ZodObject<S>> : unknown;

/** The location of each input member, as in the service's model. */
export interface InputShapes<U extends Shapes, Q extends Shapes, H extends Shapes, B extends Shapes> {
  uri?: U;
  query?: Q;
  headers?: H;
  body?: B;
}

/** What an operation needs to know of its service. */
interface Wire {
  /** The headers that carry a member; the first that came counts. */
  headersOf(member: string): readonly string[];
  /** The error for an input that breaks a constraint. */
  invalid(message: string): AwsError;
}

export interface Operation {
  /** AWS's name of the operation. */
  readonly name: string;
  readonly method: HTTPMethod;
  /** With `:member` for URI members. */
  readonly path: string;
  /** Validates the input and runs. Returns the answer as JSON (or a promise of it), or undefined for an empty body. */
  call(request: HttpRequest, uri: Record<string, string | undefined>, wire: Wire): unknown;
}

/** An operation of the REST JSON protocol. The schemas define where each member is located and its constraints. */
export function operation<
  U extends Shapes = undefined,
  Q extends Shapes = undefined,
  H extends Shapes = undefined,
  B extends Shapes = undefined,
>(
  name: string,
  method: HTTPMethod,
  path: string,
  shapes: InputShapes<U, Q, H, B>,
  run: (input: Read<U> & Read<Q> & Read<H> & Read<B>) => unknown,
): Operation {
  const uriSchema = z.object({ ...shapes.uri });
  const querySchema = z.object({ ...shapes.query });
  const headerSchema = z.object({ ...shapes.headers });
  const bodySchema = z.object({ ...shapes.body });
  return {
    name,
    method,
    path,
    call(request, uri, wire) {
      const headers = Object.fromEntries(
        Object.keys(headerSchema.shape).map((member) => [
          member,
          wire
            .headersOf(member)
            .map((header) => request.headers[header])
            .find((value) => value !== undefined),
        ]),
      );
      const input = {
        ...read(uriSchema, uri, wire),
        ...read(querySchema, Object.fromEntries(request.query), wire),
        ...read(headerSchema, headers, wire),
        ...(shapes.body === undefined ? {} : read(bodySchema, bodyOf(request), wire)),
      };
      // Safe: each part was parsed by its own schema above.
      return run(input as Read<U> & Read<Q> & Read<H> & Read<B>);
    },
  };
}

export interface RestJsonService {
  /** As faults and the log name it, such as `iot`. */
  name: string;
  operations: readonly Operation[];
  /** The headers that carry a member. */
  headers?: Readonly<Record<string, readonly string[]>>;
  /** The name of the error for an input that breaks a constraint of the model. */
  invalid: 'InvalidRequestException' | 'ValidationException' | 'ClientException' | 'BadRequestException';
  rates?: readonly AccountRate[];
  tooFast: Problem;
}

/** A service of AWS's REST JSON protocol: the operation is a method and a path (Smithy, "AWS restJson1 protocol"). */
export function createRestJsonService(options: RestJsonService): HttpService {
  const { name, operations, headers = {}, rates = [] } = options;
  const router = createRouter(
    operations.map((each) => ({ method: each.method, path: each.path, value: each })),
  );
  const wire: Wire = {
    headersOf: (member) => headers[member] ?? [],
    invalid: (message) => new AwsError(options.invalid, message, 400),
  };
  const operationOf = ({ method, path }: HttpRequest): string | undefined =>
    router.find(method, path)?.value.name;

  return {
    name,
    operations: operations.map((each) => each.name),
    rates,
    tooFast: options.tooFast,
    unknownStatus: 404,
    // A request that names a target is for a service of another protocol.
    claims: (request) => request.headers['x-amz-target'] === undefined && operationOf(request) !== undefined,
    operation: operationOf,
    unsigned: () => false,
    async handle(_operation, request) {
      const found = router.find(request.method, request.path);
      if (found === undefined) throw new AwsError('UnknownOperationException', 'No such operation.', 404);
      const result = await found.value.call(request, found.params, wire);
      return result === undefined
        ? { status: 200 }
        : { status: 200, headers: { ...JSON_TYPE }, body: JSON.stringify(result) };
    },
    error: (problem) => restError(problem),
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** The name of the error in a header, its message and other members in the body. */
export function restError({ code, message, status, members }: Problem): HttpResponse {
  return {
    status,
    headers: { ...JSON_TYPE, 'x-amzn-errortype': code },
    body: JSON.stringify({ message, ...members }),
  };
}

/** Members by their path; the value is always shown. */
const WORDS: ConstraintWords = { member: (path) => path.join('.'), hides: () => false };

function read(schema: z.ZodObject, value: unknown, wire: Wire): object {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw wire.invalid(constraintText(result.error.issues, WORDS));
}

/** The body as an object. An empty body counts as an empty object. */
function bodyOf(request: HttpRequest): unknown {
  const text = request.body.toString('utf8');
  if (text.trim() === '') return {};
  const value = parseJson(text);
  if (value === undefined) {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.', 400);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'The request body must be a JSON object.', 400);
  }
  // A member that is null counts as absent in AWS's JSON protocols.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
