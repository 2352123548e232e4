/** Whitespace, also escaped for JSON or a URL. */
const GAP = String.raw`(?:\s|\\+[nrt]|%0[ad]|%20|\+)*`;
const BASE64 = '[A-Za-z0-9+/=_-]';
/** Of a key between whitespace. Without a bound a long text would take more of the stack than there is. */
const MOST_PIECES = 4000;

/**
 * What is secret by its form, whether or not this process knows the value: the first group, if there is one, stays.
 * These go along with the values that are known; alone they would miss most.
 */
export const PATTERNS: readonly RegExp[] = [
  // A private key in PEM, in any breaking of its lines, up to its end or that of the text.
  /-----BEGIN[A-Z +%0-9]{0,40}?PRIVATE(?: |\+|%20)KEY-----[\s\S]*?(?:-----END[A-Z +%0-9]{0,40}?PRIVATE(?: |\+|%20)KEY-----|$)/g,
  // The same in Base64 once more.
  new RegExp(
    `LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0EgUFJJ|BFQyBQUklW|BFTkNSWVBU)(?:${BASE64}{1,1000}|${GAP}${BASE64}{16}){0,${MOST_PIECES}}`,
    'g',
  ),
  // DER in Base64 without a header: PKCS#8 of RSA, of P-256 and Ed25519, PKCS#1, SEC1.
  new RegExp(
    `(?:MII[A-Za-z0-9]{2}[A-Za-z]IBADANBgkqhkiG9w0BAQEF|MIGHAgEAMBMGByqGSM49|MC4CAQAwBQYDK2Vw|MII[A-Za-z0-9]{2}[A-Za-z]IBAAKC|MHcCAQEEI)(?:${GAP}${BASE64}{2,}){0,${MOST_PIECES}}`,
    'g',
  ),
  // The password in the address of a proxy or server.
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"'<>?#]{0,200}:)[^\s/@"'<>]{1,1000}(?=@)/gi,
  // What signs an address or a request of AWS.
  /(X-Amz-(?:Signature|Security-Token)(?:=|%3D|["']?\s*[:=]\s*["']?))[A-Za-z0-9%+/=_.~-]{8,}/gi,
  /(\bSignature=)[0-9a-f]{64}\b/gi,
  // What goes by the name of a secret of AWS or of the user pool, as a tool would write it.
  /(\b(?:secret_?access_?key|session_?token|(?:id|access|refresh)_?token|certificate_?ownership_?token)\\*["']?\s*[:=]\s*\\*["']?)[A-Za-z0-9+/=._~%-]{12,}/gi,
  /(\baws_(?:secret_access_key|session_token)\\*["']?\s*[:=]\s*\\*["']?)[A-Za-z0-9+/=._~%-]{12,}/gi,
  // Tokens in a header.
  /(\bBearer\s+)[A-Za-z0-9._~+/-]{16,}=*/gi,
];
