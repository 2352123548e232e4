import * as z from 'zod';
import type { Connection } from '../../../aws/connection.ts';
import type { ErrorCode } from '../../../core/errorCodes.ts';
import { CmsError, isCmsError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/json.ts';
import { l10n } from '../../../core/message.ts';
import { exponential, retry, type Retrying } from '../../../core/retry.ts';
import type { ServiceToken } from './serviceToken.ts';

/** What came of a query over the store of telemetry. */
export type Answer<T> =
  | { readonly kind: 'found'; readonly value: T }
  /** There is no such row. */
  | { readonly kind: 'unknown' }
  /** A row lacks a value that was asked for: it has no VIN. */
  | { readonly kind: 'incomplete' }
  /** Not even one row could be read: a stored message that is malformed makes every query fail. */
  | { readonly kind: 'broken' };

/** Rows are messages, in the order of their VINs. */
export interface PageOfRows {
  readonly vins: readonly string[];
  readonly isLast: boolean;
}

/** The GraphQL API of the module `cms-api`, which reads what vehicles sent. */
export interface TelemetryQuery {
  /** Whether there is a row of this VIN. */
  knows(vin: string, work: Retrying): Promise<Answer<string>>;
  page(page: number, work: Retrying): Promise<Answer<PageOfRows>>;
}

/** A page asks for 100 rows, and the function behind it takes a heading for the first. */
export const ROWS_A_PAGE = 99;
/** Athena reads every message there is. Milliseconds; AppSync ends after 30 s. */
const TIMEOUT_MS = 35_000;
const POLICY = { attempts: 4, backoff: exponential(600, 4000) };

/** Whatever else a row lacks makes the query fail that asks for it; a VIN each of ours has. */
const VIN = 'vehicleIdentification { vin { value } }';
const rowSchema = z.object({ vehicleIdentification: z.object({ vin: z.object({ value: z.string() }) }) });
const errorsSchema = z
  .array(z.object({ message: z.string().catch(''), errorType: z.string().catch('') }))
  .optional();
const vehicleSchema = z.object({ getVehicle: rowSchema.nullish() }).nullish();
const vehiclesSchema = z.object({ listVehicles: z.array(rowSchema).nullish() }).nullish();

/** Of the way to the API, and of the identity provider. */
const PASSING: readonly ErrorCode[] = ['ENDPOINT_UNREACHABLE', 'CMS_UNAVAILABLE'];

class Busy extends Error {}

export function createTelemetryQuery(
  connection: Connection,
  url: string,
  token: ServiceToken,
): TelemetryQuery {
  const ask = async (query: string, variables: object, bearer: string, signal: AbortSignal) =>
    connection.http().send({
      ...{ method: 'POST', url, signal, timeoutMs: TIMEOUT_MS },
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });

  async function once<T>(
    { query, variables, schema }: { query: string; variables: object; schema: z.ZodType<T> },
    signal: AbortSignal,
  ): Promise<{ data: T | undefined; errors: readonly string[] }> {
    const bearer = await token.get(signal);
    let reply = await ask(query, variables, bearer, signal);
    if (reply.status === 401) reply = await ask(query, variables, await token.get(signal, bearer), signal);
    const { status, text } = reply;
    if (status === 401) throw unauthorized();
    if (status === 429 || status >= 500) throw new Busy(String(status));
    const read = parseJson(z.object({ data: schema.nullish(), errors: errorsSchema }), text);
    if (status !== 200 || !read.ok) throw unexpected(read.ok ? String(status) : read.problem);
    const { data, errors = [] } = read.value;
    return { data: data ?? undefined, errors: errors.map(({ message, errorType }) => message || errorType) };
  }

  async function answered<T, V>(
    asked: { query: string; variables: object; schema: z.ZodType<T> },
    valueOf: (data: T) => V | undefined,
    work: Retrying,
  ): Promise<Answer<V>> {
    try {
      const { data, errors } = await retry(
        work,
        POLICY,
        () => once(asked, work.signal),
        (error) => error instanceof Busy || (isCmsError(error) && PASSING.includes(error.code)),
      );
      const value = data === undefined ? undefined : valueOf(data);
      if (value !== undefined) return { kind: 'found', value };
      return kindOf(errors);
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      throw unavailable(error.message);
    }
  }

  return {
    knows: (vin, work) =>
      answered(
        {
          query: `query ($vin: String!) { getVehicle(vin: $vin) { ${VIN} } }`,
          variables: { vin },
          schema: vehicleSchema,
        },
        (data) => data?.getVehicle?.vehicleIdentification.vin.value,
        work,
      ),
    page: (page, work) =>
      answered(
        {
          query: `query ($page: Int) { listVehicles(page: $page) { ${VIN} } }`,
          variables: { page },
          schema: vehiclesSchema,
        },
        (data) => {
          const rows = data?.listVehicles ?? undefined;
          const vins = rows?.map((row) => row.vehicleIdentification.vin.value);
          return vins && { vins, isLast: vins.length < ROWS_A_PAGE };
        },
        work,
      ),
  };
}

/** The function behind the API throws what Python throws; these are the words of it. */
function kindOf(errors: readonly string[]): Exclude<Answer<never>, { kind: 'found' }> {
  const said = errors.join(' ');
  if (errors.length === 0 || said.includes('list index out of range')) return { kind: 'unknown' };
  if (said.includes('VarCharValue')) return { kind: 'incomplete' };
  if (/status FAILED|Query execution failed/i.test(said)) return { kind: 'broken' };
  throw unexpected(said);
}

function unauthorized(): CmsError {
  return new CmsError(
    'CMS_UNAUTHORIZED',
    l10n.t('The GraphQL API of CMS refuses the token of the service client.'),
    {
      remedy: l10n.t(
        'Check issuer, audiences and scopes in the secret idp-config; a change of it counts after ten minutes.',
      ),
    },
  );
}

function unavailable(status: string): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The GraphQL API of CMS is busy or fails ({status}).', { status }),
    {
      remedy: l10n.t('Try again in a minute.'),
      details: { status: Number(status) },
    },
  );
}

function unexpected(problem: string): CmsError {
  return new CmsError(
    'CMS_ANSWER_UNEXPECTED',
    l10n.t('The GraphQL API of CMS answered with something else: {problem}', { problem }),
    { remedy: l10n.t('Look at the log of the function athena-data-source in CloudWatch.') },
  );
}
