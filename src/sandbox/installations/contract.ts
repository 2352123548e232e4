import type { MessageListener } from '../broker/contract.ts';
import type { Context } from '../kernel/context.ts';
import type { UpgradeRequest } from '../kernel/edge/upgrade.ts';
import type { HttpRequest, HttpService } from '../kernel/http.ts';
import type { Aws } from '../services/services.ts';
import type { Overview } from './overview.ts';

/** One CMS to install, as it is asked for: `KIND:NAME[,KEY=VALUE…]`. */
export interface InstallationSpec {
  /** The generation, such as `cdf`. */
  readonly kind: string;
  readonly name: string;
  /** What differs from the defaults of its kind. */
  readonly with: Readonly<Record<string, string>>;
}

/** What was asked for cannot be installed; the message is a sentence for people. */
export class NotInstallable extends Error {}

/** One installed CMS, as the ready line and the health of the sandbox say it. */
export interface Installed {
  /** `KIND:NAME`, unique in a sandbox. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Its root stacks in CloudFormation by what they are to this kind; the first is what people know it by. */
  readonly stacks: Readonly<Record<string, string>>;
}

/** An option of the command line that concerns all installations of a kind. */
export interface KindOption<Value> {
  /** For the help: `MODE`. */
  readonly value: string;
  readonly description: string;
  readonly default: Value;
  /** Throws StartError `bad-arguments`. @param option as it was given, such as `--asset-library-auth` */
  readonly read: (text: string, option: string) => Value;
}

/** What the options of each kind say, by the kind; the defaults of a kind that is absent. */
export type InstallationSettings = Readonly<Record<string, object>>;

/**
 * One generation of CMS that can be installed, any number of times.
 * @typeParam Settings what its own options say, by their names: `eventDelayMs` is `--event-delay-ms`
 */
export interface InstallationKind<Settings extends object = object> {
  readonly kind: string;
  readonly options: { readonly [Name in keyof Settings]: KindOption<Settings[Name]> };
  /** A shorter way than `--install` to name what is to be installed. */
  readonly shorthand?: {
    /** As the parser of the command line takes it: `--stack <STACK...>`. */
    readonly flags: string;
    readonly description: string;
    /** Throws NotInstallable. */
    read(text: string): InstallationSpec;
  };
  /** Why it cannot be installed beside others of its kind, in a sentence; undefined if it can. */
  problem(spec: InstallationSpec, others: readonly InstallationSpec[]): string | undefined;
  /** The root stacks; see `Installed`. Called with specs that have no problem. */
  stacks(spec: InstallationSpec): Readonly<Record<string, string>>;
  create(context: Context, aws: Aws, settings: Settings): Installer;
}

/** A call below `/_sandbox` that a generation brings. `segment` is what stands for the `*` of its path, decoded. */
export type AdministrationCall = (request: HttpRequest, segment: string) => unknown;

/** Makes and holds all installations of one kind in one sandbox. */
export interface Installer {
  /** Their APIs. They claim what is for one of the installations, whichever there are by then. */
  readonly services: readonly HttpService[];
  /** By method and path below `/_sandbox`, such as `GET /vehicles/*\/messages`. */
  readonly administration: Readonly<Record<string, AdministrationCall>>;
  /** For the sandbox's page, of all its installations together. */
  readonly overview?: () => Overview;
  /**
   * Makes everything the state lacks of one installation. Called when it is added, which is at each start, too, and
   * again after a reset: then `reload` was called before.
   */
  install(spec: InstallationSpec): Promise<void>;
  /** The state was emptied: forgets what was derived from it. */
  reload(): void;
  /** Gets everything that devices publish. */
  readonly onMessage: MessageListener;
  /** Takes a connection that asks for another protocol, if it is for one of its addresses. */
  readonly upgrade?: (request: UpgradeRequest) => boolean;
  /** Whether it has a topic rule of this name. */
  readonly isRule?: (name: string) => boolean;
}
