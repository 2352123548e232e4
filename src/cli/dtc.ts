import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SOMEWHERE } from '../cms/contract/checks.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { isGiven } from '../cms/contract/needs.ts';
import { l10n } from '../core/message.ts';
import { telemetryOf } from '../onboarding/onboard.ts';
import { sendingOf } from '../onboarding/sending.ts';
import { resolveVehicle } from '../onboarding/resolveVehicle.ts';
import { type VehicleRef, vehicleRefOf } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { simulatedVehicles } from '../device/client/simulatedVehicles.ts';
import { brokerOf } from '../provisioning/device.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { restingSample } from '../telemetry/restingSample.ts';
import type { Sample } from '../telemetry/sample.ts';
import { EXIT } from './exitCodes.ts';
import { openStack } from './open.ts';
import { type CmsFlags, examples, type SignInFlags, withCms, withOutput, withSignIn } from './options.ts';
import { inSession, type Session } from './session.ts';
import { troubleCode } from './simulationOptions.ts';

type DtcFlags = CmsFlags & SignInFlags & { vin: string; code: string };

export function addDtc(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('dtc')
    .description("report a trouble code as a vehicle; CMS shows it after the vehicle's next sample")
    .requiredOption('--vin <vin>', 'vehicle with a certificate in the certificate folder')
    .requiredOption('--code <code>', 'diagnostic trouble code, such as P1734', troubleCode);
  withSignIn(command);
  withCms(command, generations);
  examples(withOutput(command), 'cms-enablement dtc --vin LSH14J4C4LA046511 --code P1734').addHelpText(
    'after',
    '\nIt connects as the vehicle: a simulation of the same vehicle loses its connection for a moment.\n' +
      'Use --dtc of simulate for codes during a drive.',
  );
  command.action((flags: DtcFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: DtcFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const { vin, code } = flags;
  const certificates = createCertificateStore(resolve(flags.certs));
  const { connection, deployment } = await openStack(flags, session);
  const named = await resolveVehicle(vin, deployment, certificates, work.signal);
  const telemetry = telemetryOf(deployment);
  const { codec } = telemetry;
  const sending = sendingOf(telemetry, work.signal);
  const vehicles = await simulatedVehicles([named], { ...sending, certificates, seed: 0, routes: 1 });
  const broker = await brokerOf(connection, work.signal);
  const device = session.use(await startDevice());
  for (const { identity, topic, ...vehicle } of vehicles) {
    const ref = vehicleRefOf(vehicle);
    const context = { ...ref, tripId: 'none', simulationId: 'none', serial: 0, topic };
    const message =
      codec.trouble({ code, time: work.clock.now() }, context) ??
      // Its samples carry the code, and each says where the vehicle is.
      codec.sample(await restingWhere(ref, deployment, flags, work), { ...context, troubleCode: code });
    await device.publish({ broker, identity, clientId: codec.clientId(ref), messages: [message] }, work);
    output.result('result', { vin, code, topic: message.topic }, `${vin} has reported ${code}.`);
  }
  return EXIT.ok;
}

/** At rest where the CMS saw the vehicle last; somewhere, where nobody signs in to ask. */
async function restingWhere(
  vehicle: VehicleRef,
  { vehicles }: Deployment,
  { username }: SignInFlags,
  work: Work,
): Promise<Sample> {
  if (username === undefined && isGiven(vehicles.needs)) {
    const message = l10n.t('Without --username nobody can ask where {vin} is: it is said to be in Atlanta.', {
      vin: vehicle.vin,
    });
    work.progress({ step: 'dtc', level: 'warn', message });
    return restingSample(SOMEWHERE, work.clock);
  }
  const seen = await vehicles.live?.(vehicle, work.signal);
  return restingSample(seen?.position ?? SOMEWHERE, work.clock);
}
