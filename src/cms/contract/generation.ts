import type { Connection } from '../../aws/connection.ts';
import type { Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Credentials } from './credentials.ts';
import type { Deployment, Fact } from './deployment.ts';
import type { OnboardingFields } from './fields.ts';
import type { ListInfo } from './lists.ts';
import type { OffboardOption } from './removals.ts';
import type { ListedStack, StackInfo } from './stacks.ts';
import type { StackState } from './stackState.ts';

/** A line of Connected Mobility that AWS publishes, such as `cdf` for CMS v1. */
export type GenerationId = string;

/** A deployment found in an account, and whether it can be worked with. */
export interface FoundDeployment {
  readonly generation: GenerationId;
  /** Tells it from the others of its generation in an account and region; in CMS v1 the name of its stack. */
  readonly name: string;
  /** The stack people know it by. */
  readonly stack: StackInfo;
  /** The other stacks it is made of, by what they are to it. */
  readonly parts: Readonly<Record<string, StackInfo>>;
  /** `ready`, or why not, in words for people. */
  readonly state: StackState;
}

/** Everything the rest of the product knows of one generation; `src/cms/generations.ts` lists them. */
export interface Generation {
  readonly id: GenerationId;
  /** For people: "CMS v1". */
  readonly label: string;
  /** The deployments of this generation among the stacks of a region. */
  recognise(stacks: readonly ListedStack[]): FoundDeployment[];
  /** What is worth a column or a line of a deployment that was found, besides its stack. */
  facts(found: FoundDeployment): readonly Fact[];
  /**
   * Makes one of them ready to work on; nothing is changed and nobody is asked for a password. Absent for a generation
   * that is recognised, but not supported.
   * @throws CmsError STACK_NOT_READY, STACK_OUTPUT_MISSING, STACK_PAIRING_WRONG
   */
  open?(
    connection: Connection,
    found: FoundDeployment,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<Deployment>;
  /** What is asked for when a vehicle is onboarded; absent if that is not possible. */
  readonly onboarding?: OnboardingFields;
  /** What else than fields of the onboarding is among the attributes of a vehicle, for people. */
  readonly attributes?: Readonly<Record<string, Message>>;
  /** The names of a vehicle, where they follow from its VIN; absent where only the CMS knows them. */
  readonly refOf?: (vin: string) => VehicleRef;
  /** What its deployments have lists of. */
  readonly lists: readonly ListInfo[];
  /** What can be chosen at offboarding. */
  readonly offboarding: readonly OffboardOption[];
  /** Stacks named by hand, where they do not say themselves which belong together. */
  readonly choose?: ChooseParts;
}

/** Finds a deployment by the names of its stacks, for a role that may read these stacks only. */
export interface ChooseParts {
  /** What the other stack is to a deployment (`FoundDeployment.parts`); `core` is named by `--core`. */
  readonly part: string;
  /** For the help of that option. */
  readonly description: string;
  /** Undefined if the stacks are not of this generation. @throws CmsError STACK_PAIRING_WRONG */
  pair(stack: ListedStack, part: ListedStack, right?: StackInfo): FoundDeployment | undefined;
  /** The stacks that may be such a part, for a remedy. */
  candidates(stacks: readonly ListedStack[]): readonly ListedStack[];
  /** "CDF core stacks here: …", or that there are none. */
  here(candidates: readonly StackInfo[]): Message;
}
