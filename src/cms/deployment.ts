import type { Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Codec } from '../telemetry/codec.ts';
import type { ClaimProvisioner } from './contract/provisioner.ts';
import type { VehicleDetails } from './vehicle.ts';

export type Generation = 'cdf' | 'cms-on-aws' | 'cm-guidance';

/** A stack found by its outputs and description; `outputs` and `parameters` are plain key → value. */
export interface StackInfo {
  name: string;
  id: string;
  status: string;
  description: string;
  outputs: Readonly<Record<string, string>>;
  parameters: Readonly<Record<string, string>>;
  createdAt: Date | undefined;
}

/** A CMS found in an account, and whether it can be worked with. */
export interface FoundDeployment {
  generation: Generation;
  stack: StackInfo;
  /** The CDF core stack that belongs to it, if it was found. */
  core: StackInfo | undefined;
  /** `ready`, or why not, in words for people. */
  state:
    { kind: 'ready' } | { kind: 'in-progress' | 'failed' | 'incomplete' | 'unsupported'; reason: Message };
}

/** Who signs in to the CMS REST APIs. */
export interface SignIn {
  username: string;
  password: string;
  /** Used when the user has to be made. */
  email?: string;
  /**
   * `admin` (default): AdminCreateUser + AdminSetUserPassword + SRP; changes nothing in the pool.
   * `self-sign-up`: the ancestor's way: opens the pool by read-modify-write, signs up, confirms.
   */
  mode?: 'admin' | 'self-sign-up';
  /** Asked for the new permanent password after a NEW_PASSWORD_REQUIRED challenge. Without it: SIGN_IN_CHALLENGE. */
  newPassword?: () => Promise<string>;
  /** `self-sign-up` only: keeps the pool's settings before they are changed, for `undoPoolChange`. */
  keepPoolChange?: (change: PoolChange) => void | Promise<void>;
}

/** A user pool that is opened for self sign-up, and its settings before that. Holds no secret. */
export interface PoolChange {
  userPoolId: string;
  before: Readonly<Record<string, unknown>>;
}

/** Asks for a page of a list. */
export interface PageRequest {
  size: number;
  /** The `next` of the page before. */
  next?: string;
}

/** One page of a list; `next` asks for the following one. */
export interface Page<T> {
  items: T[];
  next: string | undefined;
}

export interface Supplier {
  name: string;
  externalId: string;
}

export interface CmsUser {
  username: string;
  firstName: string;
  lastName: string;
  email?: string;
  phone?: string;
  addressLine1?: string;
  addressLine2?: string;
  city?: string;
  state?: string;
  country?: string;
}

/** A vehicle of the asset library (registry side; says nothing about telemetry). */
export interface VehicleRecord {
  vin: string;
  make: string;
  model: string;
  modelYear: number;
  attributes: Readonly<Record<string, unknown>>;
  owners: string[];
}

export interface DeviceRecord {
  /** As the asset library keeps it: lower case. */
  deviceId: string;
  /** `whitelisted` → `assembled` → `installed`. */
  status: string | undefined;
  type: string | undefined;
  model: string | undefined;
  softwareVersion: string | undefined;
  thingArn: string | undefined;
  vehicles: string[];
  suppliers: string[];
}

/** A vehicle as the fleet manager shows it (what the CMS web UI draws). SI is not promised: units are the API's (miles, gallons). */
export interface LiveVehicle {
  vin: string;
  make: string;
  model: string;
  modelYear: number;
  position: { latitude: number; longitude: number; headingDegrees: number } | undefined;
  troubleCodes: string[];
  devices: string[];
}

export type EnsureResult = 'found' | 'created' | 'repaired';

/**
 * What one CMS deployment offers; the only way the work sees a CMS, with an adapter per generation.
 * Every `ensure…` looks first, then creates, and ends in the same state however often it runs.
 * Every call takes an AbortSignal and throws CmsError.
 */
export interface CmsDeployment {
  readonly generation: Generation;
  readonly stack: StackInfo;
  readonly core: StackInfo;
  /** IoT policy production certificates carry, and the thing type of a TCU. */
  readonly devicePolicy: string;
  readonly thingType: string;
  /** Address of the CMS web UI. */
  readonly uiUrl: string | undefined;
  /** The names of a vehicle by its VIN. @throws CmsError VIN_INVALID */
  refOf(vin: string): VehicleRef;
  readonly provisioner: ClaimProvisioner;
  readonly codec: Codec;
  /** Milliseconds between a registry change and its being known to the telemetry side. */
  readonly indexDelayMs: number;

  /** Signs in (making the user if `create`); must be called before the REST calls below. Tokens refresh themselves. */
  signIn(who: SignIn, options: { create: boolean }, signal: AbortSignal): Promise<EnsureResult>;
  /** Checks a password against the pool's policy: PASSWORD_TOO_WEAK names what is missing. */
  checkPassword(password: string, signal: AbortSignal): Promise<void>;

  ensureSupplier(name: string, signal: AbortSignal): Promise<{ supplier: Supplier; result: EnsureResult }>;
  ensureUser(user: CmsUser, signal: AbortSignal): Promise<EnsureResult>;
  /**
   * Registers the TCU of a VIN with an existing certificate; recovers from a half-done earlier register
   * (delete the stale device, register again).
   */
  ensureDevice(
    request: {
      vin: string;
      supplier: Supplier;
      certificateId: string;
      model: string;
      softwareVersion: string;
    },
    signal: AbortSignal,
  ): Promise<EnsureResult>;
  /** Makes the vehicle of the device, or brings its details up to date. */
  ensureActivated(
    request: { vin: string; supplier: Supplier; softwareVersion: string; vehicle: VehicleDetails },
    signal: AbortSignal,
  ): Promise<EnsureResult>;
  /** One `owns` edge, however often it runs; earlier owners are demoted to `owned`. */
  ensureOwner(vin: string, username: string, signal: AbortSignal): Promise<EnsureResult>;

  vehicles(page: PageRequest, signal: AbortSignal): Promise<Page<VehicleRecord>>;
  users(page: PageRequest, signal: AbortSignal): Promise<Page<CmsUser>>;
  suppliers(page: PageRequest, signal: AbortSignal): Promise<Page<Supplier>>;
  /** Every vehicle, fetched page by page as it is asked for. */
  allVehicles(signal: AbortSignal): AsyncIterable<VehicleRecord>;
  vehicle(vin: string, signal: AbortSignal): Promise<VehicleRecord | undefined>;
  device(vin: string, signal: AbortSignal): Promise<DeviceRecord | undefined>;
  liveVehicle(vin: string, signal: AbortSignal): Promise<LiveVehicle | undefined>;

  /** Whether the asset library answers anybody, without a token: the documented install of CMS v1 leaves it so. */
  assetLibraryOpen(signal: AbortSignal): Promise<boolean>;

  /** Undo, each a no-op when the thing is gone already. Returns whether something was removed. */
  removeOwners(vin: string, signal: AbortSignal): Promise<boolean>;
  removeDevice(vin: string, signal: AbortSignal): Promise<boolean>;
  removeVehicle(vin: string, signal: AbortSignal): Promise<boolean>;
  removeUser(username: string, signal: AbortSignal): Promise<boolean>;
  removeCognitoUser(username: string, signal: AbortSignal): Promise<boolean>;
}
