/** What one kind of CMS shows on the sandbox's page. */
export interface Overview {
  readonly vehicles: readonly SeenVehicle[];
  /** Newest first. */
  readonly messages: readonly SeenMessage[];
}

export interface SeenVehicle {
  readonly vin: string;
  /** Messages that the cloud received of it, and those that its CMS took. */
  readonly received: number;
  readonly accepted: number;
}

export interface SeenMessage {
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly vin: string;
  readonly type: string;
  /** Why its CMS dropped it; undefined for one that it took. */
  readonly reason?: string | undefined;
}

/** How much of it a page holds. */
export const MOST_VEHICLES = 200;
export const MOST_MESSAGES = 50;
