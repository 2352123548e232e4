import type { Connection } from '../aws/connection.ts';
import type { CmsDeployment } from '../cms/deployment.ts';
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

export interface ProvisionRequest {
  vin: string;
  claim: ClaimSource;
  /** `keys`: AWS makes the pair; `csr-rsa`, `csr-ec`: made here, the private key never leaves. */
  keys: 'keys' | 'csr-rsa' | 'csr-ec';
  templateName: string;
}

export interface ProvisionDeps {
  connection: Connection;
  deployment: CmsDeployment;
  certificates: CertificateStore;
  device: Device;
}

export interface ProvisionResult {
  result: 'found' | 'created';
  identity: StoredIdentity;
  certificateArn: string;
  files: string[];
}
