import type { EncodedMessage } from './sample.ts';

/**
 * Jobs (commands of the cloud) as CMS v1 knows them: its command template `OtaUpdate` makes documents like
 * `{"operation":"OtaUpdate","desiredVersion":"2.0","commandId":"…"}`, and its own vehicles take `updateFirmware` for
 * the same. Source: CMS v1 post-deployment template, simulation engine; CDF commands service.
 */

export interface VehicleJob {
  operation: string;
  desiredVersion: string;
}

const OPERATIONS = ['OtaUpdate', 'updateFirmware'];
/** What a vehicle says of itself should not be as long as what it was told. */
const MOST_CHARACTERS = 64;

/** What a document asks for, or, as text, why a vehicle of CMS cannot do it. */
export function readJob(document: unknown): VehicleJob | string {
  if (typeof document !== 'object' || document === null) return 'the document is not a JSON object';
  const { operation, desiredVersion } = document as { operation?: unknown; desiredVersion?: unknown };
  if (typeof operation !== 'string') return 'the document names no operation';
  if (!OPERATIONS.includes(operation)) {
    return `unknown operation ${JSON.stringify(operation.slice(0, MOST_CHARACTERS))}`;
  }
  if (typeof desiredVersion !== 'string' || desiredVersion === '') return 'desiredVersion is missing';
  return { operation, desiredVersion };
}

/** How far a vehicle is, on `dt/cvra/<thing>/job/<job>/update`, as the vehicles of CMS tell it; no rule of CMS reads it. */
export function encodeJobUpdate(
  job: VehicleJob & { jobId: string; vin: string; thingName: string },
  status: 'queued' | 'inProgress' | 'success',
  time: number,
): EncodedMessage {
  const { operation, desiredVersion, jobId, vin, thingName } = job;
  return {
    topic: `dt/cvra/${thingName}/job/${jobId}/update`,
    payload: JSON.stringify({
      operation,
      reportedVersion: desiredVersion,
      jobId,
      status,
      vin,
      deviceId: thingName,
      timestamp: new Date(time).toISOString(),
    }),
  };
}
