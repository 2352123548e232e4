import { parseJsonBytes } from '../../../kit/json.ts';
import { isObject, type Json, type JsonObject, SECTIONS, type SectionChanges } from './document.ts';

/** Why the shadow service refuses (AWS IoT Developer Guide, "Device Shadow error messages"). */
export class ShadowError extends Error {
  readonly code: 400 | 404 | 409 | 413;
  readonly clientToken: string | undefined;
  constructor(code: ShadowError['code'], message: string, clientToken?: string) {
    super(message);
    this.code = code;
    this.clientToken = clientToken;
  }
}

export interface ShadowRequest {
  /** Undefined in a get or delete. */
  state: SectionChanges | undefined;
  version: number | undefined;
  clientToken: string | undefined;
}

const TOKEN_BYTES = 64;
/** `desired` or `reported` is the first. */
const LEVELS = 6;

/** A get or delete may be empty, or carry a token; of a delete AWS ignores what is not understood. */
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
  const changes: SectionChanges = {};
  for (const section of SECTIONS) {
    // No state at all takes both sections away.
    const value = state === null ? null : state[section];
    if (value === undefined) continue;
    if (value !== null && !isObject(value)) {
      throw refuse(`${section === 'desired' ? 'Desired' : 'Reported'} node must be an object`);
    }
    if (value !== null) checkValues(value, 1, refuse);
    changes[section] = value;
  }
  const unknown = Object.keys(state ?? {}).find((name) => !SECTIONS.some((section) => section === name));
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
  if (typeof clientToken === 'string' && Buffer.byteLength(clientToken) <= TOKEN_BYTES) return clientToken;
  throw new ShadowError(400, 'Invalid clientToken');
}

function checkValues(value: Json, level: number, refuse: (message: string) => ShadowError): void {
  if (typeof value !== 'object' || value === null) return;
  if (level > LEVELS) throw refuse(`JSON contains too many levels of nesting; maximum is ${LEVELS}`);
  if (Array.isArray(value)) {
    if (value.includes(null)) throw refuse('State contains an invalid node');
    for (const item of value) checkValues(item, level + 1, refuse);
  } else {
    for (const member of Object.values(value)) checkValues(member, level + 1, refuse);
  }
}
