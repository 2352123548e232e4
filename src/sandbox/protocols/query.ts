import { AwsError, type HttpRequest, type HttpService } from '../kernel/http.ts';
import { type Page, type PagedList, pageOf } from './page.ts';
import { toXml, type XmlObject } from './xml.ts';

/** Returns the content of `<Action>Result`, or undefined for an action without a result. */
export type QueryOperation = (
  form: URLSearchParams,
  request: HttpRequest,
) => XmlObject | undefined | Promise<XmlObject | undefined>;

/** A service of the Query protocol, chosen by the `Version` of the form. */
export interface QueryService extends HttpService {
  readonly version: string;
}

/**
 * A service of AWS's Query protocol: a form with `Action` and `Version` in, XML out.
 * Operations throw AwsError; it becomes an ErrorResponse.
 */
export function createQueryService(options: {
  name: string;
  version: string;
  namespace: string;
  operations: Readonly<Record<string, QueryOperation>>;
}): QueryService {
  const { name, version, namespace } = options;
  const operations = new Map(Object.entries(options.operations));
  const headers = { 'content-type': 'text/xml' };

  return {
    name,
    version,
    operations: [...operations.keys()],
    tooFast: { code: 'Throttling', message: 'Rate exceeded', status: 400 },
    unknownStatus: 400,
    claims: (request) =>
      request.path === '/' &&
      request.headers['x-amz-target'] === undefined &&
      formOf(request).get('Version') === version,
    // Unknown actions are returned, too: `handle` answers them with InvalidAction, as AWS does.
    operation: (request) => formOf(request).get('Action') ?? 'no action',
    unsigned: () => false,
    async handle(operation, request) {
      const run = operations.get(operation);
      if (!run) {
        throw new AwsError('InvalidAction', `The action ${operation} is not valid for this web service.`);
      }
      const result = await run(formOf(request), request);
      const body = toXml({
        [`${operation}Response`]: {
          '@xmlns': namespace,
          [`${operation}Result`]: result,
          ResponseMetadata: { RequestId: request.requestId },
        },
      });
      return { status: 200, headers, body };
    },
    error: ({ code, message, status }, request) => ({
      status,
      headers,
      body: toXml({
        ErrorResponse: {
          '@xmlns': namespace,
          Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
          RequestId: request.requestId,
        },
      }),
    }),
  };
}

/** The values of `<name>.member.1`, `.2`, … */
export function membersOf(form: URLSearchParams, name: string): string[] {
  const fields = fieldsOf(form);
  const values: string[] = [];
  for (let i = 1; ; i++) {
    const value = fields.get(`${name}.member.${i}`);
    if (value === undefined) return values;
    values.push(value);
  }
}

/** The form as a map, for many look-ups: each `get` of a URLSearchParams is a linear search. */
export function fieldsOf(form: URLSearchParams): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of form) if (!fields.has(name)) fields.set(name, value);
  return fields;
}

/** A required parameter. */
export function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') {
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

const forms = new WeakMap<HttpRequest, URLSearchParams>();

/** The form of a request, read once; old clients put it into the URL. */
export function formOf(request: HttpRequest): URLSearchParams {
  let form = forms.get(request);
  if (form === undefined) {
    form = request.method === 'POST' ? new URLSearchParams(request.body.toString('utf8')) : request.query;
    forms.set(request, form);
  }
  return form;
}

/** One page of a list in an order that has no key, by position. */
export function queryPage<T>(
  all: readonly T[],
  { list, token, size }: { list: string; token: string | null; size: number },
): Page<T> {
  const positions: PagedList<T> = {
    name: list,
    cursorOf: (_item, index) => index,
    invalid: () => new AwsError('ValidationError', 'The specified token is not valid.'),
  };
  return pageOf(all, positions, { token, size });
}
