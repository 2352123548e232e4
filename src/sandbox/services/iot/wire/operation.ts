import type { HTTPMethod } from 'find-my-way';
import * as z from 'zod';
import { AwsError, type HttpRequest } from '../../../kernel/http.ts';
import { parseJson } from '../../../kit/json.ts';
import { constraintText } from './constraint.ts';
import { invalidRequest } from './errors.ts';

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

export interface Operation {
  /** AWS's name of the operation. */
  readonly name: string;
  readonly method: HTTPMethod;
  /** With `:member` for URI members. */
  readonly path: string;
  /** Validates the input and runs. Returns the answer as JSON (or a promise of it), or undefined for an empty body. */
  call(request: HttpRequest, uri: Record<string, string | undefined>): unknown;
}

const HEADER_NAMES: Record<string, readonly string[]> = {
  principal: ['x-amzn-principal', 'x-amzn-iot-principal'],
  policyName: ['x-amzn-iot-policy'],
};

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
    call(request, uri) {
      const headers = Object.fromEntries(
        Object.keys(headerSchema.shape).map((member) => [
          member,
          HEADER_NAMES[member]?.map((header) => request.headers[header]).find((value) => value !== undefined),
        ]),
      );
      const input = {
        ...read(uriSchema, uri),
        ...read(querySchema, Object.fromEntries(request.query)),
        ...read(headerSchema, headers),
        ...(shapes.body === undefined ? {} : read(bodySchema, bodyOf(request))),
      };
      // Safe: each part was parsed by its own schema above.
      return run(input as Read<U> & Read<Q> & Read<H> & Read<B>);
    },
  };
}

function read(schema: z.ZodObject, value: unknown): object {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw invalidRequest(constraintText(result.error.issues));
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
