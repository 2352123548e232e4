import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import type { OnboardingFields } from '../cms/contract/fields.ts';
import type { ProvisionWishes } from '../cms/contract/provisioner.ts';
import { defined } from '../core/defined.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import { certainVehicle } from '../onboarding/resolveVehicle.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import type { ProvisionDeps, ProvisionRequest } from '../provisioning/contract.ts';
import { provision } from '../provisioning/provision.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import { askerOf, type RenewalFlags, withRenewal } from './askRenewal.ts';
import { caOf } from './caOptions.ts';
import { checkFleetFlags, type FleetFlags, provisionMany, withFleetPart } from './provisionFleet.ts';
import { checkWatchFlags, watchNewcomers, withWatch, type WatchFlags } from './provisionWatch.ts';
import { EXIT } from './exitCodes.ts';
import { fieldsFor, type OpenedStack, openStack, refuseForAll } from './open.ts';
import {
  type CmsFlags,
  examples,
  type CaFlags,
  type RoleFlags,
  type SignInFlags,
  withCaFolder,
  withCms,
  withOutput,
  withRoleBoundary,
  withSignIn,
} from './options.ts';
import { requestOf, type RequestFlags, withRequest } from './requestOptions.ts';
import { inSession, type Session } from './session.ts';

export type ProvisionFlags = CmsFlags &
  SignInFlags &
  RoleFlags &
  CaFlags &
  RequestFlags &
  RenewalFlags & { replace?: boolean };

export function addProvision(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('provision')
    .description(
      'get the production certificates of a vehicle, or of a fleet, without the rest of onboarding',
    )
    .summary('get the production certificate of a vehicle, or of a fleet of them');
  withProvisioning(command, generations).option(
    '--replace',
    'move an unusable pair on disk aside, and get a new one',
  );
  withFleetPart(
    command,
    'fleet file with the vehicles: each gets a temporary claim, and its key is made here and sent nowhere',
  );
  withWatch(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement provision --vin LSH14J4C4LA046511 --keys csr-ec',
    'cms-enablement provision --vin LSH14J4C4LA046511 --claim temporary --certs ./certs',
    'cms-enablement provision --vin LSH14J4C4LA046511 --replace',
    'cms-enablement provision --vin LSH14J4C4LA046511 --provisioner jitp',
    'cms-enablement provision --fleet fleet.csv --shard 2/40 --certs ./certs',
    'cms-enablement provision --watch-registrations --allow certs/manifest.csv',
  );
  command.action((flags: ProvisionFlags & WatchFlags & FleetFlags) =>
    inSession(flags, async (session) => {
      checkWatchFlags(flags);
      checkFleetFlags(flags);
      if (flags.watchRegistrations === true) return watchNewcomers(flags, session);
      return flags.fleet === undefined ? run(flags, session) : provisionMany(flags, flags.fleet, session);
    }),
  );
}

/** Options for the vehicle, the claim and the key. */
export function withProvisioning(command: Command, generations: readonly Generation[]): Command {
  const names = generations.flatMap(({ onboarding }) => onboarding?.forCertificate ?? []);
  return withRenewal(
    withSignIn(withCaFolder(withRoleBoundary(withRequest(command, names, generations)))).optionsGroup(
      'Certificate:',
    ),
  );
}

interface Wanted {
  vin: string;
  wishes: ProvisionWishes;
  /** If it had to be opened to know what may be asked for. */
  opened?: OpenedStack;
}

/** What is asked for, checked before anything is done. */
export async function wishesOf(flags: ProvisionFlags, session: Session): Promise<Wanted> {
  const { work, generations } = session;
  // Provisioning does not need an owner. These values only complete the request, so that it can be validated.
  const given = requestOf({ ...flags, username: undefined }, generations);
  const parse = (of: OnboardingFields) => of.parse({ ...given, ...of.unasked }, work.clock.now());
  refuseForAll(session, Object.keys(given), parse);
  const { fields, opened } = await fieldsFor(flags, session);
  const { request, warnings } = parse(fields);
  for (const message of warnings) work.progress({ step: 'check', level: 'warn', message });
  // The CMS was not told anything about the engine, so nothing is kept of it.
  const wishes = { ...fields.wishes(request), fuelType: undefined };
  return { vin: request.vin, wishes, ...defined({ opened }) };
}

/** The request and the dependencies of provisioning and rotation: the CMS, local certificates, and a device process. */
export async function openProvisioning(
  flags: ProvisionFlags,
  session: Session,
  { vin, wishes, opened }: Wanted,
): Promise<{ request: ProvisionRequest; deps: ProvisionDeps }> {
  const { connection, deployment } = opened ?? (await openStack(flags, session));
  const certificates = createCertificateStore(resolve(flags.certs));
  const deps = {
    connection,
    provisioner: provisionerOf(deployment),
    certificates,
    device: session.use(await startDevice()),
    agree: askerOf(flags, session),
    ca: caOf(flags, session),
    ...defined({ roleBoundary: flags.roleBoundary }),
  };
  const vehicle = await certainVehicle(vin, deployment, session.work.signal);
  // A vehicle gets its next certificate the way it got the last one, unless something else is said.
  const way = flags.provisioner === undefined ? (await certificates.facts(vehicle.id))?.way : wishes.way;
  return { request: { ...wishes, ...defined({ way }), vehicle }, deps };
}

async function run(flags: ProvisionFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const wanted = await wishesOf(flags, session);
  // Checked before any call to AWS, because afterwards it would be too late to find that the folder is not writable.
  await createCertificateStore(resolve(flags.certs)).ready();
  const { request, deps } = await openProvisioning(flags, session, wanted);
  await ensureSetup(request, deps, work);
  const { result, identity, certificateArn, files } = await provision(
    { ...request, replace: flags.replace === true },
    deps,
    work,
  );
  const { vin } = request.vehicle;
  const { certificateId, notAfter } = identity;
  const inUse = [...new Set([...files, identity.files.certificate, identity.files.privateKey])];
  output.result(
    'result',
    { vin, result, certificateId, certificateArn, notAfter, files: inUse },
    [`${vin}: certificate ${certificateId} (${result})`, ...inUse.map((file) => `  ${file}`)].join('\n'),
  );
  return EXIT.ok;
}
