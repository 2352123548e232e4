import type { Deployment, Fact } from '../cms/contract/deployment.ts';
import type { OnboardRequest } from '../cms/contract/fields.ts';
import type { Onboarded, OnboardKit } from '../cms/contract/onboarding.ts';
import { createShared } from '../cms/contract/shared.ts';
import type { StepReport } from '../cms/contract/steps.ts';
import type { LiveVehicle } from '../cms/contract/vehicles.ts';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { AskedRenewal, ProvisionDeps, ProvisionResult } from '../provisioning/contract.ts';
import { brokerOf } from '../provisioning/device.ts';
import { provision } from '../provisioning/provision.ts';
import { rotate } from '../provisioning/rotate.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import { refusedForNow, untilKnown } from '../provisioning/untilKnown.ts';
import { preparationSteps } from './commonSteps.ts';
import type { OnboardDeps, Prepared, VehicleInput } from './onboardDeps.ts';
import { createStepRunner, type StepRunner } from './steps.ts';
import { collectWarnings } from './warnings.ts';

export interface OnboardingResult extends VehicleRef {
  /** Whether something was made for it, or it lacked nothing. */
  outcome: 'created' | 'found';
  /** Name of the stack that the CMS is known by, and what else tells it from others. */
  stack: string;
  facts: readonly Fact[];
  certificateId: string;
  certificateArn: string;
  /** Absolute paths of what this run wrote and of the pair in use. */
  files: string[];
  /** Address of the CMS web UI. */
  uiUrl: string | undefined;
  /** As the CMS shows it, if it does. */
  live: LiveVehicle | undefined;
  warnings: Message[];
  /** What each step found or made, and how long it took. */
  steps: StepReport[];
  /** What else its generation has to say of it. */
  lines: Onboarded['lines'];
  own: Onboarded['own'];
}

/**
 * Makes one vehicle ready for its CMS. Every step looks first, so a run that failed, was cancelled or killed is
 * continued by running again with the same request.
 * @param request from the fields of the generation, whose warnings belong into `warnings`
 * @throws CmsError with the step it happened in
 */
export async function onboard(
  request: OnboardRequest,
  deps: OnboardDeps,
  work: Work,
  warnings: readonly Message[] = [],
): Promise<OnboardingResult> {
  const collected = [...warnings];
  const steps = createStepRunner(collectWarnings(work, collected), {
    vin: request.vin,
    onStep: deps.onStep,
  });
  const prepared = await prepare(deps, steps);
  return onboardPrepared({ ...prepared, request, warnings: collected, aside: (wait) => wait() }, steps);
}

/** As one flat object, for JSON. */
export function flatResult({ own, lines: _, facts: __, ...result }: OnboardingResult): object {
  return { ...result, ...own };
}

/** The steps that are done once for all vehicles. */
export async function prepare(deps: OnboardDeps, steps: StepRunner): Promise<Prepared> {
  await steps.run(preparationSteps.certificateFolder, deps);
  const { deployment } = await steps.run(preparationSteps.findStacks, deps);
  const { onboarding } = deployment;
  if (onboarding === undefined) throw notPossible(deployment, 'onboard');
  await onboarding.prepare(steps.run);
  return { deps, deployment, onboarding, shared: createShared() };
}

/** The steps of one vehicle. */
export async function onboardPrepared(input: VehicleInput, steps: StepRunner): Promise<OnboardingResult> {
  const { request, deployment, onboarding, warnings } = input;
  const done = await onboarding.onboard(request, kitOf(input, steps));
  const { identity, certificateArn, files } = done.provisioned;
  return {
    ...done.vehicle,
    outcome: steps.made ? 'created' : 'found',
    stack: deployment.stack.name,
    facts: deployment.facts,
    certificateId: identity.certificateId,
    certificateArn,
    files: [...new Set([...files, identity.files.certificate, identity.files.privateKey])],
    uiUrl: deployment.uiUrl,
    live: done.live,
    warnings,
    steps: [...steps.reports],
    lines: done.lines,
    own: done.own,
  };
}

