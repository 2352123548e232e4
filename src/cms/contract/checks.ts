import type { Connection } from '../../aws/connection.ts';
import type { CloudCertificate } from '../../aws/iot/certificates.ts';
import type { CloudIdentities } from '../../aws/iot/cloudIdentities.ts';
import type { Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { EncodedMessage } from '../../telemetry/sample.ts';

export interface DiagnoseRequest {
  vin: string;
  /** Of the provisioning template; default: the one of the deployment. */
  templateName?: string | undefined;
  /** Send one message as the vehicle: at its last known position, resting. Without it the last checks are skipped. */
  publish: boolean;
  /** Where to show a vehicle that the CMS has never seen. Degrees. */
  position: { latitude: number; longitude: number };
}

/** Where a vehicle is shown of which nothing is known: Atlanta. Degrees. */
export const SOMEWHERE = { latitude: 33.77521, longitude: -84.39609 };

/** What the doctor gives each check. */
export interface CheckTools {
  readonly connection: Connection;
  readonly cloud: CloudIdentities;
  /** Id of the certificate of a vehicle whose pair is on this machine and can be read; undefined if there is none. */
  certificateHere(vehicle: VehicleRef): Promise<string | undefined>;
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
  /** Does what the remedy says, where that can be done from here. */
  fix?: Fix;
  /** Who was named to sign in has signed in. */
  signedIn?: true;
}

export interface Fix {
  /** What it does, as an order: "Activate the certificate". */
  readonly title: Message;
  run(work: Work): Promise<unknown>;
}

/** What checks find for those after them. A generation has more of its own. */
export interface Found {
  /** Its names, once the deployment that gave them is found. */
  vehicle: VehicleRef;
  certificate: CloudCertificate;
  connected: true;
  /** Who was named to sign in has signed in. */
  signedIn: true;
  /** Sends as the vehicle, with the certificate on this machine. */
  publish: (messages: readonly EncodedMessage[], work: Work) => Promise<void>;
}

/** What a check found out, for people, and for the checks after it. */
export interface Verdict<F extends Found = Found> {
  finding: Omit<Finding, 'id' | 'title'>;
  found: Partial<F>;
}

/** What each check is given, besides what the ones before it found. */
export interface CheckInput {
  readonly request: DiagnoseRequest;
  readonly tools: CheckTools;
}

/** When it is made: once the deployment is found, before or after the vehicle's certificate was looked at. */
export type CheckStage = 'deployment' | 'vehicle' | 'telemetry';

/** One check, as data. What it throws becomes a `fail`. */
export interface Check {
  readonly id: string;
  readonly title: Message;
  readonly stage: CheckStage;
  /** Undefined when something that it needs was not found. */
  run(input: CheckInput & Partial<Found>, work: Work): Promise<Verdict> | undefined;
}

/** Makes checks that run when everything in `needs` was found, and are given it. `F`: all that may be found. */
export function checksOf<F extends Found>() {
  return function check<Need extends keyof F = never>({
    needs,
    run,
    ...about
  }: {
    id: string;
    title: Message;
    stage: CheckStage;
    needs: readonly Need[];
    run: (input: CheckInput & Partial<F> & Pick<F, Need>, work: Work) => Promise<Verdict<F>>;
  }): Check {
    return {
      ...about,
      run: (input, work) => (hasAll<F, Need>(input, needs) ? run(input, work) : undefined),
    };
  };
}

function hasAll<F, Need extends keyof F>(
  input: object,
  needs: readonly Need[],
): input is CheckInput & Partial<F> & Pick<F, Need> {
  return needs.every((need) => (input as Partial<F>)[need] !== undefined);
}

type Judged<T> = Pick<Verdict, 'finding'> & { found: T };

export function ok(message: Message): Judged<object>;
export function ok<T extends object>(message: Message, found: T): Judged<T>;
export function ok(message: Message, found: object = {}): Judged<object> {
  return { finding: { status: 'ok', message }, found };
}

/** @param fix does what the remedy says */
export function warn<T extends object>(
  message: Message,
  remedy: Message,
  found: T = {} as T,
  fix?: Fix,
): Judged<T> {
  return { finding: { status: 'warn', message, remedy, ...(fix && { fix }) }, found };
}

/** @param fix does what the remedy says */
export function fail<T extends object>(
  message: Message,
  remedy: Message,
  found: T = {} as T,
  fix?: Fix,
): Judged<T> {
  return { finding: { status: 'fail', message, remedy, ...(fix && { fix }) }, found };
}

export function skip(message: Message): Judged<object> {
  return { finding: { status: 'skip', message }, found: {} };
}
