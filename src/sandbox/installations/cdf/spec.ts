import { type InstallationKind, type InstallationSpec, NotInstallable } from '../contract.ts';
import type { CmsStackSpec } from './contract.ts';

/** The core of the documented installation, which every CMS has that names no other. */
const DEFAULT_CORE = 'cdf-core-development';
const PREFIX = 'cms-';
const KEYS = ['stack', 'core'];
/** CloudFormation's pattern. Names become parts of ids and of keys: it leaves no room for a path. */
const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

/** `cdf:NAME`: the stack `cms-NAME` or `stack`, with the core `core`. */
export function stacksOf({ name, with: given }: InstallationSpec): CmsStackSpec {
  return { name: given.stack ?? `${PREFIX}${name}`, core: given.core ?? DEFAULT_CORE };
}

/** `--stack NAME[:CORE]`. */
export const shorthand: NonNullable<InstallationKind['shorthand']> = {
  flags: '--stack <STACK...>',
  description: 'CMS v1 to install, each by its stack: NAME, or NAME:CORE with its CDF core stack',
  read(text) {
    const [name = '', core, ...more] = text.split(':');
    if (more.length > 0) throw new NotInstallable('a stack is given as NAME or NAME:CORE.');
    return installationOf(name, core);
  },
};

function installationOf(stack: string, core: string = DEFAULT_CORE): InstallationSpec {
  const short = stack.startsWith(PREFIX) ? stack.slice(PREFIX.length) : '';
  return {
    kind: 'cdf',
    name: short === '' ? stack : short,
    with: {
      ...(short === '' ? { stack } : {}),
      ...(core === DEFAULT_CORE ? {} : { core }),
    },
  };
}

/** Why it cannot be installed beside the others. */
export function problemOf(spec: InstallationSpec, others: readonly InstallationSpec[]): string | undefined {
  const unknown = Object.keys(spec.with).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    return `cdf has no "${unknown}", only ${KEYS.map((key) => `${key}=`).join(' and ')}.`;
  const own = stacksOf(spec);
  const wrong = [own.name, own.core].find((name) => !STACK_NAME.test(name));
  if (wrong !== undefined) {
    return `"${wrong}": a stack name is a letter and then up to 127 letters, digits and hyphens.`;
  }
  const stacks = [own, ...others.map(stacksOf)];
  const names = stacks.map(({ name }) => name);
  if (names.indexOf(own.name, 1) > 0) return `The stack ${own.name}: each CMS stack can be given once.`;
  const shared = stacks.find(({ core }) => names.includes(core));
  return shared && `${shared.core} cannot be a CMS stack and a CDF core stack.`;
}
