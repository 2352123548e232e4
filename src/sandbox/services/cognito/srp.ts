import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The server side of SRP-6a as user pools implement it: the 3072-bit group of RFC 3526 (group 15), g = 2, SHA-256,
 * and a session key derived with HKDF. All integers are written big-endian with a zero byte in front if the
 * top bit is set, which is how Amazon's own clients hash them.
 */

/** What is stored of a password: enough for SRP to verify it, but not the password itself. Both are hex. */
export interface PasswordRecord {
  salt: string;
  verifier: string;
}

const group = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74' +
    '020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437' +
    '4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED' +
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05' +
    '98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB' +
    '9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B' +
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718' +
    '3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33' +
    'A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7' +
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864' +
    'D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2' +
    '08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
);
const generator = 2n;
const multiplier = hashToInteger(padded(group), padded(generator));

/** A pool's name in SRP: its id without the region. */
function poolName(poolId: string): string {
  return poolId.slice(poolId.indexOf('_') + 1);
}

export function createPasswordRecord(poolId: string, username: string, password: string): PasswordRecord {
  const salt = randomBytes(16).toString('hex');
  return { salt, verifier: verifierOf(salt, poolId, username, password).toString(16) };
}

/** Verifies a plaintext password. Takes about 6 ms. */
export function passwordMatches(
  record: PasswordRecord,
  poolId: string,
  username: string,
  password: string,
): boolean {
  const actual = sha256(padded(verifierOf(record.salt, poolId, username, password)));
  return timingSafeEqual(actual, sha256(padded(BigInt(`0x${record.verifier}`))));
}

function verifierOf(salt: string, poolId: string, username: string, password: string): bigint {
  const identity = sha256(Buffer.from(`${poolName(poolId)}${username}:${password}`, 'utf8'));
  return modPow(generator, hashToInteger(padded(BigInt(`0x${salt}`)), identity));
}

/** The server's state of an exchange; all hex, so that it can be stored as JSON. */
export interface SrpExchange {
  clientPublic: string;
  serverPublic: string;
  serverSecret: string;
}

/** Starts an exchange. Undefined when the client's `SRP_A` is not a valid public value. */
export function startExchange(record: PasswordRecord, clientPublic: string): SrpExchange | undefined {
  if (!/^[0-9a-fA-F]{1,1024}$/.test(clientPublic)) return undefined;
  if (BigInt(`0x${clientPublic}`) % group === 0n) return undefined;
  const secret = randomInteger();
  const verifier = BigInt(`0x${record.verifier}`);
  const serverPublic = (multiplier * verifier + modPow(generator, secret)) % group;
  return {
    clientPublic,
    serverPublic: serverPublic.toString(16),
    serverSecret: secret.toString(16),
  };
}

/** The `PASSWORD_CLAIM_SIGNATURE` of a client that knows the password. Takes about 12 ms. */
export function expectedSignature(
  record: PasswordRecord,
  exchange: SrpExchange,
  claim: { poolId: string; userId: string; secretBlock: Buffer; timestamp: string },
): Buffer {
  const clientPublic = BigInt(`0x${exchange.clientPublic}`);
  const scrambler = hashToInteger(padded(clientPublic), padded(BigInt(`0x${exchange.serverPublic}`)));
  const base = (clientPublic * modPow(BigInt(`0x${record.verifier}`), scrambler)) % group;
  const shared = modPow(base, BigInt(`0x${exchange.serverSecret}`));
  const key = hkdfSync('sha256', padded(shared), padded(scrambler), 'Caldera Derived Key', 16);
  return createHmac('sha256', Buffer.from(key))
    .update(poolName(claim.poolId), 'utf8')
    .update(claim.userId, 'utf8')
    .update(claim.secretBlock)
    .update(claim.timestamp, 'utf8')
    .digest();
}

/** Uses fixed windows of four bits. A 256-bit exponent takes about 6 ms, so the event loop is not blocked for long. */
function modPow(base: bigint, exponent: bigint): bigint {
  const powers = [1n];
  for (let i = 1; i < 16; i++) powers.push(((powers[i - 1] ?? 1n) * base) % group);
  let result = 1n;
  for (const digit of exponent.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % group;
    result = (result * (powers[parseInt(digit, 16)] ?? 1n)) % group;
  }
  return result;
}

function randomInteger(): bigint {
  return BigInt(`0x${randomBytes(32).toString('hex')}`);
}

function padded(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hashToInteger(...parts: Buffer[]): bigint {
  return BigInt(`0x${sha256(...parts).toString('hex')}`);
}
