import type { Connection } from '../aws/connection.ts';
import type { CmsDeployment, LiveVehicle, SignIn, Supplier } from '../cms/deployment.ts';
import { CmsError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import type { Device } from '../provisioning/device.ts';
import type { ProvisionDeps, ProvisionRequest, ProvisionResult } from '../provisioning/provision.ts';
import type { SetupResult } from '../provisioning/setup.ts';
import type { VehicleRequest } from './request.ts';
import type { Shared } from './shared.ts';
import type { StepReport } from './steps.ts';

/** The two halves of just-in-time certificates, as src/provisioning exports them. */
export interface Provisioning {
  /** IAM role, claim policy and provisioning template. */
  ensureSetup(
    request: { templateName: string },
    deps: ProvisionDeps,
    work: Work,
  ): Promise<Pick<SetupResult, 'result'>>;
  provision(request: ProvisionRequest, deps: ProvisionDeps, work: Work): Promise<ProvisionResult>;
}

/** What onboarding works with; a front end makes it once, whatever the number of vehicles. */
export interface OnboardDeps {
  connection: Connection;
  /** Finds the CMS to work on: `openDeployment` with the stack the person named, if any. */
  findDeployment: (signal: AbortSignal) => Promise<CmsDeployment>;
  /** Who signs in to the CMS REST APIs; made if missing. */
  signIn: SignIn;
  certificates: CertificateStore;
  device: Device;
  /** Told each step as it ends, also a failed one. */
  onStep?: (report: StepReport) => void;
  /** Replaced in tests only. */
  provisioning?: Provisioning;
}

/** What the steps before the first vehicle find. */
export interface PreparedState {
  readonly deps: OnboardDeps;
  readonly shared: Shared;
  deployment?: CmsDeployment;
}

/** What the steps of one vehicle find and make, in the order of the steps. */
export interface VehicleState extends PreparedState {
  readonly request: VehicleRequest;
  readonly warnings: Message[];
  supplier?: Supplier;
  provisioned?: ProvisionResult;
  /** Set when this run changed the registry: the telemetry side needs a moment to know. */
  registryChanged: boolean;
  /** Counts the telemetry messages of this run. */
  serial: number;
  live?: LiveVehicle;
}

/** What an earlier step must have set; a step list in the wrong order is our own mistake. */
export function known<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new CmsError('INTERNAL', `${what} is not known yet: the steps are out of order.`);
  return value;
}
