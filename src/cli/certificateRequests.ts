import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { english } from '../core/wording.ts';
import { openCaFolder, caIn } from '../provisioning/ca/caFolder.ts';
import { importFleet, requestFleet } from '../provisioning/ca/factory.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { openingIn } from './caOptions.ts';
import { vehiclesIn } from './certificates.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import {
  type CaFlags,
  caFolderOf,
  type CertificateFlags,
  examples,
  notEmpty,
  withCaFolder,
  withCertificates,
  withOutput,
} from './options.ts';
import { inSession, type Session, type SessionOptions } from './session.ts';

type Flags = SessionOptions & CaFlags & CertificateFlags & { fleet: string; requests: string };
type ImportFlags = Flags & { file: string; manifest?: string };

/** Certificates that one's own PKI signs elsewhere, over keys that are made here. */
export function addCertificateRequests(certificates: Command, generations: readonly Generation[]): void {
  const folder = ['--requests <folder>', 'folder of the keys and requests', 'requests'] as const;
  const request = certificates
    .command('request')
    .description('make keys and signing requests for a fleet, for a CA whose key is kept elsewhere')
    .requiredOption('--fleet <file>', 'CSV or JSON manifest; only the VINs are used', notEmpty)
    .option(...folder);
  withCertificates(withCaFolder(request));
  examples(withOutput(request), 'cms-enablement certificates request --fleet fleet.csv');
  request.action((flags: Flags) => inSession(flags, (session) => ask(flags, generations, session)));

  const take = certificates
    .command('import')
    .description('import certificates that your PKI signed, and put each next to its key')
    .requiredOption('--fleet <file>', 'the manifest that the requests were made for', notEmpty)
    .requiredOption('--file <file>', 'PEM file with one certificate after another', notEmpty)
    .option(...folder)
    .option(
      '--manifest <file>',
      'file for the list of what was imported (default: manifest.csv in the certificate folder)',
      notEmpty,
    );
  withCertificates(withCaFolder(take));
  examples(withOutput(take), 'cms-enablement certificates import --fleet fleet.csv --file signed.pem');
  take.action((flags: ImportFlags) => inSession(flags, (session) => takeIn(flags, generations, session)));
}

async function ask(flags: Flags, generations: readonly Generation[], session: Session): Promise<number> {
  const { output, work } = session;
  const vehicles = await vehiclesIn(flags.fleet, generations, work.clock.now());
  const ca = caIn(await openCaFolder(caFolderOf(flags), openingIn(session)));
  const folder = resolve(flags.requests);
  const certificates = createCertificateStore(resolve(flags.certs));
  const { all, counts, together } = await requestFleet({ vehicles, ca, certificates, folder }, work);
  for (const { vehicle, result } of all) output.result('vehicle', { vin: vehicle.vin, result }, '');
  output.result(
    'result',
    { ...counts, requests: together },
    `${counted(counts.made, 'request')} made, ${counts.found} found, ${counts['has a certificate']} with a certificate.\n  ${together}`,
  );
  return EXIT.ok;
}

async function takeIn(
  flags: ImportFlags,
  generations: readonly Generation[],
  session: Session,
): Promise<number> {
  const { output, work } = session;
  const vehicles = await vehiclesIn(flags.fleet, generations, work.clock.now());
  const ca = caIn(await openCaFolder(caFolderOf(flags), openingIn(session)));
  const certificates = createCertificateStore(resolve(flags.certs));
  const manifest = resolve(flags.manifest ?? join(flags.certs, 'manifest.csv'));
  const of = { vehicles, ca, certificates, manifest };
  const { all, counts } = await importFleet(
    { ...of, folder: resolve(flags.requests), file: resolve(flags.file) },
    work,
  );
  for (const taken of all) {
    if ('vehicle' in taken) output.result('vehicle', { ...taken.vehicle, result: taken.result }, '');
    else {
      const why = taken.result === 'refused' ? english(taken.why) : taken.error.message;
      output.result('vehicle', { line: taken.line, result: taken.result, why }, `Line ${taken.line}: ${why}`);
    }
  }
  output.result(
    'result',
    { ...counts, manifest },
    `${counts.taken} taken in, ${counts.found} found, ${counts.refused} refused, ${counts.failed} failed.\n  ${manifest}`,
  );
  if (counts.refused + counts.failed === 0) return EXIT.ok;
  return counts.taken + counts.found > 0 ? EXIT.partlyFailed : EXIT.failed;
}
