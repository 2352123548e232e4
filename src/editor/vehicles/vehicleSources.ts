import type { CredentialNeed } from '../../cms/contract/credentials.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import type { LiveVehicle } from '../../cms/contract/vehicles.ts';
import type { CertificateStore } from '../../provisioning/certificates.ts';
import type { Driving } from '../base/driving.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Log } from '../base/log.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import type { Arrangement } from './arrangement.ts';

/** What rows read of a deployment. */
export type ReadDeployment = Pick<
  Deployment,
  'generation' | 'name' | 'stack' | 'vehicles' | 'facts' | 'lists' | 'certificates' | 'capabilities'
>;

/** The sessions as rows use them: they look, and never ask anybody to sign in. */
export interface ReadSessions {
  open(ref: StackRef, signal: AbortSignal): Promise<ReadDeployment>;
  /** Whether something can be read with what is known, without asking anybody. */
  has(ref: StackRef, need: CredentialNeed): Promise<boolean>;
}

/** What the rows of vehicles are read from. */
export interface VehicleSources {
  sessions: ReadSessions;
  connections: Pick<Connections, 'open'>;
  backend: LoadBackend<'createCloudIdentities' | 'everyPage' | 'GENERATIONS'>;
  certificates: { peek(): Pick<CertificateStore, 'production' | 'ids' | 'facts'> | undefined };
  /** How lists are shown, by the ids of their rows; for as long as the window lives. */
  arrangements: Map<string, Arrangement>;
  driving: Pick<Driving, 'driveOf' | 'lastSentAt'>;
  /** What the cloud last said of a vehicle, by the id of its row: shown until it is asked again. */
  lastSeen: Map<string, LiveVehicle>;
  rows: Pick<RowChanges, 'redraw'>;
  log: Log;
}
