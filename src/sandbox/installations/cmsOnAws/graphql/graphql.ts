import * as z from 'zod';
import { AwsError, type HttpRequest, type HttpResponse, type HttpService } from '../../../kernel/http.ts';
import { parseJson } from '../../../kit/json.ts';
import { present } from '../../../kit/present.ts';
import type { Tokens } from '../../../services/cognito/contract.ts';
import type { Bucket } from '../../../services/s3/buckets.ts';
import { type Field, readDocument, UnreadableDocument } from './document.ts';
import { columnOf, QueryFailed, type Row, rowsOf } from './telemetry.ts';

/** One GraphQL API over the stored telemetry. */
export interface GraphqlApi {
  readonly userPoolId: string;
  /** The app clients whose tokens are taken. */
  readonly clients: readonly string[];
  /** What a token must have one of. */
  readonly scopes: readonly string[];
  readonly bucket: () => Bucket;
}

const OPERATION = 'POST /graphql';
const PATH = /^\/appsync-api\/([^/]+)\/graphql$/;
/** AppSync asks the function behind it only about what looks like a token. */
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/;
/** A page asks for so many rows, and reads so many lines, of which the first is no row. */
const PAGE = 100;

const bodySchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** The module `cms-api`: telemetry rows by GraphQL, with the faults of the one function behind it. */
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

function answer(api: GraphqlApi, fields: readonly Field[]): HttpResponse {
  const data: Record<string, unknown> = {};
  const errors: object[] = [];
  for (const field of fields) {
    try {
      data[field.alias] = resolve(api, field);
    } catch (error) {
      if (!(error instanceof QueryFailed)) throw error;
      data[field.alias] = null;
      errors.push({ path: [field.alias], data: null, errorType: 'Lambda:Unhandled', message: error.message });
    }
  }
  return json(200, { data, ...(errors.length === 0 ? {} : { errors }) });
}

function resolve(api: GraphqlApi, { name, arguments: given, fields }: Field): unknown {
  const columns = columnsOf(fields);
  if (name !== 'getVehicle' && name !== 'listVehicles') {
    throw new UnreadableDocument(`Field '${name}' in type 'Query' is undefined`);
  }
  if (columns.length === 0) throw new QueryFailed('Query execution failed with status FAILED');
  const shown = (row: Row): unknown => shapeOf(fields, row, '');
  if (name === 'getVehicle') {
    const { vin } = given;
    if (typeof vin !== 'string')
      throw new UnreadableDocument("Variable 'vin' has coerced Null value for NonNull type");
    if (!/^[A-Za-z0-9]+$/.test(vin)) throw new QueryFailed('Invalid VIN');
    // Without an order any row is as good as another: it is not the newest.
    const row = rowsOf(api.bucket()).find((each) => vinOf(each) === vin);
    if (row === undefined) throw new QueryFailed('list index out of range');
    checkFilled(row, columns);
    return shown(row);
  }
  const { page = 0 } = given;
  if (typeof page !== 'number') throw new QueryFailed('unsupported operand type(s)');
  const rows = rowsOf(api.bucket())
    .sort(byVin)
    .slice(page * PAGE, (page + 1) * PAGE)
    .slice(0, PAGE - 1);
  for (const row of rows) checkFilled(row, columns);
  return rows.map(shown);
}

function vinOf(row: Row): string | undefined {
  const vin = columnOf(row, 'vehicleidentification.vin');
  return typeof vin === 'string' ? vin : undefined;
}

/** Rows without a VIN are last. */
function byVin(one: Row, other: Row): number {
  const [a, b] = [vinOf(one), vinOf(other)];
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What ends in `value` is a column; anything else is not asked for. */
function columnsOf(fields: readonly Field[], above = ''): string[] {
  return fields.flatMap((field) =>
    field.name === 'value' && above !== ''
      ? [above]
      : columnsOf(field.fields, `${above === '' ? '' : `${above}.`}${field.name.toLowerCase()}`),
  );
}

function checkFilled(row: Row, columns: readonly string[]): void {
  if (columns.some((column) => columnOf(row, column) === undefined)) throw new QueryFailed("'VarCharValue'");
}

function shapeOf(fields: readonly Field[], row: Row, above: string): object {
  return Object.fromEntries(
    fields.map((field) => [
      field.alias,
      field.name === 'value'
        ? columnOf(row, above)
        : field.fields.length === 0
          ? null
          : shapeOf(field.fields, row, `${above === '' ? '' : `${above}.`}${field.name.toLowerCase()}`),
    ]),
  );
}

function json(status: number, body: object): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: JSON.stringify(body),
  };
}