/** The error of what a deployment cannot do. */
export function notPossible(
  { stack }: Pick<Deployment, 'stack'>,
  what: 'onboard' | 'provision' | 'send' | 'watch' | 'jobs' | 'commands' | 'cloudDrive',
): CmsError {
  const { name } = stack;
  const sentences = {
    onboard: l10n.t('Vehicles cannot be onboarded onto {name} from here.', { name }),
    provision: l10n.t('Certificates for {name} cannot be made here.', { name }),
    send: l10n.t('The telemetry of {name} is not known here.', { name }),
    jobs: l10n.t('It is not known here which jobs vehicles of {name} understand.', { name }),
    commands: l10n.t('{name} has no commands for vehicles.', { name }),
    cloudDrive: l10n.t('{name} has no simulator of its own that could send for vehicles.', { name }),
    watch: l10n.t('The messages of vehicles of {name} cannot be watched from here.', { name }),
  };
  return new CmsError('REQUEST_INVALID', sentences[what], {
    remedy: l10n.t('"cms-enablement deployments" shows what each deployment supports.'),
  });
}

function kitOf({ deps, deployment, shared, aside }: VehicleInput, { run, warn }: StepRunner): OnboardKit {
  const { connection, certificates, device, roleBoundary, ca } = deps;
  const provisioning = deps.provisioning ?? { ensureSetup, provision, rotate };
  const provisionDeps = (): ProvisionDeps => {
    const provisioner = provisionerOf(deployment);
    const agree = async (asked: AskedRenewal): Promise<boolean> => {
      if (provisioner.renewal.oldEnds === 'before') {
        if (deps.agree === undefined) throw mayNotEnd(asked);
        if (!(await deps.agree(asked))) return false;
      }
      warn(asked.words);
      return true;
    };
    const all = { connection, certificates, device, provisioner, agree };
    return { ...all, ...defined({ roleBoundary, ca }) };
  };
  return {
    run,
    shared,
    warn,
    aside,
    setup: ({ templateName, way }, work) =>
      provisioning.ensureSetup(defined({ templateName, way }), provisionDeps(), work),
    provision: (vehicle, wishes, work): Promise<ProvisionResult> =>
      provisioning.provision({ ...wishes, vehicle }, provisionDeps(), work),
    renew: (vehicle, wishes, work): Promise<ProvisionResult> =>
      provisioning.rotate({ ...wishes, vehicle }, provisionDeps(), work),
    async publish(vehicle, { identity }, messages, work) {
      const broker = await brokerOf(connection, work.signal);
      const clientId = provisionerOf(deployment).clientId(vehicle);
      const request = { broker, identity: identity.identity, clientId, messages };
      // Rights that the vehicle got a moment ago may not be known everywhere yet.
      await untilKnown(work, refusedForNow, () => device.publish(request, work));
    },
  };
}

/** Where nobody can be asked, nothing is ended that works. */
function mayNotEnd({ words }: AskedRenewal): CmsError {
  return new CmsError('REQUEST_INVALID', words, {
    step: 'renewal',
    remedy: l10n.t(
      'This needs a confirmation, and nobody can be asked here. If you want it, onboard the vehicle alone in the editor, which asks, or use --yes on the command line.',
    ),
  });
}

/** @throws CmsError REQUEST_INVALID if the deployment has none */
export function provisionerOf(deployment: Deployment): ProvisionDeps['provisioner'] {
  if (deployment.certificates === undefined) throw notPossible(deployment, 'provision');
  return deployment.certificates;
}

/** @throws CmsError REQUEST_INVALID if it is not known */
export function telemetryOf(deployment: Deployment): NonNullable<Deployment['telemetry']> {
  if (deployment.telemetry === undefined) throw notPossible(deployment, 'send');
  return deployment.telemetry;
}

/** The same where it can be listened to. @throws CmsError REQUEST_INVALID if it cannot */
export function watchedTelemetryOf(deployment: Deployment): NonNullable<Deployment['telemetry']> {
  if (deployment.telemetry?.live === undefined) throw notPossible(deployment, 'watch');
  return deployment.telemetry;
}
