import { resolve } from 'node:path';
import { type Command } from 'commander';
import { manifestRequests } from '../onboarding/manifest.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import type { Outcome } from '../onboarding/paced.ts';
import { type Pace, paceOfShard } from '../onboarding/paced.ts';
import { type FleetVehicle, provisionFleet } from '../onboarding/provisionFleet.ts';
import type { OnboardingFields, OnboardRequest } from '../cms/contract/fields.ts';
import { certainVehicle } from '../onboarding/resolveVehicle.ts';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import type { ProvisionResult } from '../provisioning/contract.ts';
import { partOf, type Shard, WHOLE } from '../scale/shard.ts';
import { askerOf, type RenewalFlags } from './askRenewal.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { readManifestFile } from './manifestFile.ts';
import { openStack } from './open.ts';
import { type CmsFlags, count, notEmpty, type RoleFlags, shardOption, type SignInFlags } from './options.ts';
import { requestOf } from './requestOptions.ts';
import type { Session } from './session.ts';

export interface FleetFlags {
  fleet?: string;
  shard?: Shard;
  concurrency?: number;
  startsPerSecond?: number;
}

/** The options of work on the vehicles of a file, one after the other. */
export function withFleetPart(command: Command, file: string): Command {
  return command
    .optionsGroup('Fleet:')
    .option('--fleet <file>', file, notEmpty)
    .option(
      '--shard <i/n>',
      'only this part of the fleet, such as 3/40; all shards together keep --starts-per-second',
      shardOption,
    )
    .option('--concurrency <n>', 'vehicles at the same time (default: 4)', count)
    .option(
      '--starts-per-second <n>',
      "vehicles started per second, for AWS IoT's rate limits (default: 4)",
      count,
    );
}

/** How fast a shard works. */
export function paceOf({ concurrency, startsPerSecond, shard = WHOLE }: FleetFlags): Pace {
  return paceOfShard(defined({ concurrency, startsPerSecond }), shard);
}

type Flags = CmsFlags & SignInFlags & RoleFlags & RenewalFlags & FleetFlags & Record<string, unknown>;

/** @throws CmsError REQUEST_INVALID for options of a fleet without one */
export function checkFleetPart({ fleet, shard, concurrency, startsPerSecond }: FleetFlags): void {
  if (fleet !== undefined || (shard ?? concurrency ?? startsPerSecond) === undefined) return;
  throw new CmsError('REQUEST_INVALID', l10n.t('Nothing says which fleet is meant.'), {
    remedy: l10n.t('Name its file with --fleet.'),
  });
}

/** @throws CmsError REQUEST_INVALID for options that do not go together */
export function checkFleetFlags(flags: Flags): void {
  checkFleetPart(flags);
  if (flags.fleet === undefined) return;
  const { keys, claim, provisioner, vin, replace } = flags;
  // What the parser itself gives to `--no-…` was not said.
  const { claimCertificateFile, claimKeyFile, keepClaimFiles } = requestOf(flags);
  const problem =
    vin !== undefined
      ? l10n.t('--vin is one vehicle, --fleet are those of a file.')
      : replace !== undefined
        ? l10n.t('--replace is for one vehicle at a time.')
        : keys !== undefined && keys !== 'csr-ec' && keys !== 'csr-rsa'
          ? l10n.t('With --fleet each key is made here: --keys csr-ec or csr-rsa.')
          : (claimCertificateFile ?? claimKeyFile ?? keepClaimFiles) !== undefined ||
              (claim !== undefined && claim !== 'temporary') ||
              (provisioner !== undefined && provisioner !== 'claim')
            ? l10n.t('With --fleet certificates come by temporary claims.')
            : undefined;
  if (problem === undefined) return;
  throw new CmsError('REQUEST_INVALID', problem, { remedy: l10n.t('Leave one of them out.') });
}

/** Gives the vehicles of a fleet file their certificates, or those of a shard. No key leaves this machine. */
export async function provisionMany(flags: Flags, file: string, session: Session): Promise<number> {
  const { output, work, generations } = session;
  const text = await readManifestFile(file);
  const fields = generations.flatMap(({ onboarding }) => onboarding ?? []);
  const given = requestOf({ ...flags, username: undefined }, generations);
  const read = (of: readonly OnboardingFields[]): OnboardRequest[] =>
    manifestRequests(text, file, of, work.clock.now(), given);
  // A file that cannot be read needs no cloud to be told so.
  let all: FleetVehicle[] = read(fields).map(({ vin }) => ({ vin }));
  const { from, to } = partOf(flags.shard ?? WHOLE, all.length);
  const certificates = createCertificateStore(resolve(flags.certs));
  // Checked before any call to AWS, because afterwards it would be too late to find that the folder is not writable.
  await certificates.ready();
  const { connection, deployment } = await openStack(flags, session);
  const ofDeployment = generations.find(({ id }) => id === deployment.generation)?.onboarding;
  if (ofDeployment !== undefined)
    all = read([ofDeployment]).map((request) => ({ vin: request.vin, request }));
  const deps = {
    ...{ connection, certificates, provisioner: provisionerOf(deployment) },
    ...{ device: session.use(await startDevice()), agree: askerOf(flags, session) },
    ...defined({ roleBoundary: flags.roleBoundary }),
  };
  const { outcomes } = await provisionFleet(all.slice(from, to), deps, work, {
    fields: ofDeployment,
    keys: flags.keys === 'csr-rsa' ? 'csr-rsa' : 'csr-ec',
    resolve: (vin, signal) => certainVehicle(vin, deployment, signal),
    pace: paceOf(flags),
    onVehicle: (vin, outcome) => output.result('vehicle', outcomeJson(vin, outcome), describe(vin, outcome)),
  });
  const have = outcomes.flatMap((each) => (each.status === 'done' ? [each.result.result] : []));
  const created = have.filter((result) => result === 'created').length;
  const failed = outcomes.filter(({ status }) => status === 'failed').length;
  const unfinished = outcomes.length - have.length - failed;
  output.result(
    'result',
    { vehicles: outcomes.length, created, found: have.length - created, failed, unfinished },
    `${counted(have.length, 'vehicle')} with a certificate: ${created} created, ${have.length - created} found` +
      `${failed === 0 ? '' : `, ${failed} failed`}${unfinished === 0 ? '' : `, ${unfinished} not finished`}.`,
  );
  if (work.signal.aborted) return EXIT.cancelled;
  if (failed + unfinished === 0) return EXIT.ok;
  return have.length > 0 ? EXIT.partlyFailed : EXIT.failed;
}

function describe(vin: string, outcome: Outcome<ProvisionResult>): string {
  switch (outcome.status) {
    case 'done':
      return `${vin}  certificate ${outcome.result.identity.certificateId} (${outcome.result.result})`;
    case 'failed':
      return `${vin}  failed: ${outcome.error.message}`;
    case 'unfinished':
      return `${vin}  not finished`;
  }
}

function outcomeJson(vin: string, outcome: Outcome<ProvisionResult>): object {
  switch (outcome.status) {
    case 'done': {
      const { result, identity, certificateArn, files } = outcome.result;
      const { certificateId, notAfter } = identity;
      return { vin, status: result, certificateId, certificateArn, notAfter, files };
    }
    case 'failed': {
      const { code, message, remedy, step, details } = outcome.error;
      return { vin, status: 'failed', error: { code, message, remedy, step, details } };
    }
    case 'unfinished':
      return { vin, status: 'unfinished' };
  }
}
