import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { writeFileSafely } from '../../core/safeFiles.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import { onDisk } from '../diskErrors.ts';
import { nodeFiles } from '../fileOperations.ts';
import { readIfThere, type Requested } from './requests.ts';
import { loadX509, readKey } from './x509.ts';

/** Some hundred thousand requests. */
const LONGEST_ALL = 256 * 2 ** 20;
const REQUEST = /-----BEGIN CERTIFICATE REQUEST-----[^-]*-----END CERTIFICATE REQUEST-----/g;

/**
 * Writes the requests of all whose keys wait in `folder` into one file, `requests.pem`: those of `now` first, then those
 * of earlier runs for other vehicles, which would be lost otherwise.
 * @returns its path
 */
export async function writeTogether(folder: string, now: readonly Requested[]): Promise<string> {
  const together = join(folder, 'requests.pem');
  await onDisk(together, async () => {
    const done = new Set(now.map(({ vehicle }) => vehicle.id));
    const others = await waitingOthers(folder, done, together);
    const all = [...now.flatMap(({ csrPem }) => csrPem ?? []), ...others];
    await writeFileSafely(together, all.join(''), 0o644);
  });
  return together;
}

async function waitingOthers(folder: string, done: ReadonlySet<string>, together: string): Promise<string[]> {
  const ids = (await nodeFiles.list(folder))
    .filter((name) => name.endsWith('.key'))
    .map((name) => name.slice(0, -'.key'.length))
    .filter((id) => !done.has(id));
  const found: string[] = [];
  let earlier: Map<string, string> | undefined;
  for (const id of ids.sort()) {
    let request = await readIfThere(join(folder, `${id}.csr`));
    if (request === undefined) {
      earlier ??= await byPublicKey((await readIfThere(together, LONGEST_ALL)) ?? '');
      request = earlier.get((await publicKeyOf(join(folder, `${id}.key`))) ?? '');
    }
    if (request !== undefined) found.push(request);
  }
  return found;
}

/** The requests of a text, by their public keys. */
async function byPublicKey(pem: string): Promise<Map<string, string>> {
  const { Pkcs10CertificateRequest } = await loadX509();
  const found = new Map<string, string>();
  for (const [text] of pem.matchAll(REQUEST)) {
    try {
      const { publicKey } = new Pkcs10CertificateRequest(text);
      found.set(Buffer.from(publicKey.rawData).toString('base64'), `${text}\n`);
    } catch {
      // What cannot be read is nobody's request.
    }
  }
  return found;
}

async function publicKeyOf(path: string): Promise<string | undefined> {
  const pem = await readIfThere(path);
  if (pem === undefined) return undefined;
  keepPrivateKey(pem);
  const key = readKey(pem, undefined);
  return key && createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
}
