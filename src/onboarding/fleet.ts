import type { CmsError } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { StepReport } from '../cms/contract/steps.ts';
import type { ManifestVehicle } from './manifest.ts';
import { onboardPrepared, type OnboardingResult, prepare } from './onboard.ts';
import type { OnboardDeps } from './onboardDeps.ts';
import { type Outcome, paced, type Pace } from './paced.ts';
import { createStepRunner } from './steps.ts';
import { collectWarnings } from './warnings.ts';

export interface FleetDeps extends OnboardDeps {
  /** Called with each vehicle as it ends. */
  onVehicle?: (outcome: VehicleOutcome) => void;
}

export type VehicleOutcome = { vin: string; line: number } & (
  | { status: 'onboarded'; result: OnboardingResult }
  | { status: 'failed'; error: CmsError }
  /** Not begun or not ended: the run was cancelled, or an error stopped it that concerns every vehicle. */
  | { status: 'unfinished' }
);

export interface FleetResult {
  /** In the order of the manifest. */
  vehicles: VehicleOutcome[];
  /** Created and found ones together. */
  onboarded: number;
  /** Vehicles that something was made for. */
  created: number;
  /** Vehicles that lacked nothing. */
  found: number;
  failed: number;
  unfinished: number;
  cancelled: boolean;
  /** The error that ended the whole run early, if one did. */
  stoppedBy: CmsError | undefined;
  /** The steps done once for all. */
  preparation: StepReport[];
  ms: number;
}

/**
 * Onboards many vehicles: signs in once, looks once at what vehicles share, and works on a few
 * vehicles at a time. A vehicle that fails does not stop the others. Running again continues, as every step looks first.
 * @throws CmsError if a step that is done once for all fails or is cancelled; later errors are in the result
 */
export async function onboardFleet(
  vehicles: readonly ManifestVehicle[],
  deps: FleetDeps,
  work: Work,
  options: Pace = {},
): Promise<FleetResult> {
  const started = work.clock.now();
  const preparing = createStepRunner(work, { onStep: deps.onStep });
  const prepared = await prepare(deps, preparing);

  const { outcomes: ended, stoppedBy } = await paced(
    vehicles,
    ({ request, warnings }, aside) => {
      // What throttled attempts made is still made for it, and what they warned of is still true.
      let madeBefore = false;
      const collected = [...warnings];
      return async (): Promise<OnboardingResult> => {
        const steps = createStepRunner(collectWarnings(work, collected), {
          vin: request.vin,
          onStep: deps.onStep,
        });
        try {
          const input = { ...prepared, request, warnings: collected, aside };
          const result = await onboardPrepared(input, steps);
          return madeBefore ? { ...result, outcome: 'created' } : result;
        } catch (error) {
          madeBefore ||= steps.made;
          throw error;
        }
      };
    },
    work,
    options,
    (vehicle, outcome) => deps.onVehicle?.(outcomeOf(vehicle, outcome)),
  );
  const outcomes = ended.flatMap((outcome, i) => {
    const vehicle = vehicles[i];
    return vehicle === undefined ? [] : [outcomeOf(vehicle, outcome)];
  });
  const onboarded = count(outcomes, 'onboarded');
  const created = outcomes.filter((each) => each.status === 'onboarded' && each.result.outcome === 'created');
  return {
    vehicles: outcomes,
    onboarded,
    created: created.length,
    found: onboarded - created.length,
    failed: count(outcomes, 'failed'),
    unfinished: count(outcomes, 'unfinished'),
    cancelled: work.signal.aborted,
    stoppedBy,
    preparation: [...preparing.reports],
    ms: work.clock.now() - started,
  };
}

function count(outcomes: readonly VehicleOutcome[], status: VehicleOutcome['status']): number {
  return outcomes.filter((outcome) => outcome.status === status).length;
}

function outcomeOf(
  { request: { vin }, line }: ManifestVehicle,
  outcome: Outcome<OnboardingResult>,
): VehicleOutcome {
  return outcome.status === 'done'
    ? { vin, line, status: 'onboarded', result: outcome.result }
    : { vin, line, ...outcome };
}
