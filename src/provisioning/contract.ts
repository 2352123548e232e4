import type { Connection } from '../aws/connection.ts';
import type { Provisioner } from '../cms/contract/provisioner.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { CertificateStore, StoredIdentity } from './certificates.ts';
import type { Device } from './device.ts';

/** Where the claim certificate comes from. */
export type ClaimSource =
  /** Made for this VIN, kept as the bootstrap files, deactivated and deleted once used. The default. */
  | { kind: 'per-vehicle'; keepFiles?: boolean }
  /** CreateProvisioningClaim: five minutes, nothing left behind. */
  | { kind: 'temporary' }
  /** PEM files of a claim that many vehicles share; never deactivated by us. */
  | { kind: 'shared'; certificateFile: string; privateKeyFile: string };

/** What is known of a vehicle besides its certificate; kept in `provisioning.json`, for simulations. */
export interface AboutVehicle {
  tags?: readonly string[] | undefined;
  /** As CMS calls it. */
  fuelType?: string | undefined;
}

/** What a request does not say about the vehicle stays as it was. */
export interface ProvisionRequest extends AboutVehicle {
  vehicle: VehicleRef;
  /** These three count where certificates come by claim. */
  claim: ClaimSource;
  /** `keys`: AWS makes the pair; `csr-rsa`, `csr-ec`: made here, the private key never leaves. */
  keys: 'keys' | 'csr-rsa' | 'csr-ec';
  templateName: string;
  /** A pair on disk that cannot be used is set aside instead of being an error. */
  replace?: boolean;
  /** Bound of each single wait on AWS IoT over MQTT, in milliseconds. */
  timeoutMs?: number;
}

export interface ProvisionDeps {
  connection: Connection;
  provisioner: Provisioner;
  certificates: CertificateStore;
  device: Device;
}

export interface ProvisionResult {
  result: 'found' | 'created';
  identity: StoredIdentity;
  certificateArn: string;
  files: string[];
}
