import type { LiveVehicle } from '../cms/deployment.ts';
import { CmsError, isCancelled, messageOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { publishRestingVehicle } from './firstTelemetry.ts';
import { known, type VehicleState } from './onboardDeps.ts';

/** Milliseconds waited before telemetry is sent once more; their sum, 40 s, bounds the wait. */
const ROUNDS_MS = [2_000, 4_000, 6_000, 8_000, 10_000, 10_000];
const POLL_MS = 500;

/** The fleet manager learns make and model only if the asset library's event came before the telemetry. */
export function isFullyVisible(live: LiveVehicle): boolean {
  return live.make !== '' && live.model !== '';
}

/**
 * Asks the fleet manager until it shows the vehicle with make and model, sending telemetry again in between.
 * @throws CmsError VEHICLE_NOT_VISIBLE with the reason
 */
export async function waitUntilVisible(state: VehicleState, work: Work): Promise<LiveVehicle> {
  const { vin } = state.request;
  const deployment = known(state.deployment, 'The deployment');
  let seen: LiveVehicle | undefined;
  let trouble: unknown;
  for (const [round, waitMs] of ROUNDS_MS.entries()) {
    if (round > 0) {
      work.progress({
        step: 'visible',
        level: 'info',
        message: 'Not shown yet: sending telemetry again',
        vin,
      });
      await publishRestingVehicle(state, work);
    }
    const until = work.clock.now() + waitMs;
    do {
      try {
        trouble = undefined;
        seen = await deployment.liveVehicle(vin, work.signal);
      } catch (error) {
        if (isCancelled(error) || work.signal.aborted) throw error;
        trouble = error;
      }
      if (seen && isFullyVisible(seen)) {
        warnOfOtherDetails(state, seen);
        return seen;
      }
      await work.clock.sleep(POLL_MS, work.signal);
    } while (work.clock.now() < until);
  }
  throw notVisible(state, seen, trouble);
}

function warnOfOtherDetails(state: VehicleState, live: LiveVehicle): void {
  const { make, model } = state.request;
  if (live.make === make && live.model === model) return;
  state.warnings.push(
    l10n.t('The fleet manager shows {vin} as {shown}, not {asked}: it keeps what it learned first.', {
      vin: live.vin,
      shown: `${live.make} ${live.model}`,
      asked: `${make} ${model}`,
    }),
  );
}

function notVisible(state: VehicleState, seen: LiveVehicle | undefined, trouble: unknown): CmsError {
  const { vin } = state.request;
  const sent = state.serial === 0 ? 'Its earlier telemetry was' : `${state.serial} telemetry messages were`;
  if (trouble !== undefined) {
    return new CmsError(
      'VEHICLE_NOT_VISIBLE',
      `The fleet manager cannot be asked about ${vin}: ${messageOf(trouble)}`,
      {
        remedy:
          'Run onboard again later; an incomplete message of any vehicle makes the fleet manager fail for all.',
        cause: trouble,
      },
    );
  }
  if (seen === undefined) {
    return new CmsError(
      'VEHICLE_NOT_VISIBLE',
      `${sent} acknowledged by AWS IoT, but the fleet manager does not know ${vin}: the topic rule or the ingest function did not take them.`,
      { remedy: `Run doctor for ${vin}, and look at the logs of the stack's car data ingest function.` },
    );
  }
  return new CmsError(
    'VEHICLE_NOT_VISIBLE',
    `The fleet manager shows ${vin} without make and model: the asset library's event about the vehicle did not reach it before the telemetry.`,
    {
      remedy: 'Run onboard again in a minute; if that does not help, look at the asset library event rules.',
    },
  );
}
