import type { OnboardDeps } from '../../onboarding/onboardDeps.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { ProvisionDeps } from '../../provisioning/contract.ts';
import type { WindowDevice } from '../base/deviceProcess.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import { placeWords } from '../stacks/placeWords.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { CertificateFolders } from './certificateFolders.ts';
import type { OwnCas } from './ownCas.ts';
import type { CliCommands } from './cliCommands.ts';
import { roleBoundary } from './roleBoundary.ts';

/** Through what vehicles are reached. */
interface Ways {
  backend: LoadBackend;
  connections: Connections;
  sessions: Sessions;
  certificates: CertificateFolders;
  device: WindowDevice;
  ownCas: OwnCas;
  cli: CliCommands;
}

/** What acting as vehicles takes, and the deployment that knows them. */
export interface ActingDeps extends Omit<ProvisionDeps, 'provisioner'> {
  deployment: Deployment;
}

export type ProvisioningDeps = ActingDeps & ProvisionDeps;

/** What work on the vehicles of a stack is done with: connection, session, certificates and device process. */
export class VehicleAccess {
  readonly backend: LoadBackend;
  readonly sessions: Sessions;
  readonly connections: Connections;
  readonly certificates: CertificateFolders;
  readonly device: WindowDevice;
  readonly ownCas: OwnCas;
  readonly cli: CliCommands;

  constructor(ways: Ways) {
    this.backend = ways.backend;
    this.sessions = ways.sessions;
    this.connections = ways.connections;
    this.certificates = ways.certificates;
    this.device = ways.device;
    this.ownCas = ways.ownCas;
    this.cli = ways.cli;
  }

  /** For onboarding. Asks first which workspace folder, if that is not known. */
  async forOnboarding(ref: StackRef): Promise<OnboardDeps> {
    const deps = await this.forDiagnosis(ref);
    const certificates = await this.certificates.forWriting();
    return { ...deps, ...roleBoundary(), certificates, ca: this.ownCas.opener() };
  }

  /** The same without a folder to write to: looking is possible in any window. */
  async forDiagnosis(ref: StackRef): Promise<OnboardDeps> {
    return {
      connection: await this.connections.open(ref.connectionId),
      findDeployment: (signal) => this.sessions.openAnew(ref, signal),
      certificates: this.certificates.forReading(),
      device: await this.device.get(),
    };
  }

  /** To give a vehicle a certificate. Asks first which workspace folder, if that is not known. */
  async forProvisioning(ref: StackRef, signal: AbortSignal): Promise<ProvisioningDeps> {
    await this.certificates.forWriting();
    const deps = await this.forActing(ref, signal);
    const provisioner = this.backend().provisionerOf(deps.deployment);
    return { ...deps, ...roleBoundary(), provisioner, ca: this.ownCas.opener() };
  }

  /** To act as a vehicle or on it: uses the certificates there are, and writes none. */
  async forActing(ref: StackRef, signal: AbortSignal): Promise<ActingDeps> {
    this.certificates.requireTrust();
    const connection = await this.connections.open(ref.connectionId);
    const deployment = await this.sessions.open(ref, signal);
    return {
      connection,
      deployment,
      certificates: this.certificates.forReading(),
      device: await this.device.get(),
    };
  }

  /** The account, region and deployment that something is about to change, for its question. */
  async placeWords(ref: StackRef, signal: AbortSignal): Promise<string> {
    return placeWords(ref, await this.connections.open(ref.connectionId), signal);
  }

  /** The names of a vehicle. @throws CmsError VEHICLE_NOT_FOUND, VIN_INVALID */
  resolve(
    { vin, id }: Pick<VehicleOfStack, 'vin' | 'id'>,
    { deployment, certificates }: Pick<ActingDeps, 'deployment' | 'certificates'>,
    signal: AbortSignal,
  ): Promise<VehicleRef> {
    return this.backend().resolveVehicle(id ?? vin, deployment, certificates, signal);
  }

  /** The same of many, whose files are read once. */
  async resolveAll(
    vehicles: readonly Pick<VehicleOfStack, 'vin' | 'id'>[],
    { deployment, certificates }: Pick<ActingDeps, 'deployment' | 'certificates'>,
    signal: AbortSignal,
  ): Promise<VehicleRef[]> {
    const resolve = this.backend().createResolver(deployment, certificates);
    const named: VehicleRef[] = [];
    for (const { vin, id } of vehicles) named.push(await resolve(id ?? vin, signal));
    return named;
  }

  /** The same without what files say, for work that changes something in the cloud. @throws the same */
  certain(
    { vin, id }: Pick<VehicleOfStack, 'vin' | 'id'>,
    { deployment }: Pick<ActingDeps, 'deployment'>,
    signal: AbortSignal,
  ): Promise<VehicleRef> {
    return this.backend().certainVehicle(id ?? vin, deployment, signal);
  }
}
