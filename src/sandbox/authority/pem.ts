import { createHash } from 'node:crypto';

/**
 * The DER of the first block with this label in a PEM string, or undefined when there is none. Line breaks may be
 * missing or escaped, as happens on the way through JSON and shells.
 */
export function derOf(pem: string, label: RegExp): Buffer | undefined {
  const block = new RegExp(
    `-----BEGIN (?:${label.source})-----([A-Za-z0-9+/=\\s]+)-----END (?:${label.source})-----`,
  );
  const body = block.exec(pem.replaceAll(/\\r|\\n/g, '\n'))?.[1]?.replaceAll(/\s/g, '');
  return body === undefined || body === '' ? undefined : Buffer.from(body, 'base64');
}

/** PEM with lines of 64 characters and a final newline, as OpenSSL and AWS write it. */
export function pemOf(der: Buffer, label: string): string {
  const lines = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/** The id AWS IoT gives a certificate: SHA-256 of its DER, lower-case hex. */
export function certificateIdOf(der: Buffer): string {
  return createHash('sha256').update(der).digest('hex');
}
