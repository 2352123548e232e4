import type { Connection } from '../aws/connection.ts';
import type { Provisioner, ProvisionWishes } from '../cms/contract/provisioner.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { CertificateStore, StoredIdentity } from './certificates.ts';
import type { Device } from './device.ts';

export type { AboutVehicle, ClaimSource } from '../cms/contract/provisioner.ts';

/** What a request does not say about the vehicle stays as it was. */
export interface ProvisionRequest extends ProvisionWishes {
  vehicle: VehicleRef;
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
  /** For the IAM role, where one is made. */
  roleBoundary?: string | undefined;
}

export interface ProvisionResult {
  result: 'found' | 'created';
  identity: StoredIdentity;
  certificateArn: string;
  files: string[];
}
