import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import { systemClock } from '../../src/core/work.ts';
import { issueBatch } from '../../src/provisioning/ca/batch.ts';
import { makeCa } from '../../src/provisioning/ca/makeCa.ts';
import { openCa } from '../../src/provisioning/ca/signingCa.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import type { Figure } from './run.ts';

const VEHICLES = 1000;

/** A factory's batch: keys, certificates of one's own CA, and their files, each brought to the disk. */
export async function certificates(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-certificates-'));
  try {
    const now = Date.now();
    const files = await makeCa({ commonName: 'Bench', rule: {}, days: 365, passphrase: undefined, now });
    const signing = await openCa(files, { now, passphrase: () => Promise.resolve('') });
    const vehicles = Array.from({ length: VEHICLES }, (_, index) =>
      refOf(`1FAHP2E80DG${String(index).padStart(6, '0')}`),
    );
    const work = {
      signal: new AbortController().signal,
      progress: () => undefined,
      clock: systemClock,
      random: Math.random,
    };
    const started = performance.now();
    const before = process.cpuUsage();
    const store = createCertificateStore(folder);
    const issued = await issueBatch(
      vehicles,
      { ca: { signing, rule: {}, deviceDays: 365 }, certificates: store },
      work,
    );
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    if (issued.some(({ result }) => result !== 'issued')) throw new Error('a certificate was not made');
    const note = `${VEHICLES} vehicles, EC P-256`;
    return [
      { what: 'Certificates are made', value: seconds, unit: 's', note },
      { what: 'Processor time', value: (user + system) / 1e6, unit: 's', note },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
