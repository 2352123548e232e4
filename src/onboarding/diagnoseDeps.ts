import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { Connection } from '../aws/connection.ts';
import { checksOf, type Found } from '../cms/contract/checks.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { CertificateStore, StoredIdentity } from '../provisioning/certificates.ts';
import type { Device } from '../provisioning/device.ts';
import type { Stored } from '../provisioning/stored.ts';

export interface DiagnoseDeps {
  connection: Connection;
  findDeployment: (signal: AbortSignal) => Promise<Deployment>;
  certificates: CertificateStore;
  device: Device;
  cloud: CloudIdentities;
}

/** What the checks that every CMS has find for each other. */
export interface CommonFound extends Found {
  /** What the doctor itself was given. */
  deps: DiagnoseDeps;
  deployment: Deployment;
  /** Set when there are files, readable or not. */
  files: Exclude<Stored<StoredIdentity>, { kind: 'none' }>;
  stored: StoredIdentity;
}

export const check = checksOf<CommonFound>();
