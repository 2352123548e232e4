import { CmsError, isCancelled, sentenceOf } from '../../../core/errors.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { poll, waits } from '../../../core/retry.ts';
import type { Work } from '../../../core/work.ts';
import type { LiveVehicle } from '../../contract/vehicles.ts';
import type { FirstTelemetry } from './firstTelemetry.ts';
import type { VehicleInput } from './steps.ts';

/** Milliseconds until telemetry is sent once more; their sum, 40 s, bounds the wait. */
const ROUNDS_MS = [2_000, 4_000, 6_000, 8_000, 10_000, 10_000];
const BETWEEN_LOOKS = waits(500);

type VisibleInput = VehicleInput & { telemetry: FirstTelemetry };

/** The fleet manager learns make and model only if the asset library's event came before the telemetry. */
export function isFullyVisible(live: LiveVehicle): boolean {
  return live.make !== '' && live.model !== '';
}

/**
 * Asks the fleet manager until it shows the vehicle with make and model, sending telemetry again in between.
 * @throws CmsError VEHICLE_NOT_VISIBLE with the reason
 */
export async function waitUntilVisible(input: VisibleInput, work: Work): Promise<LiveVehicle> {
  const { vin } = input.request;
  let seen: LiveVehicle | undefined;
  let trouble: unknown;
  const look = async (): Promise<LiveVehicle | undefined> => {
    try {
      trouble = undefined;
      seen = await input.api.liveVehicle(vin, work.signal);
    } catch (error) {
      if (isCancelled(error) || work.signal.aborted) throw error;
      trouble = error;
    }
    return seen && isFullyVisible(seen) ? seen : undefined;
  };
  for (const [round, withinMs] of ROUNDS_MS.entries()) {
    if (round > 0) {
      const message = l10n.t('Not shown yet: sending telemetry again');
      work.progress({ step: 'visible', level: 'info', message, vin });
      await input.telemetry.send(work);
    }
    const live = await poll(work, { attempts: Infinity, withinMs, backoff: BETWEEN_LOOKS }, look);
    if (live) {
      warnOfOtherDetails(input, live);
      return live;
    }
  }
  throw notVisible(input, seen, trouble);
}

function warnOfOtherDetails({ request, kit: { warn } }: VisibleInput, live: LiveVehicle): void {
  const { make, model } = request;
  if (live.make === make && live.model === model) return;
  const [shown, asked] = [`${live.make} ${live.model}`, `${make} ${model}`];
  warn(
    l10n.t('The fleet manager shows {vin} as {shown}, not {asked}: it keeps what it learned first.', {
      vin: live.vin,
      shown,
      asked,
    }),
  );
}

function notVisible(
  { request: { vin }, telemetry }: VisibleInput,
  seen: LiveVehicle | undefined,
  trouble: unknown,
): CmsError {
  if (trouble !== undefined) {
    return new CmsError(
      'VEHICLE_NOT_VISIBLE',
      l10n.t('The fleet manager cannot be asked about {vin}: {reason}', { vin, reason: sentenceOf(trouble) }),
      {
        remedy: l10n.t(
          'Run onboard again later; an incomplete message of any vehicle makes the fleet manager fail for all.',
        ),
        cause: trouble,
      },
    );
  }
  if (seen === undefined) {
    const remedy = l10n.t(
      "Run doctor for {vin}, and look at the logs of the stack's car data ingest function.",
      {
        vin,
      },
    );
    return new CmsError('VEHICLE_NOT_VISIBLE', acknowledgedOnly(vin, telemetry.sent), { remedy });
  }
  return new CmsError(
    'VEHICLE_NOT_VISIBLE',
    l10n.t(
      "The fleet manager shows {vin} without make and model: the asset library's event about the vehicle did not reach it before the telemetry.",
      { vin },
    ),
    {
      remedy: l10n.t(
        'Run onboard again in a minute; if that does not help, look at the asset library event rules.',
      ),
    },
  );
}

function acknowledgedOnly(vin: string, count: number): Message {
  if (count === 0) {
    return l10n.t(
      'Its earlier telemetry was acknowledged by AWS IoT, but the fleet manager does not know {vin}: the topic rule or the ingest function did not accept them.',
      { vin },
    );
  }
  return l10n.plural(
    count,
    l10n.t(
      '1 telemetry message was acknowledged by AWS IoT, but the fleet manager does not know {vin}: the topic rule or the ingest function did not accept it.',
      { vin },
    ),
    l10n.t(
      '{count} telemetry messages were acknowledged by AWS IoT, but the fleet manager does not know {vin}: the topic rule or the ingest function did not accept them.',
      { count, vin },
    ),
  );
}
