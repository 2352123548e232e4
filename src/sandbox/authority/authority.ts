import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Context } from '../kernel/context.ts';
import { checkCsr } from './csr.ts';
import { createIssuer, type Issuer, publicKeyOf, selfSign, type Validity } from './issuer.ts';
import { createKeyPool, generateEcKey, type KeyPool } from './keys.ts';
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from './x509.ts';
import type { Authority } from './contract.ts';

interface KeptPair {
  certificatePem: string;
  privateKeyPem: string;
}

const DAY = 86_400_000;
/** AWS IoT's own certificates end at the last second of 2049 ("X.509 client certificates"). */
const END = new Date('2049-12-31T23:59:59Z');
const ROOT_SUBJECT = 'C=US, O=CMS Enablement, CN=CMS Enablement Sandbox Root CA';
const DEVICE_SUBJECT = 'CN=AWS IoT Certificate';
const SERVER_DAYS = 397;
const SERVER_RENEW_DAYS = 30;

/**
 * The certificate authority of a sandbox. The root and the server key live in the state file and survive a reset,
 * because clients are configured to trust this root. The server certificate is renewed on a start close to its
 * expiry.
 * @param pool where the keys of `issueKeysAndCertificate` come from
 */
export async function createAuthority(context: Context, pool: KeyPool = createKeyPool()): Promise<Authority> {
  const kept = context.store.table<KeptPair>('authority', { permanent: true });

  const root = kept.get('root') ?? (await makeRoot(context));
  if (!kept.has('root')) kept.set('root', root);
  const issuer = await createIssuer(root.certificatePem, root.privateKeyPem);

  let server = kept.get('server');
  if (server === undefined || endsWithin(server.certificatePem, SERVER_RENEW_DAYS, context)) {
    server = await makeServer(context, issuer, server?.privateKeyPem);
    kept.set('server', server);
  }

  /** AWS backdates device certificates by two minutes, for devices whose clocks are slow. */
  const validity = (days?: number): Validity => ({
    notBefore: new Date(earliest(context) - 120_000),
    notAfter: days === undefined ? END : new Date(context.clock.now() + days * DAY),
  });

  return {
    rootPem: root.certificatePem,
    server: { certificatePem: server.certificatePem, privateKeyPem: server.privateKeyPem },
    async issueKeysAndCertificate(days) {
      const keys = await pool.take();
      const certificate = await issuer.issue(DEVICE_SUBJECT, publicKeyOf(keys.publicKeyPem), validity(days));
      return { ...certificate, ...keys };
    },
    async issueFromCsr(csrPem, days) {
      const { subject, publicKey } = await checkCsr(csrPem);
      const named = subject.toString() === '' ? DEVICE_SUBJECT : subject;
      return issuer.issue(named, publicKey, validity(days));
    },
  };
}

async function makeRoot(context: Context): Promise<KeptPair> {
  const privateKeyPem = await generateEcKey();
  const validity = { notBefore: new Date(earliest(context) - DAY), notAfter: END };
  const { certificatePem } = await selfSign(ROOT_SUBJECT, privateKeyPem, validity);
  return { certificatePem, privateKeyPem };
}

async function makeServer(context: Context, issuer: Issuer, keyPem: string | undefined): Promise<KeptPair> {
  const privateKeyPem = keyPem ?? (await generateEcKey());
  const { certificatePem } = await issuer.issue(
    'CN=localhost',
    publicKeyOf(privateKeyPem),
    {
      notBefore: new Date(earliest(context) - DAY),
      notAfter: new Date(context.clock.now() + SERVER_DAYS * DAY),
    },
    [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  );
  // Checked here, because a wrong key would otherwise show only in the first client's TLS handshake.
  if (!new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem))) {
    throw new Error('The key of the server certificate does not match it.');
  }
  return { certificatePem, privateKeyPem };
}

/**
 * The sandbox's clock can be set ahead, but TLS libraries, ours and the clients', use the machine's clock. So a
 * certificate must be valid from the earlier of the two.
 */
function earliest(context: Context): number {
  return Math.min(context.clock.now(), Date.now());
}

function endsWithin(certificatePem: string, days: number, context: Context): boolean {
  return Date.parse(new X509Certificate(certificatePem).validTo) < context.clock.now() + days * DAY;
}
