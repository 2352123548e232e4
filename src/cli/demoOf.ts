import type { OnboardingFields } from '../cms/contract/fields.ts';
import { readFileBounded } from '../core/bounded.ts';
import { defined } from '../core/defined.ts';
import { CmsError, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
import { simulatedVehicles } from '../device/client/simulatedVehicles.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { newSimulationId } from '../device/client/startSimulation.ts';
import { offboard } from '../onboarding/offboard.ts';
import { planOffboard } from '../onboarding/offboardPlan.ts';
import { flatResult, provisionerOf, telemetryOf } from '../onboarding/onboard.ts';
import { certainVehicle } from '../onboarding/resolveVehicle.ts';
import { sendingOf } from '../onboarding/sending.ts';
import { usualWishes } from '../onboarding/usualWishes.ts';
import { brokerOf } from '../provisioning/device.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { rotate } from '../provisioning/rotate.ts';
import { readRoutes } from '../telemetry/routes/readRoutes.ts';
import { measuresIn } from '../text/measures.ts';
import { DURATION_MS, liveOf, ROUTE, SPEED, TROUBLE } from './demoDrive.ts';
import { seconds } from './format.ts';
import { type OnboardFlags, onboardVehicle } from './onboard.ts';
import { describeSteps } from './onboardText.ts';
import { openStack } from './open.ts';
import type { Session } from './session.ts';
import { runSimulation } from './simulate.ts';

/**
 * What any generation can show: two vehicles, made of what its wizard would propose, are onboarded, drive with a trouble
 * code on the way, and are read back from the CMS; one is renewed, both are taken off again.
 */
export async function demoOf(fields: OnboardingFields, flags: OnboardFlags, session: Session): Promise<void> {
  const { output, work } = session;
  const certificates = createCertificateStore(flags.certs);
  const vins: string[] = [];
  for (let count = 0; count < 2; count++) {
    const started = work.clock.now();
    const keys = count === 1 && mayKeepKey(fields) ? { keys: 'csr-ec' } : {};
    const result = await onboardVehicle({ ...flags, ...proposed(fields, session), ...keys }, session);
    vins.push(result.vin);
    const ms = work.clock.now() - started;
    const text = `\n${result.vin} is onboard, in ${seconds(ms)}:\n${describeSteps(result.steps).join('\n')}`;
    output.result('vehicle', { result: flatResult(result), ms }, text);
  }

  const { signIn } = fields;
  const username = signIn && proposed(fields, session)[signIn.field];
  const { connection, deployment } = await openStack({ ...flags, ...defined({ username }) }, session);
  const refs = await Promise.all(vins.map((vin) => certainVehicle(vin, deployment, work.signal)));
  const { routes } = await readRoutes(await readFileBounded(ROUTE, { mostBytes: 2 ** 20 }), ROUTE);
  const sending = sendingOf(telemetryOf(deployment), work.signal);
  output.note(`\nBoth vehicles drive through Atlanta, ${SPEED} times as fast as in real time …`);
  const { vehicles: states } = await runSimulation(
    {
      simulationId: newSimulationId(work.clock.now()),
      generation: deployment.generation,
      broker: await brokerOf(connection, work.signal),
      routes,
      vehicles: await simulatedVehicles(refs, { ...sending, certificates, seed: 1, routes: 1 }),
      ...{ speed: SPEED, events: [TROUBLE], durationMs: DURATION_MS },
    },
    session,
    flags,
  );
  throwIfAborted(work.signal, 'drive');
  for (const { vin, serial, lost, metres } of states) {
    const live = await liveOf(deployment, vin, work.signal);
    if (lost > 0 || live?.troubleCodes.includes(TROUBLE.code) !== true) throw notShown(vin);
    output.result(
      'drive',
      { vin, serials: serial, metres, troubleCodes: live.troubleCodes },
      `${vin}: ${serial} messages of ${measuresIn().distance(metres)}; the CMS has ${live.troubleCodes.join(', ')} of it.`,
    );
  }

  const [first] = refs;
  if (first !== undefined) {
    const provisioner = provisionerOf(deployment);
    const { wishes } = usualWishes(first.vin, provisioner, fields, {}, work.clock.now());
    const device = session.use(await startDevice());
    const deps = { connection, provisioner, certificates, device };
    const { previous } = await rotate({ ...wishes, vehicle: first }, deps, work);
    output.result(
      'rotated',
      { vin: first.vin, previous },
      `${first.vin} has a new certificate; the old one is ${previous.status}.`,
    );
  }
  const cloud = createCloudIdentities(connection);
  for (const vin of vins) {
    const plan = await planOffboard({ vin }, { deployment, cloud, certificates }, work);
    const { removed } = await offboard(plan, work);
    output.result('offboarded', { vin, removed: removed.length }, `${vin} is offboarded.`);
  }
}

/** The answers that the wizard would propose. */
function proposed({ fields }: OnboardingFields, { work }: Session): Record<string, string> {
  const answers: Record<string, string> = {};
  for (const { name, question } of fields) {
    const answer = question?.makeUp?.value(work.random) ?? question?.suggestion;
    if (answer !== undefined) answers[name] = answer;
  }
  return answers;
}

/** Whether a vehicle may make its own key, and send a CSR. */
function mayKeepKey({ fields }: OnboardingFields): boolean {
  return fields.some(
    ({ name, choices }) => name === 'keys' && choices?.some(({ value }) => value === 'csr-ec') === true,
  );
}

function notShown(vin: string): CmsError {
  return new CmsError(
    'VEHICLE_NOT_VISIBLE',
    l10n.t('The drive of {vin} went wrong: {what}.', {
      vin,
      what: l10n.t('the CMS does not show {code}', { code: TROUBLE.code }),
    }),
  );
}
