import type { Connection } from '../aws/connection.ts';
import type { CmsDeployment, SignIn } from '../cms/deployment.ts';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import type { Device } from '../provisioning/device.ts';
import type { ProvisionDeps, ProvisionRequest, ProvisionResult } from '../provisioning/contract.ts';
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
  /** Called with each step as it ends, also a failed one. */
  onStep?: (report: StepReport) => void;
  /** Replaced in tests only. */
  provisioning?: Provisioning;
}

/** What the steps before the first vehicle find. */
export interface Prepared {
  readonly deps: OnboardDeps;
  readonly shared: Shared;
  /** Signed in. */
  readonly deployment: CmsDeployment;
}

/** What each step of one vehicle is given. */
export interface VehicleInput extends Prepared {
  readonly request: VehicleRequest;
  /** Takes what the result is to warn of. */
  readonly warnings: Message[];
}
