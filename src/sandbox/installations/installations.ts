import type { MessageListener } from '../broker/contract.ts';
import type { Context } from '../kernel/context.ts';
import type { UpgradeRequest } from '../kernel/edge/upgrade.ts';
import type { HttpService } from '../kernel/http.ts';
import { present } from '../kit/present.ts';
import type { Aws } from '../services/services.ts';
import { MOST_MESSAGES, type Overview } from './overview.ts';
import { cdf } from './cdf/cdf.ts';
import { cmGuidance } from './cmGuidance/cmGuidance.ts';
import { cmsOnAws } from './cmsOnAws/cmsOnAws.ts';
import {
  type AdministrationCall,
  type Installed,
  type InstallationKind,
  type InstallationSettings,
  type InstallationSpec,
  type Installer,
  type KindOption,
  NotInstallable,
} from './contract.ts';

/** What can be installed. A new generation is a folder beside this file, and a word here. */
export const kinds: readonly InstallationKind[] = [cdf, cmsOnAws, cmGuidance];

/** What is installed when nothing is asked for. */
export const DEFAULT_INSTALLATION = 'cdf:dev1';

/** Reads `KIND:NAME[,KEY=VALUE…]`. Throws NotInstallable. */
export function readInstallation(text: string): InstallationSpec {
  const [, kind, name, rest = ''] = /^([^:,=]+):([^:,=]+)((?:,[^,=]+=[^,=]+)*)$/.exec(text) ?? [];
  if (kind === undefined || name === undefined) {
    throw new NotInstallable(`"${text}" is not of the form KIND:NAME[,KEY=VALUE…], such as cdf:dev1.`);
  }
  const pairs = rest.split(',').filter((pair) => pair !== '');
  const keys = pairs.map((pair) => pair.slice(0, pair.indexOf('=')));
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw new NotInstallable(`"${text}" says "${twice}" twice.`);
  return {
    kind,
    name,
    with: Object.fromEntries(pairs.map((pair, i) => [keys[i] ?? '', pair.slice(pair.indexOf('=') + 1)])),
  };
}

/** Throws NotInstallable if it cannot be installed beside the others. */
export function checkInstallation(
  spec: InstallationSpec,
  others: readonly InstallationSpec[],
  known: readonly InstallationKind[] = kinds,
): void {
  const kind = kindOf(spec, known);
  const same = others.filter((other) => other.kind === spec.kind);
  const problem = kind.problem(spec, same);
  if (problem !== undefined) throw new NotInstallable(problem);
  if (same.some(({ name }) => name === spec.name)) {
    throw new NotInstallable(`${idOf(spec)} can be given once.`);
  }
  const own = new Set(Object.values(kind.stacks(spec)));
  const foreign = others.filter((other) => other.kind !== spec.kind);
  for (const stack of foreign.flatMap((other) => Object.values(kindOf(other, known).stacks(other)))) {
    if (own.has(stack))
      throw new NotInstallable(`${idOf(spec)} needs the stack ${stack}, which is another one's.`);
  }
}

function kindOf({ kind }: InstallationSpec, known: readonly InstallationKind[]): InstallationKind {
  const found = known.find((each) => each.kind === kind);
  if (found !== undefined) return found;
  const names = known.map((each) => each.kind).join(', ');
  throw new NotInstallable(`There is no kind of CMS named "${kind}". Known: ${names}.`);
}

export function idOf({ kind, name }: InstallationSpec): string {
  return `${kind}:${name}`;
}

/** The options of a kind by their names. */
export function optionsOf(options: InstallationKind['options']): [name: string, KindOption<unknown>][] {
  return Object.entries(options) as [string, KindOption<unknown>][];
}

function defaultsOf({ options }: InstallationKind): object {
  return Object.fromEntries(optionsOf(options).map(([name, { default: otherwise }]) => [name, otherwise]));
}

function isSame(a: InstallationSpec, b: InstallationSpec): boolean {
  const keys = new Set([...Object.keys(a.with), ...Object.keys(b.with)]);
  return idOf(a) === idOf(b) && [...keys].every((key) => a.with[key] === b.with[key]);
}

/** Everything that is installed in one sandbox. */
export interface Installations {
  readonly services: readonly HttpService[];
  readonly administration: Readonly<Record<string, AdministrationCall>>;
  readonly onMessage: MessageListener;
  readonly isRule: (name: string) => boolean;
  /** Whether one of them took a connection that asks for another protocol. */
  readonly upgrade: (request: UpgradeRequest) => boolean;
  /** Of all kinds together. */
  overview(): Overview;
  /** In the order in which they came. */
  list(): Installed[];
  /**
   * Adds one, and makes what the state lacks of it. What is installed already, just so, stays as it is.
   * Resolves with whether it is new; throws NotInstallable.
   */
  add(spec: InstallationSpec): Promise<boolean>;
  /** Has the state emptied, and installs the same again. */
  again(empty: () => void): Promise<void>;
}

export function createInstallations(
  context: Context,
  aws: Aws,
  settings: InstallationSettings,
  known: readonly InstallationKind[] = kinds,
): Installations {
  const installers = new Map<string, Installer>(
    known.map((each) => [
      each.kind,
      each.create(context, aws, { ...defaultsOf(each), ...settings[each.kind] }),
    ]),
  );
  const all = [...installers.values()];
  const specs: InstallationSpec[] = [];
  const installerOf = ({ kind }: InstallationSpec): Installer =>
    present(installers.get(kind), `The kind ${kind}`);

  /** One after the other: two that come at once must not both make what they share, nor lose it to a reset. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    services: all.flatMap(({ services }) => services),
    administration: Object.assign({}, ...all.map(({ administration }) => administration)) as Record<
      string,
      AdministrationCall
    >,
    onMessage(message) {
      for (const installer of all) installer.onMessage(message);
    },
    isRule: (name) => all.some((installer) => installer.isRule?.(name) === true),
    upgrade: (request) => all.some((installer) => installer.upgrade?.(request) === true),
    overview() {
      const each = all.flatMap(({ overview }) => overview?.() ?? []);
      return {
        vehicles: each.flatMap(({ vehicles }) => vehicles),
        messages: each
          .flatMap(({ messages }) => messages)
          .sort((a, b) => b.receivedAt.localeCompare(a.receivedAt))
          .slice(0, MOST_MESSAGES),
      };
    },
    list: () =>
      specs.map((spec) => ({
        id: idOf(spec),
        kind: spec.kind,
        name: spec.name,
        stacks: kindOf(spec, known).stacks(spec),
      })),
    add: (spec) =>
      inTurn(async () => {
        if (specs.some((other) => isSame(spec, other))) return false;
        checkInstallation(spec, specs, known);
        await installerOf(spec).install(spec);
        specs.push(spec);
        return true;
      }),
    again: (empty) =>
      inTurn(async () => {
        empty();
        for (const installer of all) installer.reload();
        for (const spec of specs) await installerOf(spec).install(spec);
      }),
  };
}
