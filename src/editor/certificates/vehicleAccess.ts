import type { OnboardDeps } from '../../onboarding/onboardDeps.ts';
import type { CmsDeployment } from '../../cms/deployment.ts';
import type { ProvisionDeps } from '../../provisioning/contract.ts';
import type { WindowDevice } from '../base/deviceProcess.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import type { Sessions } from '../stacks/sessions.ts';
import { askNewPassword } from '../stacks/signIn.ts';
import type { CertificateFolders } from './certificateFolders.ts';

/** Through what vehicles are reached. */
interface Ways {
  backend: LoadBackend;
  connections: Connections;
  sessions: Sessions;
  certificates: CertificateFolders;
  device: WindowDevice;
}

/** What acting as vehicles takes, and the deployment that knows them. */
export interface ActingDeps extends ProvisionDeps {
  deployment: CmsDeployment;
}

/** What work on the vehicles of a stack is done with: connection, session, certificates and device process. */
export class VehicleAccess {
  readonly backend: LoadBackend;
  readonly sessions: Sessions;
  readonly connections: Connections;
  readonly certificates: CertificateFolders;
  readonly device: WindowDevice;

  constructor(ways: Ways) {
    this.backend = ways.backend;
    this.sessions = ways.sessions;
    this.connections = ways.connections;
    this.certificates = ways.certificates;
    this.device = ways.device;
  }

  /** For onboarding. A password that has to be replaced at the sign-in is replaced in `signIn` too. */
  async forOnboarding(ref: StackRef, signIn: OnboardDeps['signIn']): Promise<OnboardDeps> {
    const deps = await this.forDiagnosis(ref, signIn);
    return { ...deps, certificates: await this.certificates.forWriting() };
  }

  /** The same without a folder to write to: looking is possible in any window. */
  async forDiagnosis(ref: StackRef, signIn: OnboardDeps['signIn']): Promise<OnboardDeps> {
    const connection = await this.connections.open(ref.connectionId);
    return {
      connection,
      findDeployment: (signal) => this.backend().openDeployment(connection, { stack: ref.stack }, signal),
      signIn: {
        ...signIn,
        newPassword: async () => (signIn.password = await askNewPassword(signIn.username)),
      },
      certificates: this.certificates.forReading(),
      device: await this.device.get(),
    };
  }

  /** To give a vehicle a certificate. Asks first which workspace folder, if that is not known. */
  async forProvisioning(ref: StackRef, signal: AbortSignal): Promise<ActingDeps> {
    await this.certificates.forWriting();
    return this.forActing(ref, signal);
  }

  /** To act as a vehicle or on it: uses the certificates there are, and writes none. */
  async forActing(ref: StackRef, signal: AbortSignal): Promise<ActingDeps> {
    this.certificates.requireTrust();
    const connection = await this.connections.open(ref.connectionId);
    const deployment = await this.sessions.open(ref, signal);
    return {
      connection,
      deployment,
      provisioner: deployment.provisioner,
      certificates: this.certificates.forReading(),
      device: await this.device.get(),
    };
  }
}
