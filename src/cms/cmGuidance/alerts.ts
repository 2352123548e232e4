import type { Alert, Alerts } from '../contract/alerts.ts';
import type { PasswordNeed } from '../contract/credentials.ts';
import type { Warning } from './api.ts';
import { createDirectory } from './directory.ts';
import { unlessNotThere } from './replies.ts';
import type { Sources } from './sources.ts';

/**
 * What the stream made of thresholds: safety events and maintenance alerts, of all vehicles that one may see. A trouble
 * code comes with the alert that made it. Who may not read one of the two gets the other.
 */
export function createAlerts(sources: Sources, needs: PasswordNeed): Alerts {
  const { api } = sources;
  const directory = createDirectory(sources, undefined);
  const known = new Set<string>();

  async function named(warnings: readonly Warning[], signal: AbortSignal): Promise<Alert[]> {
    const isNew = warnings.some(({ vehicleId }) => !known.has(vehicleId));
    if (isNew) await directory.refresh(signal);
    return warnings.map(({ vehicleId, time, kind, text }) => {
      known.add(vehicleId);
      return { vin: directory.vinOf(vehicleId) ?? vehicleId, time, kind, text };
    });
  }
  return {
    needs,
    async since(time, signal) {
      const all = [
        ...((await unlessNotThere(api.allSafetyEvents(signal))) ?? []),
        ...((await unlessNotThere(api.allAlerts(signal))) ?? []),
      ];
      const newer = all.filter((warning) => (warning.time ?? 0) > time);
      return (await named(newer, signal)).sort((one, other) => (one.time ?? 0) - (other.time ?? 0));
    },
  };
}
