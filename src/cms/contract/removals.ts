import type { Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';

/** One thing that will be removed. */
export interface Removal {
  /** Names it in progress, errors and tests. */
  readonly kind: string;
  /** "thing SIMULATED-1". */
  readonly what: Message;
  /** What it is, by stable keys, for JSON: `thingName`, `deviceId`. */
  readonly about: Readonly<Record<string, unknown>>;
  /** A no-op when it is gone already. Whether it removed something, or why that stays after all. */
  remove(work: Work): Promise<boolean | { stays: Message }>;
}

/** What the CMS has of a vehicle. Certificates, thing and files go in between. */
export interface Removals {
  readonly first: readonly Removal[];
  readonly last: readonly Removal[];
  /** Ids of certificates that the CMS itself names as the vehicle's. Whose they are is asked of AWS IoT all the same. */
  readonly certificateIds?: readonly string[];
  /** Why thing, certificates and files stay, as a sentence, where they belong to another deployment. */
  readonly othersOwn?: Message | undefined;
  /**
   * Where other vehicles may have the same thing: of the certificates attached to it only those go that the CMS
   * names, or whose key the vehicle's files have, and it stays with any other. A message says why it certainly is shared: then it stays, and only
   * the certificates that the CMS names go.
   */
  readonly sharedThing?: 'perhaps' | Message | undefined;
  /** What stays although one may expect otherwise, and why. */
  readonly keeps: readonly Message[];
}

/** Something that can be removed, too. */
export interface OffboardOption {
  /** Key of `OffboardChoices`; the flag is the same in kebab case. */
  readonly name: string;
  /** For the help of the command line: "also remove this CMS user". */
  readonly description: string;
}

/** By the name of its `OffboardOption`. */
export type OffboardChoices = Readonly<Record<string, string | undefined>>;
