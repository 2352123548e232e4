import * as z from 'zod';
import { AwsError, type HttpRequest, type HttpResponse, type HttpService } from '../../../kernel/http.ts';
import { parseJson } from '../../../kit/json.ts';
import { present } from '../../../kit/present.ts';
import type { Tokens } from '../../../services/cognito/contract.ts';
import { type Document, type Field, readDocument, UnreadableDocument } from './document.ts';
import { QueryFailed } from './telemetry.ts';

/** Answers one field of an operation. Throws QueryFailed when the function behind it fails. */
export type Resolver = (field: Field) => unknown;

/** One GraphQL API. */
export interface GraphqlApi {
  readonly userPoolId: string;
  /** The app clients whose tokens are taken. */
  readonly clients: readonly string[];
  /** What a token must have one of. */
  readonly scopes: readonly string[];
  /** By `query` or `mutation` and the name of the field. */
  readonly resolvers: Readonly<Record<string, Resolver>>;
}

const OPERATION = 'POST /graphql';
const PATH = /^\/appsync-api\/([^/]+)\/graphql$/;
/** AppSync asks the function behind it only about what looks like a token. */
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/;

const bodySchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** The GraphQL APIs of the modules `cms-api` and `cms-alerts`. */
export function createGraphql(
  apis: ReadonlyMap<string, GraphqlApi>,
  tokens: Pick<Tokens, 'accessOf'>,
): HttpService {
  const idIn = ({ path }: HttpRequest): string | undefined => PATH.exec(path)?.[1];
  const apiOf = (request: HttpRequest): GraphqlApi | undefined => apis.get(idIn(request) ?? '');

  async function authorise(api: GraphqlApi, request: HttpRequest): Promise<void> {
    const [, token] = BEARER.exec(request.headers.authorization ?? '') ?? [];
    const access = token === undefined ? undefined : await tokens.accessOf(api.userPoolId, token);
    const isTaken =
      access !== undefined &&
      api.clients.includes(access.clientId) &&
      access.scopes.some((scope) => api.scopes.includes(scope));
    if (isTaken) return;
    throw new AwsError('UnauthorizedException', 'You are not authorized to make this call.', 401);
  }

  return {
    name: 'cms-graphql',
    operations: [OPERATION],
    tooFast: { code: 'TooManyRequestsException', message: 'Rate exceeded', status: 429 },
    unknownStatus: 404,
    claims: (request) => apiOf(request) !== undefined,
    operation: ({ method }) => (method === 'POST' ? OPERATION : undefined),
    unsigned: () => true,
    async handle(_operation, request) {
      const api = present(apiOf(request), 'The API');
      await authorise(api, request);
      const body = bodySchema.safeParse(parseJson(request.body.toString('utf8')));
      if (!body.success)
        throw new AwsError('MalformedHttpRequestException', 'Unable to parse GraphQL query.');
      try {
        return answer(api, readDocument(body.data.query, body.data.variables ?? {}));
      } catch (error) {
        if (!(error instanceof UnreadableDocument)) throw error;
        return json(200, { data: null, errors: [{ message: error.message, errorType: 'ValidationError' }] });
      }
    },
    error: ({ code, message, status }) => json(status, { errors: [{ errorType: code, message }] }),
  };
}

function answer(api: GraphqlApi, { operation, fields }: Document): HttpResponse {
  const data: Record<string, unknown> = {};
  const errors: object[] = [];
  for (const field of fields) {
    try {
      data[field.alias] = resolverOf(api, operation, field)(field);
    } catch (error) {
      if (!(error instanceof QueryFailed)) throw error;
      data[field.alias] = null;
      errors.push({ path: [field.alias], data: null, errorType: 'Lambda:Unhandled', message: error.message });
    }
  }
  return json(200, { data, ...(errors.length === 0 ? {} : { errors }) });
}

function resolverOf(api: GraphqlApi, operation: Document['operation'], { name }: Field): Resolver {
  const key = `${operation} ${name}`;
  const found = Object.hasOwn(api.resolvers, key) ? api.resolvers[key] : undefined;
  if (found !== undefined) return found;
  const type = operation === 'query' ? 'Query' : 'Mutation';
  throw new UnreadableDocument(`Field '${name}' in type '${type}' is undefined`);
}

function json(status: number, body: object): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify(body),
  };
}
