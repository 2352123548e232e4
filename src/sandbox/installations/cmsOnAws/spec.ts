import type { InstallationSpec } from '../contract.ts';

/** Connected Mobility Solution on AWS (SO0241), as `--install cms-on-aws:<app id>` describes it. */
export interface CmsOnAwsSpec {
  /** AppUniqueId. */
  readonly app: string;
  /** The identity provider's id. Several may share one. */
  readonly idp: string;
  /** The name of the network. */
  readonly vpc: string;
  /** The modules that are deployed, beside `config`. */
  readonly modules: readonly Module[];
  /** Milliseconds from a registry event to what it causes. */
  readonly postDelayMs: number;
}

/** The modules with an app id, in the order in which `make deploy` deploys them; it leaves `ui` out. */
export const MODULES = [
  'auth',
  'connect-store',
  'alerts',
  'api',
  'provisioning',
  'predictive-maintenance',
  'vehicle-simulator',
  'ui',
] as const;
export type Module = (typeof MODULES)[number];

/** AppUniqueId's own pattern. */
const APP = /^(?!-)[a-z0-9-]{3,10}(?<!-)$/;
const KEYS = ['idp', 'vpc', 'ui', 'without', 'post-delay-ms'];
const LONGEST_DELAY_MS = 600_000;

export function specOf({ name, with: given }: InstallationSpec): CmsOnAwsSpec {
  const without = (given.without ?? '').split('+');
  return {
    app: name,
    idp: given.idp ?? 'cms',
    vpc: given.vpc ?? 'cms',
    modules: MODULES.filter((module) => (module === 'ui' ? given.ui === 'yes' : !without.includes(module))),
    postDelayMs: Number(given['post-delay-ms'] ?? 300),
  };
}

/** Why it cannot be installed. */
export function problemOf({ name, with: given }: InstallationSpec): string | undefined {
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    return `cms-on-aws has no "${unknown}", only ${KEYS.map((key) => `${key}=`).join(', ')}.`;
  }
  if (!APP.test(name)) {
    return `"${name}": an app id is 3 to 10 small letters, digits and hyphens, with no hyphen at either end.`;
  }
  for (const key of ['idp', 'vpc']) {
    if (given[key] !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9-]{0,30}$/.test(given[key])) {
      return `${key}="${given[key]}": up to 31 letters, digits and hyphens, with no hyphen at the beginning.`;
    }
  }
  if (given.ui !== undefined && given.ui !== 'yes' && given.ui !== 'no') return 'ui= is yes or no.';
  const missing = given.without?.split('+').find((module) => !MODULES.some((known) => known === module));
  if (missing !== undefined) {
    return `without= knows no module "${missing}", only ${MODULES.join(', ')}; several are joined by "+".`;
  }
  const delay = given['post-delay-ms'] ?? '0';
  if (!/^\d{1,6}$/.test(delay) || Number(delay) > LONGEST_DELAY_MS) {
    return `post-delay-ms= is a number of milliseconds up to ${LONGEST_DELAY_MS}.`;
  }
  return undefined;
}

/** Its root stacks; that of the module `config` is what people know it by. */
export function stacksOf(spec: CmsOnAwsSpec): Record<string, string> {
  const { app, idp, vpc, modules } = spec;
  return {
    config: stackName(app, 'config'),
    ...Object.fromEntries(modules.map((module) => [module, stackName(app, module)])),
    'auth-setup': `${idp}-auth-setup`,
    vpc: `${vpc}-vpc`,
  };
}

export function stackName(app: string, module: Module | 'config'): string {
  return `${app}-app--cms-${module}`;
}
