import { XMLParser } from 'fast-xml-parser';
import type { HttpRequest } from '../../src/sandbox/kernel/http.ts';
import type { QueryService } from '../../src/sandbox/protocols/query.ts';
import { answered } from './answered.ts';

const parser = new XMLParser({ parseTagValue: false });

/** Calls a Query service like the HTTP port does, and parses the response body. */
export async function query(
  service: QueryService,
  action: string,
  parameters: Record<string, string> = {},
  region = 'us-west-2',
): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  const form = new URLSearchParams({ Action: action, Version: service.version, ...parameters });
  const request: HttpRequest = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    requestId: '00000000-0000-4000-8000-000000000000',
    region,
    signed: true,
    trusted: false,
  };
  const response = await answered(service, service.operation(request)!, request);
  const text = String(response.body);
  const root = (parser.parse(text) as Record<string, Record<string, unknown>>)[rootOf(text)] ?? {};
  const result = root[`${action}Result`] ?? root.Error ?? {};
  return { status: response.status, body: result as Record<string, unknown>, text };
}

/** The members of a list, which the parser returns as `''` if empty and as an object if it has one member. */
export function membersIn(list: unknown): Record<string, string>[] {
  const member = (list as { member?: unknown } | undefined)?.member;
  return member === undefined ? [] : ([member].flat() as Record<string, string>[]);
}

function rootOf(xml: string): string {
  return /<(\w+) xmlns=/.exec(xml)?.[1] ?? '';
}
