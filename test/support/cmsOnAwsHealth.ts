import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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
  const { fingerprint256 } = new X509Certificate(await readFile(file));
  assert.equal(fingerprint256.replaceAll(':', '').toLowerCase(), certificateId, about);
}
