import type { Connection } from '../aws/connection.ts';
import type { Provisioner, ProvisionWishes } from '../cms/contract/provisioner.ts';
import type { Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { CertificateStore, StoredIdentity } from './certificates.ts';
import type { OpenOwnCa } from './ca/ownCa.ts';
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
  /** For the ways `jitp` and `jitr`. */
  ca?: OpenOwnCa | undefined;
  /** Asked before a vehicle gets another certificate than the one in service. Absent where that was asked before. */
  agree?: ((renewal: AskedRenewal) => Promise<boolean>) | undefined;
}

/** What a new certificate does to those in service. */
export interface AskedRenewal {
  readonly vin: string;
  /** Sentences. */
  readonly words: Message;
}

export interface ProvisionResult {
  result: 'found' | 'created';
  identity: StoredIdentity;
  certificateArn: string;
  files: string[];
}
