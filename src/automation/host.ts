import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { Connection } from '../aws/connection.ts';
import type { CapabilityId } from '../cms/contract/capability.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { OnboardingFields, OnboardRequest } from '../cms/contract/fields.ts';
import type { GenerationId } from '../cms/contract/generation.ts';
import type { StackState } from '../cms/contract/stackState.ts';
import type { Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { DeviceProcess } from '../device/client/deviceProcess.ts';
import type { OnboardDeps } from '../onboarding/onboardDeps.ts';
import type { SimulationRequest, SimulationTotals, VehicleState } from '../protocol/simulation.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import type { DriveFigures } from '../text/driveSummary.ts';

/** A deployment that a front end can reach. */
export interface ReachedDeployment {
  /** What `deployment` of a tool takes; tells it from all others that are reached. */
  name: string;
  generation: GenerationId;
  region: string;
  /** The connection, for people. */
  connection: string;
  state: StackState;
}

/** A deployment that was opened for a tool. */
export interface Place {
  readonly connection: Connection;
  readonly deployment: Deployment;
  readonly certificates: CertificateStore;
  readonly cloud: CloudIdentities;
  /** With what onboarding and the doctor work. */
  workDeps(of?: { fields: OnboardingFields; request: OnboardRequest }): Promise<OnboardDeps>;
}

/** What a person is asked. */
export interface Question {
  /** One line. */
  title: Message;
  /** What would be done, and where. */
  lines: readonly Message[];
}

/** A simulation of this front end, under way or over. */
export interface SimulationSummary {
  simulationId: string;
  /** Account, region and deployment. */
  where: Message;
  state: 'running' | 'ended' | 'failed';
  vehicles: readonly VehicleState[];
  totals: SimulationTotals | undefined;
  /** Once it is over. */
  drive: DriveFigures | undefined;
  /** Why it failed. */
  problem: Message | undefined;
}

export interface ToolSimulations {
  start(
    request: SimulationRequest,
    device: DeviceProcess,
    of: { place: Place; where: Message },
  ): Promise<void>;
  /** Whether a vehicle is simulated now: two connections with one client id would take turns in losing messages. */
  isDriving(vehicle: VehicleRef, place: Place): boolean;
  /** Oldest first. */
  list(): readonly SimulationSummary[];
  /** Ends it with its summaries, and waits for that. */
  stop(simulationId: string, signal: AbortSignal): Promise<void>;
  /** Ends the trips of a vehicle that is to be removed, and waits for that. */
  endTrips(vehicle: VehicleRef, place: Place, signal: AbortSignal): Promise<void>;
}

/** What tools need of the front end that offers them. */
export interface ToolHost {
  deployments(signal: AbortSignal): Promise<readonly ReachedDeployment[]>;
  /**
   * Works in a deployment.
   * @param where its name, or nothing for the only one; and what is done there, for which a front end that has a person
   *   in front of it may ask who signs in. Never does a tool take a password.
   * @throws CmsError
   */
  at<T>(
    where: { deployment: string | undefined; for?: CapabilityId },
    work: Work,
    use: (place: Place) => Promise<T>,
  ): Promise<T>;
  device(): Promise<DeviceProcess>;
  /** What a tool takes for a path, such as one that is relative to the workspace, as a file. @throws CmsError */
  fileOf(path: string): string;
  /** Routes that come with the product. */
  readonly sampleRoutes: string;
  /** The page of errors. */
  readonly errorsPage: string;
  /**
   * Asks the person whether something is to be removed.
   * @throws CmsError REQUEST_INVALID when nobody can be asked
   */
  confirm(question: Question, signal: AbortSignal): Promise<boolean>;
  readonly simulations: ToolSimulations;
}
