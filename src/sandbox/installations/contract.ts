import type { MessageListener } from '../broker/contract.ts';
import type { Context } from '../kernel/context.ts';
import type { HttpRequest, HttpService } from '../kernel/http.ts';
import type { Aws } from '../services/services.ts';
import type { CdfSettings } from './cdf/contract.ts';

/** One CMS to install, as it is asked for: `KIND:NAME[,KEY=VALUE…]`. */
export interface InstallationSpec {
  /** The generation, such as `cdf`. */
  readonly kind: string;
  readonly name: string;
  /** What differs from the defaults of its kind. */
  readonly with: Readonly<Record<string, string>>;
}

/** One installed CMS, as the ready line and the health of the sandbox say it. */
export interface Installed {
  /** `KIND:NAME`, unique in a sandbox. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Its root stacks in CloudFormation by what they are to this kind; the first is what people know it by. */
  readonly stacks: Readonly<Record<string, string>>;
}

/** Options of the command line that concern all installations of a kind. */
export interface InstallationSettings {
  readonly cdf: CdfSettings;
}

/** One generation of CMS that can be installed, any number of times. */
export interface InstallationKind {
  readonly kind: string;
  /** Why it cannot be installed beside others of its kind, in a sentence; undefined if it can. */
  problem(spec: InstallationSpec, others: readonly InstallationSpec[]): string | undefined;
  /** The root stacks; see `Installed`. Called with specs that have no problem. */
  stacks(spec: InstallationSpec): Readonly<Record<string, string>>;
  create(context: Context, aws: Aws, settings: InstallationSettings): Installer;
}

/** A call below `/_sandbox` that a generation brings. `segment` is what stands for the `*` of its path, decoded. */
export type AdministrationCall = (request: HttpRequest, segment: string) => unknown;

/** Makes and holds all installations of one kind in one sandbox. */
export interface Installer {
  /** Their APIs. They claim what is for one of the installations, whichever there are by then. */
  readonly services: readonly HttpService[];
  /** By method and path below `/_sandbox`, such as `GET /vehicles/*\/messages`. */
  readonly administration: Readonly<Record<string, AdministrationCall>>;
  /**
   * Makes everything the state lacks of one installation. Called when it is added, which is at each start, too, and
   * again after a reset: then `reload` was called before.
   */
  install(spec: InstallationSpec): Promise<void>;
  /** The state was emptied: forgets what was derived from it. */
  reload(): void;
  /** Gets everything that devices publish. */
  readonly onMessage: MessageListener;
  /** Whether it has a topic rule of this name. */
  readonly isRule?: (name: string) => boolean;
}
