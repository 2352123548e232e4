import type { Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { CredentialNeed } from './credentials.ts';
import type { Page, PageRequest } from './pages.ts';

/** A vehicle as its CMS has it registered; says nothing about telemetry. */
export interface VehicleRecord extends VehicleRef {
  make: string;
  model: string;
  /** 0 if it is not known. */
  modelYear: number;
  attributes: Readonly<Record<string, unknown>>;
  owners: string[];
  /** Where it stands with its CMS, where that can be told with the list; a few words for its row. */
  condition?: { readonly words: Message; readonly wrong: boolean };
}

/** A vehicle as the CMS shows it: what its UI draws. */
export interface LiveVehicle {
  vin: string;
  make: string;
  model: string;
  modelYear: number;
  /** Degrees. */
  position: { latitude: number; longitude: number; headingDegrees: number } | undefined;
  troubleCodes: string[];
  devices: string[];
  /** When its last message arrived; milliseconds since 1970. Left out where the CMS does not say. */
  at?: number;
}

/** Something the CMS knows of a vehicle besides its record: a row below it, a column of its list. */
export interface VehicleDetail {
  /** Stable: a key in JSON. */
  readonly id: string;
  readonly label: Message;
  /** A word, such as `installed`; undefined if there is none. */
  readonly state: string | undefined;
  /** All of it on a line; undefined if there is none. */
  readonly words: string | Message | undefined;
  readonly icon: string;
  /** ARN of the vehicle's thing, if this names it. */
  readonly thingArn?: string | undefined;
  /** For JSON. */
  readonly value: object | undefined;
}

export interface Vehicles {
  readonly needs: CredentialNeed;
  /** Page by page: a fleet can be large. */
  list(page: PageRequest, signal: AbortSignal): Promise<Page<VehicleRecord>>;
  /** By VIN, id or thing name. @throws CmsError of `ambiguousVin` for a VIN that several have */
  find(name: string, signal: AbortSignal): Promise<VehicleRecord | undefined>;
  /**
   * The names of a vehicle where they follow from its VIN; undefined where only the CMS knows its id.
   * @throws CmsError VIN_INVALID
   */
  refOf(vin: string): VehicleRef | undefined;
  /** The headings of `details`, in their order. */
  readonly detailHeadings: readonly { readonly id: string; readonly label: Message }[];
  details(vehicle: VehicleRef, signal: AbortSignal): Promise<readonly VehicleDetail[]>;
  /** Undefined until the CMS has telemetry of it. Absent if the CMS cannot be asked. */
  live?(vehicle: VehicleRef, signal: AbortSignal): Promise<LiveVehicle | undefined>;
}

/** Who a vehicle belongs to, where a CMS knows that. */
export interface Owners {
  /** The list to choose from, by the id of a `NamedList`. */
  readonly list: string;
  set(vehicle: VehicleRef, owner: string, signal: AbortSignal): Promise<void>;
}
