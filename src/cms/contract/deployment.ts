import type { Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Alerts } from './alerts.ts';
import type { Capability } from './capability.ts';
import type { Check } from './checks.ts';
import type { CloudSimulator } from './cloudSimulator.ts';
import type { CredentialNeed, PasswordRules } from './credentials.ts';
import type { GenerationId } from './generation.ts';
import type { NamedList } from './lists.ts';
import type { Onboarding } from './onboarding.ts';
import type { Provisioner } from './provisioner.ts';
import type { RemoteCommands } from './remoteCommands.ts';
import type { OffboardChoices, Removals } from './removals.ts';
import type { StackInfo } from './stacks.ts';
import type { Telemetry } from './telemetry.ts';
import type { Owners, Vehicles } from './vehicles.ts';

/** Something to know about a deployment: a row, a column, a line of a tooltip. */
export interface Fact {
  /** Stable: a key in JSON. */
  readonly id: string;
  readonly label: Message;
  readonly value: string;
  /** Of the resource that it names. */
  readonly arn?: string;
}

/**
 * One installed CMS, ready to be worked on. What it cannot do is absent, and `capabilities` says why. Whatever needs a
 * credential asks the `Credentials` it was opened with, when it needs it.
 */
export interface Deployment {
  readonly generation: GenerationId;
  readonly name: string;
  readonly stack: StackInfo;
  readonly facts: readonly Fact[];
  /** Address of the CMS web UI. */
  readonly uiUrl: string | undefined;
  /** What works here, with which credential, or why not. */
  capabilities(signal: AbortSignal): Promise<readonly Capability[]>;
  /** Proves a credential, so that a wrong one is known before it is kept. @throws CmsError SIGN_IN_FAILED, … */
  signIn(need: CredentialNeed, signal: AbortSignal): Promise<void>;
  /**
   * The rules for the password of a user that onboarding would make. Undefined when there is such a user already, or when
   * neither may be looked at: then the rules are learned when the user is made. @throws CmsError CANCELLED
   */
  passwordRules?(username: string, signal: AbortSignal): Promise<PasswordRules | undefined>;
  /** The rules for every password of its user pool; undefined when these may not be looked at. @throws CmsError CANCELLED */
  poolPasswordRules?(signal: AbortSignal): Promise<PasswordRules | undefined>;
  readonly vehicles: Vehicles;
  readonly owners?: Owners;
  readonly onboarding?: Onboarding;
  readonly certificates?: Provisioner;
  readonly telemetry?: Telemetry;
  /** A simulator of the CMS itself, which sends for vehicles from the cloud. */
  readonly cloudSimulator?: CloudSimulator;
  /** What it can tell vehicles to do, where it can. */
  readonly commands?: RemoteCommands;
  /** What it warns of, where it does. */
  readonly alerts?: Alerts;
  readonly lists: readonly NamedList[];
  /** Of the doctor, besides those that every CMS has. */
  readonly checks: readonly Check[];
  /** What of a vehicle the CMS itself has; its certificates, thing and files are known without it. */
  removals(vehicle: VehicleRef, choices: OffboardChoices, signal: AbortSignal): Promise<Removals>;
}
