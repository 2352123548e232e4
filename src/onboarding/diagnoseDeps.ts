import type { Connection } from '../aws/connection.ts';
import type { CloudCertificate } from '../aws/iot/certificates.ts';
import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { CmsDeployment, LiveVehicle, SignIn } from '../cms/deployment.ts';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { CertificateStore, StoredIdentity } from '../provisioning/certificates.ts';
import type { Device } from '../provisioning/device.ts';
import type { Stored } from '../provisioning/stored.ts';

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
  title: Message;
  status: 'ok' | 'warn' | 'fail' | 'skip';
  /** One sentence. */
  message: Message;
  /** What to do about a `warn` or `fail`. */
  remedy?: Message;
}

/** What the checks find for those after them. */
export interface Found {
  deployment: CmsDeployment;
  signedIn: true;
  /** Set when there are files, readable or not. */
  files: Exclude<Stored<StoredIdentity>, { kind: 'none' }>;
  stored: StoredIdentity;
  certificate: CloudCertificate;
  connected: true;
  /** What makes the published message recognisable in the fleet manager. */
  sentHeading: number;
  live: LiveVehicle;
}

/** What a check found out, for people, and for the checks after it. */
export interface Verdict {
  finding: Omit<Finding, 'id' | 'title'>;
  found: Partial<Found>;
}

/** What each check is given, besides what the ones before it found. */
export interface CheckInput {
  readonly request: DiagnoseRequest;
  readonly deps: DiagnoseDeps;
}

/** One check, as data. What it throws becomes a `fail`. */
export interface Check {
  readonly id: string;
  readonly title: Message;
  /** Undefined when something that it needs was not found. */
  run(input: CheckInput & Partial<Found>, work: Work): Promise<Verdict> | undefined;
}

/** A check that runs when everything in `needs` was found, and is given it. */
export function check<Need extends keyof Found = never>({
  needs,
  run,
  ...about
}: {
  id: string;
  title: Message;
  needs: readonly Need[];
  run: (input: CheckInput & Pick<Found, Need>, work: Work) => Promise<Verdict>;
}): Check {
  return { ...about, run: (input, work) => (hasAll(input, needs) ? run(input, work) : undefined) };
}

function hasAll<Need extends keyof Found>(
  input: CheckInput & Partial<Found>,
  needs: readonly Need[],
): input is CheckInput & Partial<Found> & Pick<Found, Need> {
  return needs.every((need) => input[need] !== undefined);
}

export function ok(message: Message, found: Partial<Found> = {}): Verdict {
  return { finding: { status: 'ok', message }, found };
}

export function warn(message: Message, remedy: Message, found: Partial<Found> = {}): Verdict {
  return { finding: { status: 'warn', message, remedy }, found };
}

export function fail(message: Message, remedy: Message, found: Partial<Found> = {}): Verdict {
  return { finding: { status: 'fail', message, remedy }, found };
}

export function skip(message: Message): Verdict {
  return { finding: { status: 'skip', message }, found: {} };
}
