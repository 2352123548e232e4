import type { Connection } from '../aws/connection.ts';
import type { CmsDeployment, LiveVehicle, SignIn } from '../cms/deployment.ts';
import type { CmsError } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { CertificateStore, StoredIdentity } from '../provisioning/certificates.ts';
import type { Device } from '../provisioning/device.ts';
import type { CloudCertificate, CloudIdentities } from './cloudIdentities.ts';

export interface DiagnoseRequest {
  vin: string;
  templateName: string;
  /** Send one message as the vehicle: at its last known position, resting. Without it the last checks are skipped. */
  publish: boolean;
  /** Where to show a vehicle that the fleet manager has never seen. Degrees. */
  position: { latitude: number; longitude: number };
}

export interface DiagnoseDeps {
  connection: Connection;
  findDeployment: (signal: AbortSignal) => Promise<CmsDeployment>;
  signIn: SignIn;
  certificates: CertificateStore;
  device: Device;
  cloud: CloudIdentities;
}

/** What a check says: `skip` means that an earlier failure keeps it from being looked at. */
export interface Finding {
  /** Stable name of the check. */
  id: string;
  title: string;
  status: 'ok' | 'warn' | 'fail' | 'skip';
  /** One sentence. */
  message: string;
  /** What to do about a `warn` or `fail`. */
  remedy?: string;
}

export type Verdict = Omit<Finding, 'id' | 'title'>;

/** What earlier checks have found. */
export interface DiagnoseState {
  readonly request: DiagnoseRequest;
  readonly deps: DiagnoseDeps;
  deployment?: CmsDeployment;
  signedIn?: true;
  /** Set when there are files, readable or not. */
  files?: { stored: StoredIdentity } | { unusable: CmsError };
  stored?: StoredIdentity;
  certificate?: CloudCertificate;
  connected?: true;
  /** What makes the published message recognisable in the fleet manager. */
  sentHeading?: number;
  live?: LiveVehicle;
}

type Found = Exclude<keyof DiagnoseState, 'request' | 'deps'>;

/** One check, as data. It runs when everything in `needs` was found; what it throws becomes a `fail`. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Found[];
  run(state: DiagnoseState, work: Work): Promise<Verdict>;
}

export const ok = (message: string): Verdict => ({ status: 'ok', message });
export const warn = (message: string, remedy: string): Verdict => ({ status: 'warn', message, remedy });
export const fail = (message: string, remedy: string): Verdict => ({ status: 'fail', message, remedy });
