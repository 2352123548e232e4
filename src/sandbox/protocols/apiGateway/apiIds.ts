import { createHash } from 'node:crypto';

const LENGTH = 10;

/** The id of a stack's REST API: ten lower-case letters and digits, the same for the same stack on every run. */
export function apiIdOf(stack: string, api: string): string {
  const digest = createHash('sha256').update(`${stack}\n${api}`).digest('hex');
  return BigInt(`0x${digest}`).toString(36).padStart(LENGTH, '0').slice(-LENGTH);
}

/** Base URL of an API as the sandbox serves it: no trailing slash. */
export function apiUrl(endpoint: string, apiId: string, stage: string): string {
  return `${endpoint}/execute-api/${apiId}/${stage}`;
}
