import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { readTextFile } from '../core/bounded.ts';
import { isCancelled } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { fleetVehicles } from '../onboarding/fleetVehicles.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import { openCaFolder, signingIn } from '../provisioning/ca/caFolder.ts';
import { ownCaOf } from '../provisioning/ca/ensureOwnCa.ts';
import { issueFleet, MOST_BYTES } from '../provisioning/ca/factory.ts';
import { registerBatch } from '../provisioning/ca/registerBatch.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { onDisk } from '../provisioning/diskErrors.ts';
import { allowListIn, openingIn } from './caOptions.ts';
import { addCertificateRequests } from './certificateRequests.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { readManifestFile } from './manifestFile.ts';
import {
  type CaFlags,
  caFolderOf,
  type CertificateFlags,
  examples,
  notEmpty,
  type CmsFlags,
  withCaFolder,
  withCms,
  withCertificates,
  withOutput,
} from './options.ts';
import { openStack } from './open.ts';
import { inSession, type Session, type SessionOptions } from './session.ts';

type RegisterFlags = CmsFlags & { file: string; allow: string };
type IssueFlags = SessionOptions & CaFlags & CertificateFlags & { fleet: string; manifest?: string };

/** Certificates in numbers, as a factory needs them. */
export function addCertificates(program: Command, generations: readonly Generation[]): void {
  const certificates = program
    .command('certificates')
    .description('certificates in numbers, as a factory has them');
  const command = certificates
    .command('issue')
    .description(
      'make keys and certificates of your own CA for a fleet; AWS hears of them at the first connect',
    )
    .requiredOption('--fleet <file>', 'CSV or JSON manifest; only the VINs are used', notEmpty)
    .option(
      '--manifest <file>',
      'file for the list of what was created (default: manifest.csv in the certificate folder)',
      notEmpty,
    );
  withCertificates(withCaFolder(command));
  examples(withOutput(command), 'cms-enablement certificates issue --fleet fleet.csv');
  command.action((flags: IssueFlags) => inSession(flags, (session) => issue(flags, generations, session)));
  addCertificateRequests(certificates, generations);
  addRegister(certificates, generations);
}

function addRegister(certificates: Command, generations: readonly Generation[]): void {
  const command = certificates
    .command('register')
    .description('let in vehicles whose certificates somebody else signed, from a list of certificates')
    .requiredOption('--file <file>', 'PEM file with one certificate after another', notEmpty)
    .requiredOption(
      '--allow <file>',
      'vehicles that may register: a list as "certificates issue" writes it, or a fleet file',
      notEmpty,
    );
  withCms(command, generations);
  examples(withOutput(command), 'cms-enablement certificates register --file factory.pem --allow fleet.csv');
  command.action((flags: RegisterFlags) => inSession(flags, (session) => register(flags, session)));
}

async function register(flags: RegisterFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const pem = await onDisk(flags.file, () => readTextFile(resolve(flags.file), { mostBytes: MOST_BYTES }));
  const text = await readManifestFile(flags.allow);
  const { connection, deployment } = await openStack(flags, session);
  const list = allowListIn(text, flags.allow, deployment, session);
  const setup = ownCaOf({ provisioner: provisionerOf(deployment) });
  const counts = { registered: 0, found: 0, refused: 0, failed: 0 };
  const tellCounts = (): void =>
    output.result(
      'result',
      counts,
      `${counts.registered} registered, ${counts.found} found, ${counts.refused} refused, ${counts.failed} failed.`,
    );
  await registerBatch({ pem, list, setup }, connection, work, (registered) => {
    counts[registered.result] += 1;
    const { line, certificateId, result } = registered;
    if (registered.result === 'refused' || registered.result === 'failed') {
      const why = registered.result === 'refused' ? english(registered.why) : registered.error.message;
      output.result('vehicle', { line, certificateId, result, why }, `Line ${line}: ${why}`);
    } else output.result('vehicle', { ...registered }, `${registered.vin}: ${certificateId} (${result})`);
  }).catch((error: unknown) => {
    // What was done before somebody ended it stays done.
    if (isCancelled(error)) tellCounts();
    throw error;
  });
  tellCounts();
  const done = counts.registered + counts.found;
  if (counts.refused + counts.failed === 0) return EXIT.ok;
  return done > 0 ? EXIT.partlyFailed : EXIT.failed;
}

/** The vehicles of a fleet file. @throws CmsError REQUEST_INVALID, MANIFEST_INVALID */
export async function vehiclesIn(
  fleet: string,
  generations: readonly Generation[],
  now: number,
): Promise<VehicleRef[]> {
  return fleetVehicles(await readManifestFile(fleet), fleet, generations, now);
}

async function issue(
  flags: IssueFlags,
  generations: readonly Generation[],
  session: Session,
): Promise<number> {
  const { output, work } = session;
  const vehicles = await vehiclesIn(flags.fleet, generations, work.clock.now());
  const folder = caFolderOf(flags);
  const ca = signingIn(folder, await openCaFolder(folder, openingIn(session)));
  const certificates = createCertificateStore(resolve(flags.certs));
  const manifest = resolve(flags.manifest ?? join(flags.certs, 'manifest.csv'));
  const { counts } = await issueFleet({ vehicles, manifest, ca, certificates }, work, (issued) => {
    if (issued.result === 'failed') {
      const { vin, error } = issued;
      output.result(
        'vehicle',
        { vin, result: 'failed', code: error.code, why: error.message },
        `${vin}: ${error.message}`,
      );
    } else output.result('vehicle', { ...issued.vehicle, result: issued.result }, '');
  });
  output.result(
    'result',
    { ...counts, manifest },
    [
      `${counted(counts.issued, 'certificate')} made, ${counts.found} found, ${counts.failed} failed.`,
      `  ${manifest}`,
      english(l10n.t('AWS IoT knows none of them until their vehicles connect.')),
    ].join('\n'),
  );
  if (counts.failed === 0) return EXIT.ok;
  return counts.issued + counts.found > 0 ? EXIT.partlyFailed : EXIT.failed;
}
