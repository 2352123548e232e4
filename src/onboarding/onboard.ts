import type { LiveVehicle } from '../cms/deployment.ts';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { known, type OnboardDeps, type VehicleState } from './onboardDeps.ts';
import { onboardingSteps } from './onboardSteps.ts';
import type { VehicleRequest } from './request.ts';
import { createShared } from './shared.ts';
import { runSteps, type StepReport } from './steps.ts';
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
  const state = newVehicleState(request, { deps, shared: createShared() }, warnings);
  const steps = await runSteps(onboardingSteps, state, collectWarnings(work, state.warnings), {
    vin: request.vin,
    onStep: deps.onStep,
  });
  return resultOf(state, steps);
}

export function newVehicleState(
  request: VehicleRequest,
  prepared: Pick<VehicleState, 'deps' | 'shared' | 'deployment'>,
  warnings: readonly Message[],
): VehicleState {
  return { ...prepared, request, warnings: [...warnings], registryChanged: false, serial: 0 };
}

export function resultOf(state: VehicleState, steps: StepReport[]): OnboardingResult {
  const { request, warnings } = state;
  const deployment = known(state.deployment, 'The deployment');
  const { identity, certificateArn, files } = known(state.provisioned, 'The certificate');
  const thingName = deployment.thingNameOf(request.vin);
  return {
    vin: request.vin,
    stack: deployment.stack.name,
    core: deployment.core.name,
    thingName,
    deviceId: thingName.toLowerCase(),
    certificateId: identity.certificateId,
    certificateArn,
    supplier: known(state.supplier, 'The supplier'),
    username: request.username,
    files: [...new Set([...files, identity.files.certificate, identity.files.privateKey])],
    uiUrl: deployment.uiUrl,
    live: known(state.live, 'The live vehicle'),
    warnings,
    steps,
  };
}
