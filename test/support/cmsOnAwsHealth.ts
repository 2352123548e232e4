import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CmsOnAwsBench } from './cmsOnAws.ts';
import { until } from './until.ts';

/** One certificate in service, which AWS IoT, the table and the disk agree on; every other attempt is over. */
export async function healthy(bench: CmsOnAwsBench, vin: string, about: string): Promise<void> {
  await until(
    `the rows of ${vin} in order (${about})`,
    async () => {
      const statuses = (await bench.rows(vin)).map(([, status]) => status);
      return (
        statuses.filter((status) => status === 'ACTIVE').length === 1 &&
        statuses.every((status) => status === 'ACTIVE' || status === 'DELETED')
      );
    },
    { seen: () => bench.rows(vin) },
  );
  const certificateId = await bench.certificateOf(vin);
  assert.equal(await bench.statusOf(certificateId), 'ACTIVE', about);
  assert.deepEqual(await bench.attachedTo(vin), [certificateId], about);
  const file = path.join(bench.folder, 'certs', vin, 'production-certificate.pem.crt');
  assert.equal(idOf(await readFile(file)), certificateId, about);
}

/**
 * What a run leaves behind that dies now: the files of the vehicle, its rows, and its certificates in AWS IoT. Equal for
 * two vehicles that are at the same point: certificates are numbered, the one of the beginning is the first.
 */
export async function leftBehind(
  bench: CmsOnAwsBench,
  { vin, certificateId }: { vin: string; certificateId: string },
): Promise<string> {
  const folder = path.join(bench.folder, 'certs', vin);
  const names = (await readdir(folder, { recursive: true })).sort();
  const files: string[] = [];
  for (const name of names) {
    const read = () => readFile(path.join(folder, name));
    if (name.endsWith('certificate.pem.crt')) files.push(`${name} ${idOf(await read())}`);
    else if (name.endsWith('.json')) files.push(name, ...(String(await read()).match(ANY_ID) ?? []));
    else files.push(name);
  }
  const rows = await bench.rows(vin);
  const attached = (await bench.attachedTo(vin)).sort();
  const statuses: [string, string | undefined][] = [];
  for (const [id] of rows) statuses.push([id, await bench.statusOf(id)]);
  const text = JSON.stringify({ files, rows: rows.toSorted(), statuses: statuses.toSorted(), attached });
  const ids = [...new Set([certificateId, ...(text.match(ANY_ID) ?? [])])];
  return ids.reduce((so, id, i) => so.replaceAll(id, `#${i}`), text);
}

const ANY_ID = /[0-9a-f]{64}/g;

/** AWS IoT's certificate id is the fingerprint by SHA-256. */
function idOf(pem: Buffer): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}
