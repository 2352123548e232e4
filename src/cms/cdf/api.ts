import type { PasswordRules, SignIn } from '../contract/credentials.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { StackInfo } from '../contract/stacks.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { LiveVehicle } from '../contract/vehicles.ts';
import type { VehicleDetails } from './vehicleDetails.ts';

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

/**
 * The APIs of a CMS v1, as far as they are needed: facade, asset library, fleet manager and user pool. Only this folder
 * knows it. Vehicles go by their VIN.
 * Every `ensure…` looks first, then creates, and ends in the same state however often it runs.
 * Every call takes an AbortSignal and throws CmsError.
 */
export interface CdfApi {
  readonly stack: StackInfo;
  readonly core: StackInfo;
  /** Address of the CMS web UI. */
  readonly uiUrl: string | undefined;
  /** Milliseconds between a registry change and its being known to the telemetry side. */
  readonly indexDelayMs: number;

  /** Signs in (making the user if `create`); must be called before the REST calls below. Tokens refresh themselves. */
  signIn(who: SignIn, options: { create: boolean }, signal: AbortSignal): Promise<EnsureResult>;
  /** Checks a password against the pool's policy: PASSWORD_TOO_WEAK names what is missing. */
  checkPassword(password: string, signal: AbortSignal): Promise<void>;
  /** Of the pool, for a user that is not there yet; see `Deployment.passwordRules`. */
  passwordRules(username: string, signal: AbortSignal): Promise<PasswordRules | undefined>;
  /** Of the pool, for anybody; see `Deployment.poolPasswordRules`. */
  poolPasswordRules(signal: AbortSignal): Promise<PasswordRules | undefined>;

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
