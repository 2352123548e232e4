import type { LiveVehicle } from '../cms/deployment.ts';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { createFirstTelemetry } from './firstTelemetry.ts';
import type { OnboardDeps, Prepared, VehicleInput } from './onboardDeps.ts';
import { preparationSteps, vehicleSteps } from './onboardSteps.ts';
import type { VehicleRequest } from './request.ts';
import { createShared } from './shared.ts';
import { createStepRunner, type StepReport, type StepRunner } from './steps.ts';
import { collectWarnings } from './warnings.ts';

export interface OnboardingResult {
  vin: string;
  stack: string;
  core: string;
  thingName: string;
  deviceId: string;
  certificateId: string;
  certificateArn: string;
  supplier: { name: string; externalId: string };
  username: string;
  /** Absolute paths of what this run wrote and of the pair in use. */
  files: string[];
  /** Address of the CMS web UI. */
  uiUrl: string | undefined;
  /** As the fleet manager shows it. */
  live: LiveVehicle;
  warnings: Message[];
  /** What each step found or made, and how long it took. */
  steps: StepReport[];
}

/**
 * Makes one vehicle ready for CMS, from sign-in to being shown by the fleet manager. Every step looks first, so a
 * run that failed, was cancelled or killed is continued by running again with the same request.
 * @param request from `parseRequest`, whose warnings belong into `warnings`
 * @throws CmsError with the step it happened in
 */
export async function onboard(
  request: VehicleRequest,
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
  return onboardPrepared({ ...prepared, request, warnings: collected }, steps);
}

/** The steps that are done once for all vehicles. */
export async function prepare(deps: OnboardDeps, steps: StepRunner): Promise<Prepared> {
  await steps.run(preparationSteps.certificateFolder, deps);
  const { deployment } = await steps.run(preparationSteps.findStacks, deps);
  await steps.run(preparationSteps.signIn, { deps, deployment });
  return { deps, deployment, shared: createShared() };
}

/** The steps of one vehicle. */
export async function onboardPrepared(input: VehicleInput, steps: StepRunner): Promise<OnboardingResult> {
  const { supplier } = await steps.run(vehicleSteps.supplier, input);
  await steps.run(vehicleSteps.user, input);
  await steps.run(vehicleSteps.setup, input);
  const { provisioned } = await steps.run(vehicleSteps.certificate, input);
  const registered = await steps.run(vehicleSteps.register, { ...input, supplier, provisioned });
  const activated = await steps.run(vehicleSteps.activate, { ...input, supplier });
  await steps.run(vehicleSteps.owner, input);
  const telemetry = createFirstTelemetry(input, provisioned);
  await steps.run(vehicleSteps.firstTelemetry, {
    ...input,
    telemetry,
    newCertificate: provisioned.result !== 'found',
    registryChanged: registered.outcome !== 'found' || activated.outcome !== 'found',
  });
  const { live } = await steps.run(vehicleSteps.visible, { ...input, telemetry });

  const { request, deployment, warnings } = input;
  const { identity, certificateArn, files } = provisioned;
  const { thingName } = deployment.refOf(request.vin);
  return {
    vin: request.vin,
    stack: deployment.stack.name,
    core: deployment.core.name,
    thingName,
    deviceId: thingName.toLowerCase(),
    certificateId: identity.certificateId,
    certificateArn,
    supplier,
    username: request.username,
    files: [...new Set([...files, identity.files.certificate, identity.files.privateKey])],
    uiUrl: deployment.uiUrl,
    live,
    warnings,
    steps: [...steps.reports],
  };
}
