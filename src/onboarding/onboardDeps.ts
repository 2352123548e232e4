import type { Connection } from '../aws/connection.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { OnboardRequest } from '../cms/contract/fields.ts';
import type { Onboarding, OnboardKit } from '../cms/contract/onboarding.ts';
import type { Shared } from '../cms/contract/shared.ts';
import type { StepReport } from '../cms/contract/steps.ts';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { OpenOwnCa } from '../provisioning/ca/ownCa.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import type { Device } from '../provisioning/device.ts';
import type { ProvisionDeps, ProvisionRequest, ProvisionResult } from '../provisioning/contract.ts';
import type { SetupRequest, SetupResult } from '../provisioning/setup.ts';

/** The two halves of just-in-time certificates, as src/provisioning exports them. */
export interface Provisioning {
  /** IAM role, claim policy and provisioning template. */
  ensureSetup(request: SetupRequest, deps: ProvisionDeps, work: Work): Promise<Pick<SetupResult, 'result'>>;
  provision(request: ProvisionRequest, deps: ProvisionDeps, work: Work): Promise<ProvisionResult>;
  rotate(request: ProvisionRequest, deps: ProvisionDeps, work: Work): Promise<ProvisionResult>;
}

/** What onboarding works with; a front end makes it once, whatever the number of vehicles. */
export interface OnboardDeps {
  connection: Connection;
  /** Finds the CMS to work on: `openDeployment` with the stack the person named, if any, and who signs in. */
  findDeployment: (signal: AbortSignal) => Promise<Deployment>;
  certificates: CertificateStore;
  device: Device;
  /** ARN of the permissions boundary for the IAM role, where one is made. */
  roleBoundary?: string | undefined;
  /**
   * Asked before a vehicle gets another certificate where the CMS ends the one in service first. Absent where nobody can
   * be asked: such a vehicle is refused then.
   */
  agree?: ProvisionDeps['agree'];
  /** Signs the certificates of vehicles that come by `jitp` or `jitr`. */
  ca?: OpenOwnCa | undefined;
  /** Called with each step as it ends, also a failed one. */
  onStep?: (report: StepReport) => void;
  /** Replaced in tests only. */
  provisioning?: Provisioning;
}

/** What the steps before the first vehicle find. */
export interface Prepared {
  readonly deps: OnboardDeps;
  readonly shared: Shared;
  readonly deployment: Deployment;
  readonly onboarding: Onboarding;
}

/** What one vehicle is onboarded with. */
export interface VehicleInput extends Prepared {
  readonly request: OnboardRequest;
  /** Takes what the result is to warn of. */
  readonly warnings: Message[];
  readonly aside: OnboardKit['aside'];
}
