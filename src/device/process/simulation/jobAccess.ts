import { l10n } from '../../../core/message.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { SimulationNotice } from '../../../protocol/simulation.ts';

/**
 * Tracks whether vehicles of a run may use jobs, or the commands of their CMS. Instead of answering, AWS IoT drops a client that subscribes to what
 * its policy forbids. So a vehicle that was dropped continues without them, and the run sends one notice.
 */
export interface JobAccess {
  allowed(vehicle: VehicleRef): boolean;
  granted(vehicle: VehicleRef): void;
  /** Call when the server refused the subscription, or dropped the connection because of it. */
  refused(vehicle: VehicleRef, how: { topic: string; dropped: boolean }): void;
}

/** How many drops make a vehicle give up jobs. If others were granted jobs, a single drop may have another reason. */
const DROPS = { first: 1, afterOthers: 2 };
/** When this many vehicles were refused and none granted, the policy of all vehicles forbids jobs. */
const ENOUGH = 3;

/** @param what they are to take, as their codec has it */
export function createJobAccess(
  wanted: boolean,
  notify: (notice: SimulationNotice) => void,
  what: 'jobs' | 'commands' = 'jobs',
): JobAccess {
  const drops = new Map<string, number>();
  const without = new Set<string>();
  let anyGranted = false;
  let notified = false;

  return {
    allowed: ({ id }) => wanted && !without.has(id) && (anyGranted || without.size < ENOUGH),
    granted({ id }) {
      anyGranted = true;
      drops.delete(id);
    },
    refused({ vin, id }, { topic, dropped }) {
      const count = (drops.get(id) ?? 0) + 1;
      drops.set(id, count);
      if (dropped && count < (anyGranted ? DROPS.afterOthers : DROPS.first)) return;
      without.add(id);
      if (notified) return;
      notified = true;
      notify({
        vin,
        sentence: sentenceOf(what, dropped, { vin, topic }),
        remedy: l10n.t(
          'Let the policy of its certificate allow iot:Subscribe and iot:Receive there, or switch jobs off. This is reported once, even if it applies to other vehicles too.',
        ),
      });
    },
  };
}

function sentenceOf(what: 'jobs' | 'commands', dropped: boolean, about: { vin: string; topic: string }) {
  if (what === 'jobs') {
    return dropped
      ? l10n.t('{vin} keeps driving without jobs: it was dropped when it subscribed to {topic}.', about)
      : l10n.t('{vin} keeps driving without jobs: it is not allowed to subscribe to {topic}.', about);
  }
  return dropped
    ? l10n.t('{vin} keeps driving without commands: it was dropped when it subscribed to {topic}.', about)
    : l10n.t('{vin} keeps driving without commands: it is not allowed to subscribe to {topic}.', about);
}
