import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Runs a function in a temporary folder that is removed afterwards. */
function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openssl-test-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs openssl; files given by name are put into its folder first. */
export function openssl(args: string[], files: Record<string, string> = {}): string {
  return inFolder((folder) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  });
}

export interface OpensslKey {
  privateKeyPem: string;
}

/** `RSA-2048`, `RSA-1024`, `P-256`, `P-384`, `P-521`, `secp256k1`, `ED25519`; by Node, which needs no process for it. */
export function makeKey(key: string): OpensslKey {
  const [kind = '', bits = ''] = key.split('-');
  const { privateKey } =
    kind === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: Number(bits) })
      : kind === 'ED25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: key });
  return { privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/** A certificate signing request made by openssl, with a new key. */
export function makeCsr(options: { key: string; subject?: string; digest?: string }): {
  csrPem: string;
  privateKeyPem: string;
} {
  const { privateKeyPem } = makeKey(options.key);
  const digest = options.digest === undefined ? [] : [`-${options.digest}`];
  const csrPem = openssl(
    ['req', '-new', '-key', 'key.pem', '-subj', options.subject ?? '/CN=LSH14J4C4LA046511', ...digest],
    { 'key.pem': privateKeyPem },
  );
  return { csrPem, privateKeyPem };
}

export interface TestCa extends OpensslKey {
  certificatePem: string;
}

/** A self-signed CA certificate; with `isCa: false` one that says it is none. */
export function makeCa(
  options: { subject?: string; days?: number; isCa?: boolean; privateKeyPem?: string } = {},
): TestCa {
  const privateKeyPem = options.privateKeyPem ?? makeKey('P-256').privateKeyPem;
  const constraint = options.isCa === false ? 'CA:FALSE' : 'critical,CA:TRUE';
  const certificatePem = openssl(
    [
      ...['req', '-x509', '-new', '-key', 'key.pem', '-subj', options.subject ?? '/CN=Test Factory CA'],
      ...['-days', String(options.days ?? 3650), '-addext', `basicConstraints=${constraint}`],
    ],
    { 'key.pem': privateKeyPem },
  );
  return { certificatePem, privateKeyPem };
}

/** A certificate signed by a CA. @param serial its number, decimal; another each time without it */
export function signedBy(
  ca: TestCa,
  subject: string,
  serial?: number,
): { certificatePem: string; privateKeyPem: string } {
  const { csrPem, privateKeyPem } = makeCsr({ key: 'P-256', subject });
  const certificatePem = inFolder((folder) => {
    writeFileSync(path.join(folder, 'ca.pem'), ca.certificatePem);
    writeFileSync(path.join(folder, 'ca.key'), ca.privateKeyPem);
    writeFileSync(path.join(folder, 'csr.pem'), csrPem);
    execFileSync(
      'openssl',
      [
        ...'x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -days 500 -sha256 -out made.pem'.split(' '),
        ...(serial === undefined ? ['-CAcreateserial'] : ['-set_serial', String(serial)]),
      ],
      { cwd: folder, stdio: 'pipe' },
    );
    return readFileSync(path.join(folder, 'made.pem'), 'utf8');
  });
  return { certificatePem, privateKeyPem };
}
