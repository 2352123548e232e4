import type { Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { EncodedMessage } from '../../telemetry/sample.ts';
import type { OnboardRequest } from './fields.ts';
import type { MintedIdentity, ProvisionWishes } from './provisioner.ts';
import type { Shared } from './shared.ts';
import type { RunStep } from './steps.ts';
import type { LiveVehicle } from './vehicles.ts';

/** How a deployment takes vehicles in. Its steps look first, then create, and are safe to run again. */
export interface Onboarding {
  /** Once, however many vehicles follow: such as signing in. */
  prepare(run: RunStep): Promise<void>;
  /** One vehicle, from a request that `OnboardingFields` has checked. */
  onboard(request: OnboardRequest, kit: OnboardKit): Promise<Onboarded>;
}

/** What the steps of one vehicle are run with. */
export interface OnboardKit {
  readonly run: RunStep;
  /** For what vehicles of one run share. */
  readonly shared: Shared;
  /** Warns people at once, and in the result. */
  readonly warn: (message: Message) => void;
  /** For a wait in which nothing is done for the vehicle: others of the run are worked on meanwhile. */
  readonly aside: <T>(wait: () => Promise<T>) => Promise<T>;
  /** What all vehicles share for their certificates; nothing where the CMS brings it. */
  setup(wishes: ProvisionWishes, work: Work): Promise<{ result: 'found' | 'repaired' | 'created' }>;
  /** Gives the vehicle its certificate, or finds the one it has. */
  provision(vehicle: VehicleRef, wishes: ProvisionWishes, work: Work): Promise<Provisioned>;
  /** Gives it another certificate in place of the one it has, which is taken out of service once the new one has connected. */
  renew(vehicle: VehicleRef, wishes: ProvisionWishes, work: Work): Promise<Provisioned>;
  /** Connects as the vehicle and sends; resolves when AWS IoT has acknowledged all. */
  publish(
    vehicle: VehicleRef,
    provisioned: Provisioned,
    messages: readonly EncodedMessage[],
    work: Work,
  ): Promise<void>;
}

export interface Provisioned {
  result: 'found' | 'created';
  identity: {
    identity: MintedIdentity;
    certificateId: string;
    files: { certificate: string; privateKey: string };
  };
  certificateArn: string;
  files: string[];
}

/** A vehicle that was taken in. */
export interface Onboarded {
  vehicle: VehicleRef;
  provisioned: Provisioned;
  /** As the CMS shows it, if it does. */
  live: LiveVehicle | undefined;
  /** What else is worth saying: a line each. */
  lines: readonly { readonly label: Message; readonly value: string }[];
  /** For JSON: ids and names that only this generation has. */
  own: Readonly<Record<string, unknown>>;
}
