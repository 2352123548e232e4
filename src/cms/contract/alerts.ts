import type { CredentialNeed } from './credentials.ts';

/** What a CMS warns of about a vehicle. */
export interface Alert {
  readonly vin: string;
  /** Milliseconds since 1970; undefined if the CMS does not say. */
  readonly time: number | undefined;
  /** As the CMS has it, such as `VEHICLE_ALARM`. */
  readonly kind: string;
  /** In the words of the vehicle. */
  readonly text: string;
}

export interface Alerts {
  readonly needs: CredentialNeed;
  /** Those after a moment (milliseconds since 1970), oldest first. */
  since(time: number, signal: AbortSignal): Promise<readonly Alert[]>;
}
