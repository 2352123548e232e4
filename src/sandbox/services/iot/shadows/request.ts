import { parseJsonBytes } from '../../../kit/json.ts';
import { isObject, type Json, type JsonObject, SECTIONS, type SectionChanges } from './document.ts';

/** Why the shadow service refuses a request (AWS IoT Developer Guide, "Device Shadow error messages"). */
export class ShadowError extends Error {
  readonly code: 400 | 404 | 409 | 413 | 429;
  readonly clientToken: string | undefined;
  constructor(code: ShadowError['code'], message: string, clientToken?: string) {
    super(message);
    this.code = code;
    this.clientToken = clientToken;
  }
}

export interface ShadowRequest {
  /** Null removes both sections. Undefined in a get or delete. */
  state: SectionChanges | null | undefined;
  version: number | undefined;
  clientToken: string | undefined;
}

const MAX_TOKEN_BYTES = 64;
/** Levels of nesting; `desired` and `reported` are the first. */
const MAX_LEVELS = 6;

/** The token in the payload of a get or delete, which may be empty. */
export function readToken(payload: Buffer): string | undefined {
  if (payload.length === 0) return undefined;
  return tokenOf(parse(payload));
}

/** The request state document of an update. Throws ShadowError. */
export function readUpdate(payload: Buffer): ShadowRequest {
  const body = parse(payload);
  const clientToken = tokenOf(body);
  const refuse = (message: string) => new ShadowError(400, message, clientToken);
  if (!Object.hasOwn(body, 'state')) throw refuse('Missing required node: state');
  const { state, version } = body;
  if (state !== null && !isObject(state)) throw refuse('State node must be an object');
  if (version !== undefined && !(Number.isInteger(version) && (version as number) >= 0)) {
    throw refuse('Invalid version');
  }
  if (state === null) return { state, version: version as number | undefined, clientToken };
  const changes: SectionChanges = {};
  for (const section of SECTIONS) {
    const value = state[section];
    if (value === undefined) continue;
    if (value !== null && !isObject(value)) {
      throw refuse(`${section === 'desired' ? 'Desired' : 'Reported'} node must be an object`);
    }
    if (value !== null) checkValues(value, 1, refuse);
    changes[section] = value;
  }
  const unknown = Object.keys(state).find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) throw refuse(`State contains an invalid node: '${unknown}'`);
  return { state: changes, version: version as number | undefined, clientToken };
}

function parse(payload: Buffer): JsonObject {
  const value = parseJsonBytes(payload);
  if (!isObject(value)) throw new ShadowError(400, 'Invalid JSON');
  return value;
}

function tokenOf({ clientToken }: JsonObject): string | undefined {
  if (clientToken === undefined) return undefined;
  if (typeof clientToken === 'string' && Buffer.byteLength(clientToken) <= MAX_TOKEN_BYTES)
    return clientToken;
  throw new ShadowError(400, 'Invalid clientToken');
}

function checkValues(value: Json, level: number, refuse: (message: string) => ShadowError): void {
  if (typeof value !== 'object' || value === null) return;
  if (level > MAX_LEVELS) throw refuse(`JSON contains too many levels of nesting; maximum is ${MAX_LEVELS}`);
  if (Array.isArray(value)) {
    if (value.includes(null)) throw refuse('State contains an invalid node');
    for (const item of value) checkValues(item, level + 1, refuse);
  } else {
    for (const member of Object.values(value)) checkValues(member, level + 1, refuse);
  }
}
