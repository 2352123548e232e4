import type { JobCodec, VehicleJob } from '../../../telemetry/codec.ts';
import { jsonBytes } from './encode.ts';

/**
 * Jobs (commands of the cloud) as CMS v1 knows them: its command template `OtaUpdate` makes documents like
 * `{"operation":"OtaUpdate","desiredVersion":"2.0","commandId":"…"}`, and its own vehicles take `updateFirmware` for
 * the same. Source: CMS v1 post-deployment template, simulation engine; CDF commands service.
 */

const OPERATIONS = ['OtaUpdate', 'updateFirmware'];
/** What a vehicle says of itself should not be as long as what it was told. */
const MOST_CHARACTERS = 64;

export const jobs: JobCodec = {
  updateTo: (desiredVersion) => ({ operation: 'OtaUpdate', desiredVersion }),

  read(document): VehicleJob | string {
    if (typeof document !== 'object' || document === null) return 'the document is not a JSON object';
    const { operation, desiredVersion } = document as { operation?: unknown; desiredVersion?: unknown };
    if (typeof operation !== 'string') return 'the document names no operation';
    if (!OPERATIONS.includes(operation)) {
      return `unknown operation ${JSON.stringify(operation.slice(0, MOST_CHARACTERS))}`;
    }
    if (typeof desiredVersion !== 'string' || desiredVersion === '') return 'desiredVersion is missing';
    return { operation, desiredVersion };
  },

  /** On `dt/cvra/<thing>/job/<job>/update`, as the vehicles of CMS tell it; no rule of CMS reads it. */
  update({ operation, desiredVersion, jobId, vehicle: { vin, thingName } }, status, time) {
    return {
      topic: `dt/cvra/${thingName}/job/${jobId}/update`,
      payload: jsonBytes({
        operation,
        reportedVersion: desiredVersion,
        jobId,
        status,
        vin,
        deviceId: thingName,
        timestamp: new Date(time).toISOString(),
      }),
    };
  },
};
